// Bundle the front end: `node build.mjs STATIC [VENDOR]`.
// STATIC gets one module an explorable, and one for all questions; VENDOR, if given, what the built
// pages of the book share.
import { cp, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [staticFolder, vendorFolder] = process.argv.slice(2);
const EXPLORABLES = ["latch", "gradient", "rectangle", "survival", "ball", "plane", "discrete", "learning", "tables", "surface"];
const common = { bundle: true, minify: true, target: "es2022", legalComments: "eof", logLevel: "warning" };

// FORMULAS stays a free name: latchlib.formulas prints it in front of the bundle at run time.
await build({
  ...common,
  entryPoints: [...EXPLORABLES.map((name) => `${name}.js`), "questions.js", "questions.css"]
    .map((file) => join(here, file)),
  format: "esm",
  outdir: staticFolder,
});

if (vendorFolder) {
  await build({
    ...common,
    entryPoints: [join(here, "page", "loader.js")],
    format: "iife",
    outdir: vendorFolder,
  });
  await build({
    ...common,
    entryPoints: [join(here, "page", "widgets.js")],
    // anywidget ships as an AMD module, whose define() this answers.
    inject: [join(here, "page", "amd.js")],
    format: "iife",
    outfile: join(vendorFolder, "widgets.js"),
    loader: { ".css": "text", ".svg": "dataurl" },
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
  });
  const mathjax = dirname(createRequire(import.meta.url).resolve("mathjax/package.json"));
  const target = join(vendorFolder, "mathjax");
  for (const part of ["tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions"]) {
    await mkdir(dirname(join(target, part)), { recursive: true });
    await cp(join(mathjax, "es5", part), join(target, part), { recursive: true });
  }
}
