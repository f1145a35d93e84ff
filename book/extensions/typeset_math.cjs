// Typesets TeX for typeset_math.py, so that a page needs no script to show its equations.
// node typeset_math.cjs MATHJAX FONTS: one JSON request a line, one JSON answer a line.
//   {"tex": "...", "display": true}  ->  {"html": "..."} or {"error": "..."}
//   {"stylesheet": true}             ->  {"css": "..."}, the rules that the answers so far need
"use strict";

const { join } = require("node:path");
const { createInterface } = require("node:readline");

const [mathjax, fonts] = process.argv.slice(2);

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
  const lighter = (html) => html.replace(REPEATED, "");

  function answer({ tex, display, stylesheet }) {
    if (stylesheet) return { css: adaptor.textContent(MathJax.chtmlStylesheet()) };
    try {
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
