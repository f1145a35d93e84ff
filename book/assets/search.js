// Mends Sphinx's search: numbers are found, an excerpt is what the page shows, and a result leads to the
// section it is from. Loaded by the search page alone, between Sphinx's script and the index.

// From disk, and in a sandboxed frame, a page cannot be read: there is no excerpt.
if (origin === "null") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

const parse = Search._parseQuery;
Search._parseQuery = (query) => {
  const parsed = parse(query);
  const [, wanted, , highlighted] = parsed;
  for (const term of splitQuery(query)) {
    // Sphinx passes over whole numbers.
    if (/^\d+$/.test(term)) for (const terms of [wanted, highlighted]) terms.add(term);
  }
  return parsed;
};

const UNSEEN = "script, style, noscript, [hidden], .visually-hidden, .headerlink, mjx-assistive-mml";
const AROUND = 120; // characters

const words = (node) => node.textContent.replace(/\s+/g, " ").trim();

Search.makeSearchSummary = (html, terms, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const node of page.querySelectorAll(UNSEEN)) node.remove();
  const whole = page.querySelector("article") ?? page.body;
  const holds = (node) => [...terms].every((term) => words(node).toLowerCase().includes(term));
  const smallest = (node) => holds(node) && ![...node.querySelectorAll("section")].some(holds);
  const section = anchor ? page.getElementById(anchor.slice(1))
    : [...whole.querySelectorAll("section > section")].find(smallest);

  const text = words(section ?? whole);
  const places = [...terms].map((term) => text.toLowerCase().indexOf(term));
  const start = Math.max(0, Math.min(...places.filter((place) => place >= 0), text.length) - AROUND);
  const from = start < text.length - AROUND ? start : 0;
  const summary = document.createElement("p");
  summary.className = "context";
  summary.textContent = (from > 0 ? "…" : "") + text.slice(from, from + 2 * AROUND)
    + (from + 2 * AROUND < text.length ? "…" : "");

  // The link stands before the excerpt, once that is in its place.
  if (section && !anchor) queueMicrotask(() => {
    const link = summary.parentElement.querySelector("a");
    link.hash = section.id;
    link.append(` > ${words(section.querySelector("h1, h2, h3, h4"))}`);
  });
  return summary;
};
