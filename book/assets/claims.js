"use strict";
// The ledger of claims: those of a verdict, a source or a chapter, or with some words. What is chosen
// stands in the address, so that a selection can be linked to.
{
  const VERDICTS = ["proved", "certified", "measured", "corrected", "prose", "machine-checked"];
  const REST = 400; // milliseconds after which the count is said

  const article = document.querySelector(".bd-article");
  const claims = [...article.querySelectorAll("td [id^='claim-']")].map((anchor) => {
    const row = anchor.closest("tr");
    const section = row.closest("section");
    const [, source, verdict] = [...row.cells].map((cell) => cell.textContent.trim());
    return {
      row,
      section,
      verdict,
      source: source.split(",")[0],
      chapter: section.querySelector("h2 a").textContent,
      words: row.textContent.toLowerCase(),
    };
  });
  const counts = article.querySelectorAll("h1 ~ .pst-scrollable-table-container");
  const sections = [...new Set(claims.map(({ section }) => section))];

  // --- what can be chosen ---------------------------------------------------------------

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  const choice = (name, values) => make("select", { name },
    make("option", { value: "" }, `every ${name}`),
    ...values.map((value) => make("option", {}, value)));
  const distinct = (name) => [...new Set(claims.map((claim) => claim[name]))];
  const fields = {
    words: make("input", { type: "search", name: "words", autocomplete: "off" }),
    verdict: choice("verdict", VERDICTS),
    source: choice("source", distinct("source").sort()),
    chapter: choice("chapter", distinct("chapter")),
  };
  const count = make("p", { role: "status" });
  const all = make("button", { type: "button" }, "All claims");
  const form = make("form", { role: "search", "aria-label": "Claims", class: "claims-filter d-print-none" },
    ...Object.entries(fields).map(([name, field]) => (
      make("label", {}, name[0].toUpperCase() + name.slice(1), field)
    )),
    all, count);
  article.querySelector("h1 ~ p").after(form);

  // --- and what is shown ----------------------------------------------------------------

  let saying = 0;

  const chosen = () => Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value),
  );

  function show() {
    const wanted = chosen();
    const words = (wanted.words ?? "").toLowerCase().split(/\s+/);
    for (const claim of claims) {
      claim.row.hidden = !(words.every((word) => claim.words.includes(word))
        && claim.verdict.includes(wanted.verdict ?? "")
        && [claim.source, undefined].includes(wanted.source)
        && [claim.chapter, undefined].includes(wanted.chapter));
    }
    for (const section of sections) {
      section.hidden = claims.every((claim) => claim.section !== section || claim.row.hidden);
    }
    const some = Object.keys(wanted).length > 0;
    for (const table of counts) table.hidden = some;
    all.disabled = !some;
    const found = claims.filter(({ row }) => !row.hidden).length;
    clearTimeout(saying);
    saying = setTimeout(() => (count.textContent = `${found} of ${claims.length} claims`), REST);
    return wanted;
  }

  function choose() {
    const query = new URLSearchParams(show()).toString();
    try {
      history.replaceState(null, "", `${location.pathname}${query && `?${query}`}`);
    } catch {
      // A sandboxed frame keeps its address.
    }
  }

  function clear() {
    form.reset();
    choose();
  }

  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  all.addEventListener("click", () => {
    clear();
    fields.words.focus();
  });
  // A link leads to a claim, whatever is chosen.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[hidden]")) return;
    form.reset();
    show();
    target.scrollIntoView();
  });
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (fields[name]) fields[name].value = value;
  }
  show();
}
