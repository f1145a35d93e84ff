"use strict";
// What the book remembers of its reader, on this device alone: answers, by page and question, and where
// the reader was. The contents show what is right, the first page leads back, saves and forgets.
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

  function save(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // It is full: then the book forgets.
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

  function panel() {
    document.querySelector(".memory")?.remove();
    const [answers, place] = [load(ANSWERS), load(PLACE)];
    if (!place.page && !Object.keys(answers).length) return;
    const parts = [];
    if (place.page) {
      const address = `${root.dataset.content_root}${place.page}.html${place.id && `#${place.id}`}`;
      const where = [place.title, place.heading].filter((text) => text).join(", ");
      parts.push("Continue where you were: ", make("a", { href: address }, where), ". ");
    }
    const count = Object.values(answers).reduce((total, page) => total + right(page), 0);
    if (count) parts.push(`This device remembers ${counted(count)}. `);
    const data = new Blob([JSON.stringify({ answers, place }, null, 2)], { type: "application/json" });
    const forget = make("button", { type: "button" }, "Forget all");
    forget.addEventListener("click", () => {
      localStorage.removeItem(ANSWERS);
      localStorage.removeItem(PLACE);
      mark();
      panel();
    });
    parts.push(
      make("a", { href: URL.createObjectURL(data), download: "learning-to-latch-answers.json" }, "Save to a file"),
      " ", forget,
    );
    onFirstPage.after(make("p", { class: "memory d-print-none" }, ...parts));
  }

  mark();
  if (onFirstPage) panel();
}
