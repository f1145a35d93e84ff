// Widgets on a built page: no kernel, no network. They are loaded and drawn one by one in pauses, once
// the page is laid out (page_tools.js), so that nothing grows under a reader's eyes; until then the
// page has their pictures. <html data-widgets> says "waiting", and "ready" when all are drawn; each
// view's script says data-drawn. An explorable needs a model and a place, which are made here; of a stock
// widget the page keeps its picture.
import { keep, read } from "./address.js";
import { PageModel, link } from "./model.js";

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

const here = document.currentScript.src;
const page = document.documentElement;
const loaded = new Map();

/** Load a script, once. Not by fetch: a page opened from disk may not. */
function load(src) {
  if (!loaded.has(src)) {
    loaded.set(src, new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src });
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${src} cannot be loaded`));
      document.head.append(script);
    }));
  }
  return loaded.get(src);
}

/** Run `job` once, whoever asks. */
function once(job) {
  let result;
  return () => (result ??= job());
}

/** Return a long text: its parts stand in files of their own, which widgets and pages share. */
async function text(value) {
  if (typeof value === "string") return value;
  await Promise.all(value.map(({ file }) => load(new URL(file, here).href)));
  return value.map(({ name }) => globalThis.latchTexts[name]).join("");
}

const states = once(async () => {
  for (const script of document.querySelectorAll(STATE)) await load(script.dataset.src);
  return Object.assign({}, ...globalThis.latchStates.map(({ state }) => state));
});

const models = once(async () => {
  const entries = Object.entries(await states());
  const found = new Map(entries.map(([id, entry]) => [id, new PageModel(entry)]));
  const end = ([reference, name]) => [found.get(reference.replace("IPY_MODEL_", "")), name];
  for (const [, { model_name: kind, state }] of entries) {
    if (kind.endsWith("LinkModel")) link(end(state.source), end(state.target), kind === "LinkModel");
  }
  return found;
});

const module = async (model) => {
  const source = await text(model.get("_esm"));
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return (await import(address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
};

const styles = new Set();
async function style(model) {
  const css = await text(model.get("_css") ?? "");
  if (styles.has(css)) return;
  styles.add(css);
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
}

async function show(script) {
  const { model_id: id } = JSON.parse(script.textContent);
  const model = (await models()).get(id);
  const [found] = await Promise.all([module(model), style(model)]);
  const el = Object.assign(document.createElement("div"), { className: "widget-host" });
  script.after(el);
  read(script, model);
  try {
    await found.initialize?.({ model });
    await found.render({ model, el });
    keep(script, model, el);
  } catch (error) {
    el.remove();
    throw error;
  }
  // The picture stood in for the widget until now.
  for (const picture of output(script).querySelectorAll(".explorable-static")) picture.hidden = true;
}

async function draw(script) {
  try {
    await show(script);
    script.dataset.drawn = "yes";
  } catch (error) {
    script.dataset.drawn = "no";
    console.error(error);
  }
}

/** The output around a view: a script itself takes no place on the page. */
function output(script) {
  return script.closest(".cell_output, .output") ?? script.parentElement;
}

const pause = () => new Promise((done) => {
  (globalThis.requestIdleCallback ?? setTimeout)(done, { timeout: 100 });
});

async function start() {
  const views = document.querySelectorAll(VIEW);
  if (!views.length) return;
  page.dataset.widgets = "waiting";
  do await pause();
  while (page.dataset.layout === "late");
  for (const view of views) {
    await draw(view);
    await pause();
  }
  page.dataset.widgets = "ready";
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
