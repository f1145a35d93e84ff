// Widgets on a built page: no kernel, no network. Each is loaded and drawn when it comes near the
// window; until then the page has its picture. <html data-widgets> says "waiting", and "ready" when
// all are drawn; each view's script says data-drawn. An explorable needs a model and a place, which
// are made here; a page with stock widgets gets the whole widget manager (widgets.js).
import { PageModel, link } from "./model.js";

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

// So far ahead, in CSS pixels, that a reader who scrolls finds them drawn.
const AHEAD = 600;

const OWN = new Set(["AnyModel", "LayoutModel", "LinkModel", "DirectionalLinkModel"]);

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

/** Let the widget manager draw the whole page. */
const drawStock = once(async () => {
  for (const entry of Object.values(await states())) {
    for (const name of ["_esm", "_css"]) {
      if (name in entry.state) entry.state[name] = await text(entry.state[name]);
    }
  }
  await load(new URL("widgets.js", here).href);
  await globalThis.latchWidgets;
});

async function drawOwn(script) {
  const { model_id: id } = JSON.parse(script.textContent);
  const model = (await models()).get(id);
  const [found] = await Promise.all([module(model), style(model)]);
  const el = Object.assign(document.createElement("div"), { className: "widget-host" });
  script.after(el);
  try {
    await found.initialize?.({ model });
    await found.render({ model, el });
  } catch (error) {
    el.remove();
    throw error;
  }
  // The picture stood in for the widget until now.
  for (const picture of output(script).querySelectorAll(".explorable-static")) picture.hidden = true;
}

async function draw(script) {
  try {
    const own = Object.values(await states()).every(({ model_name: name }) => OWN.has(name));
    await (own ? drawOwn(script) : drawStock());
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

function start() {
  const places = new Map();
  for (const script of document.querySelectorAll(VIEW)) {
    places.set(output(script), [...places.get(output(script)) ?? [], script]);
  }
  if (!places.size) return;
  page.dataset.widgets = "waiting";
  let left = places.size;
  const waiting = new Set(places.keys());
  function begin(place) {
    if (!waiting.delete(place)) return;
    watch.unobserve(place);
    Promise.all(places.get(place).map(draw)).then(() => {
      left -= 1;
      if (!left) page.dataset.widgets = "ready";
    });
  }
  const watch = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) begin(target);
  }, { rootMargin: `${AHEAD}px 0px` });
  for (const place of waiting) watch.observe(place);

  // The observer misses what a jump brings to view from a section whose layout had been skipped.
  function look() {
    for (const place of waiting) {
      const { top, bottom } = place.getBoundingClientRect();
      if (place.checkVisibility() && bottom > -AHEAD && top < innerHeight + AHEAD) begin(place);
    }
    if (!waiting.size) events.forEach((name) => document.removeEventListener(name, rest, true));
  }
  let resting = 0;
  function rest() {
    clearTimeout(resting);
    resting = setTimeout(look, 100);
  }
  const events = ["scroll", "contentvisibilityautostatechange"];
  events.forEach((name) => document.addEventListener(name, rest, { capture: true, passive: true }));
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
