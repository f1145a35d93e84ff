// Bundle the front end: `node build.mjs STATIC [VENDOR]`.
// STATIC gets what the explorables share and the rest of each, and one module for all questions;
// VENDOR, if given, what the built pages of the book share.
import { cp, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [staticFolder, vendorFolder] = process.argv.slice(2);
// An explorable is a file of Python and one of JavaScript with the same name.
const EXPLORABLES = (await readdir(join(here, ".."))).filter((file) => /^[a-z]\w*\.py$/.test(file))
  .map((file) => file.slice(0, -".py".length));
const common = { bundle: true, minify: true, target: "es2022", legalComments: "eof", logLevel: "warning" };

// FORMULAS stays a free name: latchlib.formulas prints it in front of the bundles at run time.
// SHARED is what the explorables share: a module of theirs is formulas, shared.js and its own part, one
// after the other, so that it stands alone in JupyterLab and a built page loads the first two once.
const shared = {
  ...common,
  entryPoints: [join(here, "shared.js")],
  alias: { "d3-interpolate": join(here, "interpolate.js") },
  outdir: staticFolder,
};
await build({ ...shared, format: "iife", globalName: "SHARED" });
const listed = await build({ ...shared, format: "esm", metafile: true, write: false });
const [{ exports: names }] = Object.values(listed.metafile.outputs);

const fromShared = {
  name: "from-shared",
  setup(own) {
    own.onResolve({ filter: /^(\.\/(common|phase)\.js|d3-.*)$/ }, ({ path }) => (
      { path, namespace: "shared", sideEffects: false }
    ));
    own.onLoad({ filter: /./, namespace: "shared" }, () => ({
      contents: names.map((name) => (
        `export const ${name} = /* @__PURE__ */ (() => SHARED.${name})();`
      )).join("\n"),
    }));
  },
};
await build({
  ...common,
  entryPoints: EXPLORABLES.map((name) => join(here, `${name}.js`)),
  format: "esm",
  outdir: staticFolder,
  plugins: [fromShared],
});
await build({
  ...common,
  entryPoints: ["questions.js", "explorable.css", "questions.css"].map((file) => join(here, file)),
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
  // Equations are set when the book is built; a page needs the fonts alone.
  const mathjax = dirname(createRequire(import.meta.url).resolve("mathjax/package.json"));
  const fonts = join("output", "chtml", "fonts", "woff-v2");
  await cp(join(mathjax, "es5", fonts), join(vendorFolder, "mathjax", fonts), { recursive: true });
}
