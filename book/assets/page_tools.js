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
  try {
    if (choice === "reset") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // A browser may forbid it; the page is folded all the same.
  }
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

// --- sections that are laid out late ----------------------------------------------------

// Where a section has not been laid out (content-visibility), its buttons lie at places that are
// guesses, over those of other sections: book.css hides them until the layout has come.
if ("oncontentvisibilityautostatechange" in root) {
  root.dataset.layout = "late";
  document.addEventListener(
    "contentvisibilityautostatechange",
    ({ target, skipped }) => skipped || target.classList.add("laid-out"),
    true,
  );
  // What had been laid out before this script came; one frame on, it is settled what had.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const section of document.querySelectorAll(".bd-article > section > section")) {
      const laidOut = section.firstElementChild?.checkVisibility({ contentVisibilityAuto: true });
      if (laidOut) section.classList.add("laid-out");
    }
  }));
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
document.addEventListener("click", ({ target }) => {
  // Its own handler has run, and left in the tooltip how it went.
  const button = target.closest?.(".copybtn");
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
