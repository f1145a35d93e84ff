// Mends Sphinx's search: numbers and symbols are found, an excerpt is what the page shows, and a result
// leads to the section it is from. What it needs beyond Sphinx's index, search_words.py has added there.
// Loaded by the search page alone, between Sphinx's script and the index.

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

// --- sections ---------------------------------------------------------------------------

const MOST = 2; // sections of a page

/** The place of each word in the index; words in their order have no list of their own there. */
let order;

/** The sections that hold a word: of each page the one first that says it most often. */
function sectionsOf(word) {
  let number = 0;
  return Search._index.sectionterms[order.get(word)].map((more) => (number += more));
}

/** The sections that hold a word, or where none does, a longer one with the word in it. */
function holding(word) {
  const { terms, titleterms } = Search._index;
  const words = new Set([...Object.keys(terms), ...Object.keys(titleterms)]);
  order ??= new Map([...words].sort().map((each, place) => [each, place]));
  if (order.has(word)) return new Set(sectionsOf(word));
  const longer = word.length > 2 ? [...words].filter((term) => term.includes(word)) : [];
  return new Set(longer.flatMap(sectionsOf));
}

const pages = Search.performTermsSearch;
Search.performTermsSearch = (wanted, excluded) => {
  const { sections, docnames } = Search._index;
  const each = [...wanted].map(holding);
  const common = each.length ? [...each[0]].filter((section) => each.every((all) => all.has(section))) : [];
  const within = Map.groupBy?.(common, (section) => docnames[sections[section][0]]) ?? new Map();
  return pages(wanted, excluded).flatMap((page) => {
    const [name, title, , description, score, file] = page;
    const found = within.get(name) ?? [];
    if (found.length === 0) return [page];
    return found.slice(0, MOST).map((section) => {
      const [, anchor, heading] = sections[section];
      return [name, `${title} > ${heading}`, `#${anchor}`, description, score, file];
    });
  });
};

// --- symbols ----------------------------------------------------------------------------

const GREEK = "α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta κ kappa λ lambda μ mu ν nu"
  + " ξ xi π pi ρ rho σ sigma τ tau φ phi χ chi ψ psi ω omega ∂ partial ∞ infty";
const NAMES = new Map(GREEK.match(/\S+ \S+/g).map((pair) => pair.split(" ")));

const whole = Search._performSearch;
Search._performSearch = (query, ...rest) => {
  const { symbols = {}, notation, docnames, titles, filenames } = Search._index;
  const typed = [...query.toLowerCase()].map((sign) => NAMES.get(sign) ?? sign).join("")
    .replace(/[\s\\^_{}$~,]/g, "");
  const rows = Object.hasOwn(symbols, typed) ? symbols[typed] : [];
  // The last of the list is shown first.
  const name = query.trim().replace(/[&<]/g, "");
  return [...whole(query, ...rest), ...rows.map(([anchor, chapter]) => [
    docnames[notation], `${titles[notation]} > ${name} (${chapter})`, `#${anchor}`, null, 200, filenames[notation],
  ]).reverse()];
};

// --- excerpts ---------------------------------------------------------------------------

const UNSEEN = "script, style, noscript, [hidden], .visually-hidden, .headerlink, mjx-assistive-mml";
const AROUND = 120; // characters

const words = (node) => node.textContent.replace(/\s+/g, " ").trim();

/** Sphinx asks for a page once a result. It is fetched and read once. */
const texts = new Map();
const ask = globalThis.fetch;
globalThis.fetch = async (url) => {
  if (!texts.has(url)) texts.set(url, ask(url).then((response) => response.text()));
  return { text: () => texts.get(url) };
};
const read = new Map();
function page(html) {
  if (!read.has(html)) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    for (const node of parsed.querySelectorAll(UNSEEN)) node.remove();
    read.set(html, parsed);
  }
  return read.get(html);
}

Search.makeSearchSummary = (html, terms, anchor) => {
  const place = anchor ? page(html).getElementById(anchor.slice(1)) : null;
  // Of a term in the glossary the definition, of a symbol its row.
  const text = words((place?.matches("dt") ? place.nextElementSibling : place?.closest("tr") ?? place)
    ?? page(html).querySelector("article") ?? page(html).body);
  const places = [...terms].map((term) => text.toLowerCase().indexOf(term));
  const start = Math.max(0, Math.min(...places.filter((place) => place >= 0), text.length) - AROUND);
  const from = start < text.length - AROUND ? start : 0;
  const summary = document.createElement("p");
  summary.className = "context";
  summary.textContent = (from > 0 ? "…" : "") + text.slice(from, from + 2 * AROUND)
    + (from + 2 * AROUND < text.length ? "…" : "");
  return summary;
};
