// What a page lets its reader do: fold all code, hear that something was copied, print what is
// folded, report an error with its place. Everything else works without a script.
const root = document.documentElement;
const KEY = "latch-code";

// --- a line for screen readers ----------------------------------------------------------

const status = document.createElement("p");
status.id = "page-status";
status.className = "visually-hidden";
status.setAttribute("role", "status");
document.body.append(status);

function say(text) {
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = text));
}

// --- code -------------------------------------------------------------------------------

const folds = [...document.querySelectorAll("details.fold-code")];
const asBuilt = new Map(folds.map((fold) => [fold, fold.open]));
const said = { hide: "All code is hidden", show: "All code is shown", reset: "Code is folded as the book does" };

function fold(choice) {
  for (const [each, open] of asBuilt) each.open = choice === "reset" ? open : choice === "show";
  delete root.dataset.code;
  for (const name of Object.keys(said)) {
    const button = document.querySelector(`.btn-code-${name}`);
    button?.setAttribute("aria-pressed", String(name === choice));
  }
}

/** Do something that moves the text, but not what the reader looks at. */
function keepingPlace(action) {
  const texts = document.querySelectorAll(".bd-article :is(h1, h2, h3, p, details, figure)");
  const seen = [...texts].find((node) => node.getBoundingClientRect().bottom > 60);
  const before = seen.getBoundingClientRect().top;
  const back = () => scrollBy({ top: seen.getBoundingClientRect().top - before, behavior: "instant" });
  // The browser would keep another place, and lays out what comes near only now.
  root.style.overflowAnchor = "none";
  action();
  back();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    back();
    root.style.overflowAnchor = "";
  }));
}

function remember(choice) {
  if (choice === "reset") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, choice);
}

if (folds.length > 0) {
  fold(root.dataset.code ?? "reset");
  for (const choice of Object.keys(said)) {
    document.querySelector(`.btn-code-${choice}`)?.addEventListener("click", () => {
      keepingPlace(() => fold(choice));
      remember(choice);
      say(said[choice]);
    });
  }
}

// --- layout -----------------------------------------------------------------------------

// What book.css leaves for later is laid out in pauses, in portions that keep nobody waiting; but at
// once for a link to a place on the page. <html data-layout> says "late", and "done" at the end. After
// each portion the browser goes through all that is there. So a very large page would keep a phone busy
// for seconds: there a section is laid out when it comes near, and only its height is guessed ("near").
const PORTION = 200; // elements
const LARGE = 25_000;
const idle = globalThis.requestIdleCallback ?? setTimeout;
const pieces = [...document.querySelectorAll(".bd-article > section > section")];

// What is laid out or drawn later may push away the place that a link led to. It is kept until the
// reader moves; the browser, which keeps another place, would undo it.
let followed = null;
let moved = false;
function follow(place) {
  followed = place;
  root.style.overflowAnchor = place ? "none" : "";
}
const keep = () => followed?.scrollIntoView({ behavior: "instant" });
const toTarget = () => follow(document.querySelector(":target"));
new ResizeObserver(keep).observe(document.body);
for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  addEventListener(kind, () => { moved = true; follow(null); }, { capture: true, passive: true });
}

