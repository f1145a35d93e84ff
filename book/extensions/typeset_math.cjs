// Typesets TeX for typeset_math.py, so that a page needs no script to show its equations.
// node typeset_math.cjs MATHJAX FONTS: one JSON request a line, one JSON answer a line.
//   {"tex": "...", "display": true, "colours": [["a_t", "of-state"]]}  ->  {"html": "..."} or {"error": "..."}
//   {"stylesheet": true}             ->  {"css": "..."}, the rules that the answers so far need
"use strict";

const { join } = require("node:path");
const { createInterface } = require("node:readline");

const [mathjax, fonts] = process.argv.slice(2);

// --- colours ------------------------------------------------------------------------------

const GRADIENT = "of-gradient";

const isRow = ({ kind }) => ["math", "mrow", "inferredMrow", "TeXAtom"].includes(kind);

/** What a row holds, if that is one thing. */
function inner(node) {
  while (isRow(node) && node.childNodes.length === 1) [node] = node.childNodes;
  return node;
}

const textOf = (node) =>
  node.kind === "text" ? node.getText() : node.childNodes.map((child) => (child ? textOf(child) : "")).join("");

/** Letter, subscript and superscript. */
function nameOf(node) {
  const [base, ...scripts] = node.childNodes.map((child) => (child ? textOf(child) : ""));
  if (node.kind === "msub") return [base, scripts[0], ""];
  if (node.kind === "msup") return [base, "", scripts[0]];
  if (node.kind === "msubsup") return [base, ...scripts];
  return [textOf(node), "", ""];
}

/** The class of a symbol: of that name, else without a power, else, but not for a_+, of any index. */
function colourOf(node, named) {
  const [base, below, above] = nameOf(node);
  const power = /^[\dA-Za-z/]*$/.test(above);
  return named.get([base, below, above].join(" ")) ?? (power ? named.get([base, below, ""].join(" ")) : undefined)
    ?? (power && /^[\p{L}\d,−+]*[\p{L}\d]$/u.test(below) ? named.get(base) : undefined);
}

const begins = (node, sign) => {
  while (node && !["mi", "mo"].includes(node.kind)) [node] = node.childNodes ?? [];
  return node && textOf(node) === sign;
};

/** How many parts of a row from a place on are a gradient: the fraction, dC/dw, nabla C. */
function gradientAt(row, place) {
  const [node, ...rest] = row.slice(place);
  if (node.kind === "mfrac") return node.childNodes.every((part) => begins(part, "∂")) ? 1 : 0;
  if (begins(node, "∇") && rest.length) return 2;
  if (!begins(node, "∂")) return 0;
  const slash = rest.findIndex((part) => textOf(part) === "/");
  return slash >= 1 && slash <= 2 && begins(rest[slash + 1], "∂") && rest[slash + 2] ? slash + 4 : 0;
}

function paint(node, named) {
  const parts = node.childNodes;
  // The letter of a_- alone would be another symbol.
  const first = node.kind.startsWith("msu") && inner(parts[0]).kind === "mi" ? 1 : 0;
  for (let place = first; place < parts.length; place++) {
    const part = parts[place];
    if (!part?.childNodes) continue;
    const many = isRow(node) ? gradientAt(parts, place) : 0;
    const colour = many ? GRADIENT : isRow(part) || part.kind === "mfrac" ? undefined : colourOf(part, named);
    for (const one of parts.slice(place, place + Math.max(many, 1))) {
      if (colour) one.attributes.set("class", colour);
    }
    if (many) place += many - 1;
    else if (colour === undefined) paint(part, named);
  }
}

async function start() {
  const MathJax = await require(join(mathjax, "es5", "node-main.js")).init({
    loader: {
      load: ["input/tex-full", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"],
      // liteDOM carries no version, which would be warned of.
      versionWarnings: false,
    },
    // Without noundefined, which would set an unknown command in red in place of refusing it.
    tex: {
      packages: ["base", "ams", "newcommand", "boldsymbol", "cancel", "color"],
      formatError(_, error) { throw new Error(error.message); },
    },
    // The size of the text around is known to the browser alone: see typeset_math.py.
    chtml: { fontURL: fonts, matchFontHeight: false },
    options: { enableAssistiveMml: true },
  });
  const adaptor = MathJax.startup.adaptor;

  // A page has hundreds of equations: what each would say again stands in the stylesheet, or goes
  // without saying in HTML.
  const REPEATED = /(?<=<(?:mjx-container|mjx-assistive-mml|math)\b[^>]*) (?:class="MathJax"|style="position: relative;"|unselectable="on"|xmlns="[^"]*")/g;
  const lighter = (html) => html.replace(REPEATED, "").replace(/ class="of-\w+"/g, "");

  // Which parts of a formula have the class of a colour: see colours.py.
  let named = null;
  MathJax.startup.document.inputJax[0].postFilters.add(({ data }) => {
    if (named?.size) paint(data.root, named);
  });
  const families = new Map();

  /** The classes of symbols by their names; of those that have an index, by their letters too. */
  function family(colours) {
    const key = JSON.stringify(colours);
    if (!families.has(key)) {
      const found = new Map();
      named = null;
      for (const [tex, colour] of colours) {
        const end = MathJax._.core.MathItem.STATE.CONVERT;
        const [base, below, above] = nameOf(inner(MathJax.startup.document.convert(tex, { end })));
        found.set([base, below, above].join(" "), colour);
        if (/^[a-z]$/.test(below) && !above) found.set(base, colour);
      }
      families.set(key, found);
    }
    return families.get(key);
  }

  function answer({ tex, display, stylesheet, colours = [] }) {
    if (stylesheet) return { css: adaptor.textContent(MathJax.chtmlStylesheet()) };
    try {
      named = family(colours);
      return { html: lighter(adaptor.outerHTML(MathJax.tex2chtml(tex, { display }))) };
    } catch (error) {
      return { error: error.message };
    }
  }

  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
  }
}

start();
