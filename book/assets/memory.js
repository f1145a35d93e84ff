"use strict";
// What the book remembers of its reader, on this device alone: answers, by page and question, and where
// the reader was. The contents show what is right; the first page leads back, and saves, loads and erases.
{
  const ANSWERS = "latch-answers";
  const PLACE = "latch-place";
  const root = document.documentElement;
  const article = document.querySelector(".bd-article");
  const here = DOCUMENTATION_OPTIONS.pagename;
  const links = [...document.querySelectorAll("#pst-primary-sidebar li a[href]")];
  const onFirstPage = document.getElementById("hold");

  // --- storage --------------------------------------------------------------------------

  function load(key) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      return {}; // written by something else
    }
  }

  /** Keep something, and say whether there was room for it. If not, the book forgets. */
  function save(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // --- the contents ---------------------------------------------------------------------

  const right = (answers) => Object.values(answers ?? {}).filter((one) => one.state === "right").length;
  const counted = (count) => `${count} right ${count === 1 ? "answer" : "answers"}`;

  function mark() {
    const answers = load(ANSWERS);
    for (const link of links) {
      const page = new URL(link.href).pathname.match(/([^/]+\/[^/]+)\.html$/)?.[1];
      const count = right(answers[page]);
      link.querySelector(".remembered")?.remove();
      if (!count) continue;
      link.append(make("span", { class: "remembered", title: counted(count) },
        make("span", { "aria-hidden": "true" }, ` ✓\u00a0${count}`),
        make("span", { class: "visually-hidden" }, `, ${counted(count)}`)));
    }
  }

  // --- answers --------------------------------------------------------------------------

  /** The questions of the page by name; of two of one name the second is called …-2. */
  function questions() {
    const named = new Map();
    for (const node of article.querySelectorAll(".lq")) {
      const name = node.dataset.question;
      let key = name;
      for (let k = 2; named.has(key); k++) key = `${name}-${k}`;
      named.set(key, node);
    }
    return named;
  }

  /** How often a drill was right, and tried, since the page was opened. */
  const tally = (node) => (node.querySelector(".lq-count").textContent.match(/\d+/g) ?? [0, 0]).map(Number);

  const before = load(ANSWERS)[here] ?? {};

  function remember(node) {
    const [key] = [...questions()].find(([, each]) => each === node);
    const answers = load(ANSWERS);
    const own = (answers[here] ??= {});
    if (node.querySelector(".lq-count")) {
      const [good, tried] = tally(node);
      own[key] = { right: good + (before[key]?.right ?? 0), tried: tried + (before[key]?.tried ?? 0) };
    } else {
      const { state } = node.querySelector(".lq-said").dataset;
      if (state === "unread") return;
      const answer = node.querySelector("input[type=text], input:checked").value;
      own[key] = { answer, state };
    }
    save(ANSWERS, answers);
    mark();
  }

  /** Put an answer back where the reader has given none, and say how it was, but not aloud. */
  function restore(node, { answer, state, right: good, tried }) {
    const said = node.querySelector(".lq-said");
    if (said.dataset.state) return;
    const count = node.querySelector(".lq-count");
    if (count) {
      if (tried) count.before(make("p", { class: "lq-count" }, `Before: right ${good} of ${tried}`));
      return;
    }
    const text = node.querySelector("input[type=text]");
    if (text?.value) return;
    if (text) text.value = answer;
    else for (const each of node.querySelectorAll("input[type=radio]")) each.checked = each.value === answer;
    said.setAttribute("aria-live", "off");
    said.textContent = state === "right" ? "You had this right." : "This was not right yet.";
    requestAnimationFrame(() => setTimeout(() => said.removeAttribute("aria-live")));
  }

  function start() {
    if (root.dataset.widgets !== "ready") return;
    drawn.disconnect();
    for (const [key, node] of questions()) if (before[key]) restore(node, before[key]);
    new MutationObserver((changes) => {
      for (const { target } of changes) if (target.dataset.state) remember(target.closest(".lq"));
    }).observe(article, { attributeFilter: ["data-state"], subtree: true });
  }
  const drawn = new MutationObserver(start);
  if (article) drawn.observe(root, { attributeFilter: ["data-widgets"] });

  // --- the place ------------------------------------------------------------------------

  // Where this page is in the contents one can go on reading it.
  const entry = links.find((link) => link.pathname === location.pathname);

  function words(heading) {
    const copy = heading.cloneNode(true);
    for (const each of copy.querySelectorAll(".headerlink, .tex, mjx-math")) each.remove();
    return copy.textContent.trim();
  }

  function keepPlace() {
    if (!entry || onFirstPage) return;
    const sections = [...article.querySelectorAll("section[id]")].filter((section) => (
      section.getBoundingClientRect().top < 120 && section.querySelector(":scope > :is(h2, h3)")
    ));
    const section = sections.at(-1);
    save(PLACE, {
      page: here,
      title: words(article.querySelector("h1")),
      id: section?.id ?? "",
      heading: section ? words(section.querySelector("h2, h3")) : "",
    });
  }
  addEventListener("pagehide", keepPlace);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keepPlace();
  });

  // --- the first page -------------------------------------------------------------------

  const FILE = "learning-to-latch-answers.json";
  const isText = (value) => typeof value === "string";
  const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
  const isRecord = (value, check) => (
    typeof value === "object" && value !== null && !Array.isArray(value)
    && Object.entries(value).every(([name, each]) => check(each, name))
  );
  const has = (value, checks) => (
    isRecord(value, (each, name) => Object.hasOwn(checks, name) && checks[name](each))
    && Object.keys(value).length === Object.keys(checks).length
  );
  const isState = (value) => value === "right" || value === "wrong";
  const isAnswer = (value) => (
    has(value, { answer: isText, state: isState })
    || (has(value, { right: isCount, tried: isCount }) && value.right <= value.tried)
  );
  const isPage = (value) => isText(value) && /^[\w-]+\/[\w-]+$/.test(value);
  const isPlace = (value) => (
    has(value, {}) || has(value, { page: isPage, title: isText, id: isText, heading: isText })
  );
  const isSaved = (value) => has(value, {
    answers: (pages) => isRecord(pages, (page, name) => isPage(name) && isRecord(page, isAnswer)),
    place: isPlace,
  });

  /** Add what a file holds to what is here, all or nothing; return what to tell the reader. */
  function take(text) {
    let read;
    try {
      read = JSON.parse(text);
    } catch {
      // It is refused like any other that is not ours.
    }
    if (!isSaved(read)) {
      return `This file was not loaded. Accepted is what “Save to a file” writes: ${FILE}, unchanged.`;
    }
    const answers = load(ANSWERS);
    let count = 0;
    for (const [page, saved] of Object.entries(read.answers)) {
      const own = (answers[page] ??= {});
      for (const [name, answer] of Object.entries(saved)) {
        const mine = own[name];
        // What is right here stays; of two tallies the longer one does.
        if (mine?.state === "right" || (mine?.tried ?? 0) > (answer.tried ?? 0)) continue;
        own[name] = answer;
        count += 1;
      }
    }
    const kept = localStorage.getItem(ANSWERS);
    const room = save(ANSWERS, answers) && (load(PLACE).page || save(PLACE, read.place));
    if (!room) {
      if (kept === null) localStorage.removeItem(ANSWERS);
      else localStorage.setItem(ANSWERS, kept);
      return "This file was not loaded: the browser has no room for it.";
    }
    return `Loaded: ${count} ${count === 1 ? "answer" : "answers"} from the file.`;
  }

  function button(name, action) {
    const made = make("button", { type: "button" }, name);
    made.addEventListener("click", action);
    return made;
  }

  /** Show what is remembered, and what can be done with it, in the place of what was shown. */
  function panel(message = "", focused = "") {
    const before = document.querySelector(".memory");
    const [answers, place] = [load(ANSWERS), load(PLACE)];
    const nothing = !place.page && !Object.keys(answers).length;
    const parts = [];
    if (place.page) {
      const address = `${root.dataset.content_root}${place.page}.html${place.id && `#${place.id}`}`;
      const where = [place.title, place.heading].filter((text) => text).join(", ");
      parts.push("Continue where you were: ", make("a", { href: address }, where), ". ");
    }
    const count = Object.values(answers).reduce((total, page) => total + right(page), 0);
    if (count) parts.push(`This device remembers ${counted(count)}. `);
    if (nothing) parts.push("Your answers are remembered on this device. Saved some on another? ");
    else {
      const data = new Blob([JSON.stringify({ answers, place }, null, 2)], { type: "application/json" });
      parts.push(make("a", { href: URL.createObjectURL(data), download: FILE }, "Save to a file"), " ");
    }
    const chosen = make("input", { type: "file", accept: ".json,application/json", hidden: "" });
    chosen.addEventListener("change", async () => {
      const said = take(await chosen.files[0].text());
      mark();
      panel(said, "Load from a file");
    });
    parts.push(button("Load from a file", () => chosen.click()), chosen, " ");
    if (!nothing) parts.push(button("Forget all", ask));
    const status = make("span", { role: "status" });
    const shown = make("p", { class: "memory d-print-none" }, ...parts, " ", status);
    // A reader who comes for the first time finds it at the end of the page.
    if (before) before.replaceWith(shown);
    else if (nothing) onFirstPage.parentElement.append(shown);
    else onFirstPage.after(shown);
    requestAnimationFrame(() => (status.textContent = message));
    if (focused) [...shown.querySelectorAll("button")].find((each) => each.textContent === focused)?.focus();
  }

  /** Ask before anything is erased. */
  function ask() {
    const keep = button("Keep them", () => panel("", "Forget all"));
    const forget = button("Erase", () => {
      localStorage.removeItem(ANSWERS);
      localStorage.removeItem(PLACE);
      mark();
      panel("Everything is forgotten.", "Load from a file");
    });
    const question = "Erase all answers and your place from this device? This cannot be undone.";
    for (const each of [keep, forget]) each.setAttribute("aria-describedby", "memory-question");
    document.querySelector(".memory").replaceChildren(
      make("span", { id: "memory-question" }, question), " ", forget, " ", keep,
    );
    keep.focus();
  }

  mark();
  if (onFirstPage) panel();
}