function layOut(most) {
  for (let count = 0; pieces.length && count < most;) {
    const piece = pieces.shift();
    const size = piece.querySelectorAll("*").length;
    // A table or a paragraph cannot be taken apart.
    if (size > most && piece.matches("section, div, details")) {
      for (const part of piece.children) part.classList.add("late");
      pieces.unshift(...piece.children);
    } else count += size + 1;
    piece.classList.add("laid-out");
    piece.classList.remove("late");
  }
  keep();
  if (pieces.length) idle(() => layOut(PORTION), { timeout: 100 });
  else {
    root.dataset.layout = "done";
    dispatchEvent(new Event("laidout")); // for scrolling.js
  }
}
/** Guess the heights of what is not laid out, by that of the first section and the lengths of texts. */
function guess() {
  const [first] = pieces;
  first.classList.add("laid-out");
  const perLetter = first.offsetHeight / first.textContent.length;
  for (const piece of pieces) {
    piece.style.containIntrinsicBlockSize = `auto ${Math.round(perLetter * piece.textContent.length)}px`;
  }
  root.dataset.layout = "near";
}
addEventListener("load", () => {
  if (!moved) toTarget(); // which there is none of while the page is being read
  if (pieces.length && document.getElementsByTagName("*").length > LARGE) idle(guess, { timeout: 500 });
  else idle(() => layOut(PORTION), { timeout: 500 });
});
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("a[href*='#']");
  if (link?.pathname !== location.pathname) return;
  layOut(Infinity);
  // The browser goes there in its own time: it may not have, when the next thing is drawn.
  const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  setTimeout(() => follow(place));
}, true);

// --- copying ----------------------------------------------------------------------------

// A fraction is set as a table, for which browsers break the line that is copied.
document.addEventListener("copy", (event) => {
  const chosen = getSelection();
  const text = String(chosen).replace(/\s*\n \n(?=\$)/g, " ");
  if (!chosen.rangeCount || text === String(chosen)) return;
  const html = document.createElement("div");
  html.append(chosen.getRangeAt(0).cloneContents());
  event.clipboardData.setData("text/plain", text);
  event.clipboardData.setData("text/html", html.innerHTML);
  event.preventDefault();
});

// --- forms ------------------------------------------------------------------------------

// A sandboxed frame may not submit a form, neither a question's nor that of the search. But it may hear
// of it, and go to another page.
if (origin === "null") {
  HTMLFormElement.prototype.requestSubmit = function () {
    if (!this.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }))) return;
    const url = new URL(this.action);
    url.hash = "";
    url.search = new URLSearchParams(new FormData(this));
    location = url;
  };
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("button[type=submit]")?.form;
    if (form) event.preventDefault();
    form?.requestSubmit();
  });
  for (const form of document.querySelectorAll("form.bd-search")) {
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }
}

// --- addresses --------------------------------------------------------------------------

// A command that is typed elsewhere needs the whole of one.
for (const node of document.querySelectorAll("[data-address]")) {
  node.textContent = new URL(node.textContent, location.href).href;
}

// --- saving -----------------------------------------------------------------------------

// From disk a browser shows a file in the place of saving it: not in the place of the page.
if (location.protocol === "file:") {
  for (const link of document.querySelectorAll("a[download]")) link.target = "_blank";
}

// --- copying ----------------------------------------------------------------------------

addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll(".copybtn")) {
    const what = button.closest(".cell_output") ? "output" : "code";
    button.setAttribute("aria-label", `Copy this ${what}`);
  }
});
document.addEventListener("click", (event) => {
  // Its own handler has run: it has left in the tooltip how it went, and replaced the icon, which the
  // event may still name.
  const button = event.composedPath().find((node) => node.matches?.(".copybtn"));
  if (button) say(button.dataset.tooltip);
});

// --- printing ---------------------------------------------------------------------------

// On paper nothing can be unfolded, and paper is white.
let unfolded = [];
let theme;
addEventListener("beforeprint", () => {
  theme = root.dataset.theme;
  root.dataset.theme = "light";
  unfolded = [...document.querySelectorAll("details:not([open])")];
  for (const each of unfolded) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of unfolded) each.open = false;
  unfolded = [];
  root.dataset.theme = theme;
});

// --- reporting --------------------------------------------------------------------------

for (const link of document.querySelectorAll("a.report-error")) {
  const built = new URL(link.href);
  link.addEventListener("click", () => {
    const url = new URL(built);
    const where = url.searchParams.get("where");
    const here = location.protocol === "file:" ? location.hash : location.href;
    if (here) url.searchParams.set("where", `${where.trimEnd()} ${here} `.trimStart());
    link.href = url;
  });
}
