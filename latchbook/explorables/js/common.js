// What the explorables share: sliders bound to traits, charts, the trajectory.
// No mathematics is written here: FORMULAS is printed from latchlib.formulas, and this loops over it.
import { axisBottom, axisLeft } from "d3-axis";
import { scaleLinear } from "d3-scale";
import { select } from "d3-selection";

/** Sliders of the explorables that follow the latch neuron: trait, label and digits each. */
export const NEURON = [
  ["w", "weight w", 2],
  ["h", "constant input h", 2],
  ["sigma", "noise σ", 2],
  ["a0", "initial state a₀", 1],
];

/** The slider of the time, of what goes on step by step. */
export const TIME = ["t", "time t", counted("step")];

/** Play a trait, the time if not another, up to its greatest value, so many milliseconds a step. */
export function timePlayer(model, pace, trait = "t", unit = "step") {
  return {
    trait,
    last: () => model.get("ranges")[trait][1],
    pace,
    step: `One ${unit}`,
    stride: counted(unit),
  };
}

/** The button that goes on to the next noise sample. */
export const NEW_NOISE = {
  label: "New noise",
  action: "noise",
  run({ model, set }) {
    const [least, largest] = model.get("ranges").sample;
    set("sample", model.get("sample") < largest ? model.get("sample") + 1 : least);
  },
};

// Screen readers hear one sentence when a slider comes to rest, not one a step.
const REST = 300; // milliseconds
// What is to be heard again must go for a moment.
const GONE = 60;
// Who wants no motion gets from one end to the other in about so many presses.
const STRIDES = 10;
// What a key does while the focus is in an explorable, by the action of the button that does it.
const KEYS = { " ": "play", ".": "step", r: "reset" };

// Counted for the page, not for this module: every explorable runs one of its own.
const COUNTER = Symbol.for("latchlib explorables");

/** Make an element with attributes and children. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Keep the keys of whatever has the focus in `root` from JupyterLab's shortcuts. */
export function keepKeys(root) {
  // It looks for this sign from the focus upwards, and `:focus` matches first.
  root.addEventListener("focusin", ({ target }) => {
    target.setAttribute("data-lm-suppress-shortcuts", "true");
  });
}

/** Decode a noise sample, the chosen one unless told; all are sent as bytes of little-endian doubles. */
export function noiseOf(model, sample = model.get("sample")) {
  const view = model.get("draws");
  const samples = model.get("ranges").sample[1] + 1;
  const steps = view.byteLength / 8 / samples;
  const first = sample * steps;
  return Array.from({ length: steps }, (_, t) => view.getFloat64(8 * (first + t), true));
}

/** Follow the neuron from a0 under the inputs h + sigma xi_t. */
export function trajectory(model) {
  const [w, h, sigma] = ["w", "h", "sigma"].map((name) => model.get(name));
  const states = [model.get("a0")];
  for (const xi of noiseOf(model)) {
    const input = FORMULAS.noisy_input(h, sigma, xi);
    states.push(FORMULAS.step(states[states.length - 1], w, input));
  }
  return states;
}

/** Fixed points of a -> step(a, w, h), increasing, where the gap to a is 0: as latchlib.neuron.fixed_points. */
export function fixedPoints(w, h) {
  const far = w + Math.abs(h) + 1;
  const edge = w > 1 ? FORMULAS.a_star(w) : null;
  const cuts = edge === null ? [-far, far] : [-far, -edge, edge, far];
  const roots = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const root = bisect((a) => FORMULAS.gap(a, w, h), cuts[i], cuts[i + 1]);
    if (root !== null) roots.push({ a: root, slope: FORMULAS.slope(root, w) });
  }
  return roots;
}

/** Return where g changes its sign between low and high; null if it does not. */
export function bisect(g, low, high) {
  const rising = g(low) < 0;
  if (rising === g(high) < 0) return null;
  for (;;) {
    const middle = 0.5 * (low + high);
    const value = g(middle);
    if (!(low < middle && middle < high) || value === 0) return middle;
    if (value < 0 === rising) low = middle;
    else high = middle;
  }
}

/** Write a number with a minus sign. */
export function plain(value, digits) {
  return value.toFixed(digits).replace(/^-(?=[0.]+$)/, "").replace("-", "−");
}

/** Say where a line begins and ends, and between what it stays. */
export function course(values, digits) {
  const say = (value) => plain(value, digits);
  return `from ${say(values[0])} to ${say(values[values.length - 1])}, between `
    + `${say(Math.min(...values))} and ${say(Math.max(...values))}`;
}

/** Return a function that says a number with its unit: `counted("step")(1)` is "1 step". */
export function counted(unit, many = `${unit}s`) {
  return (value) => `${value} ${value === 1 ? unit : many}`;
}

/**
 * Build an explorable: sliders, charts, numbers, a sentence for screen readers.
 *
 * `parts` gives
 * - `title`;
 * - `sliders`: trait, label and digits (or a function that puts a value into words) each, and how
 *   far an arrow key moves it if not by its step;
 * - `choices` (optional): label and options each; an option has a text and the values it sets;
 * - `player` (optional): `trait` that plays up to `last()`, `pace` in milliseconds a step, and
 *   `step` and `stride`, the labels of the buttons for one step and, from their number, for several;
 *   keys that press the buttons from anywhere in the explorable are in KEYS;
 * - `buttons` (optional): label, action and `run({model, set, stop})` each; `stop` ends the playing;
 * - `charts`: title and caption each, and whether it is `tall`, as it is if a `canvas` lies under it;
 * - `numbers`: name and label each;
 * - `draw({charts, show, set})`, called whenever a trait changes; it returns the sentence, and
 *   says of each chart what it shows now (`says`);
 * - `refine({charts})` (optional): called once a frame after that, until it returns false.
 */
export function explorable(model, el, parts) {
  globalThis[COUNTER] = (globalThis[COUNTER] ?? 0) + 1;
  const id = `ll-${globalThis[COUNTER]}`;
  const root = make("div", { class: "ll", role: "group", "aria-label": parts.title });
  root.dataset.charts = parts.charts.length;
  const controls = make("div", { class: "ll-controls" });
  const names = Object.keys(model.get("ranges"));
  // A page may have begun with the setting of its address; to reset goes to the book's own.
  const start = Object.fromEntries(names.map((name) => [name, model.start?.[name] ?? model.get(name)]));
  const controllers = [
    ...(parts.choices ?? []).map(choice),
    ...parts.sliders.map(slider),
  ];

  function choice({ label, options }, number) {
    const list = make("select", { id: `${id}-choice-${number}` });
    const own = make("option", { value: "", disabled: "" }, "own values");
    options.forEach(({ text }, k) => list.append(make("option", { value: k }, text)));
    list.addEventListener("change", () => setAll(options[Number(list.value)].values));
    controls.append(
      make("div", { class: "ll-control" }, make("label", { for: list.id }, label), list),
    );
    return () => {
      const found = options.findIndex(({ values }) => (
        Object.entries(values).every(([name, value]) => model.get(name) === value)
      ));
      if (found < 0) list.append(own);
      else own.remove();
      list.value = found < 0 ? "" : found;
    };
  }

  function slider([name, label, digits, jump]) {
    const [min, max, step] = model.get("ranges")[name];
    const input = make("input", {
      type: "range", id: `${id}-${name}`, min, max, step, "data-trait": name,
    });
    // A screen reader has it from the slider itself.
    const shown = make("span", { class: "ll-value", "aria-hidden": "true" });
    input.addEventListener("input", () => set(name, Number(input.value)));
    if (jump) {
      const ways = { ArrowRight: jump, ArrowUp: jump, ArrowLeft: -jump, ArrowDown: -jump };
      input.addEventListener("keydown", (event) => {
        if (!(event.key in ways)) return;
        event.preventDefault();
        input.value = model.get(name) + ways[event.key]; // the input keeps it in its range
        set(name, Number(input.value));
      });
    }
    controls.append(
      make("div", { class: "ll-control" },
        make("div", { class: "ll-label" }, make("label", { for: input.id }, label), shown), input),
    );
    return () => {
      const value = model.get(name);
      input.value = value;
      const text = typeof digits === "function" ? digits(value) : plain(value, digits);
      input.setAttribute("aria-valuetext", text);
      shown.textContent = text;
    };
  }

  const buttons = make("div", { class: "ll-buttons" });
  const playing = parts.player ? player(model, parts.player, set, sayAgain) : null;
  const stop = () => playing?.stop();
  const reset = {
    label: "Reset",
    action: "reset",
    run() {
      stop();
      setAll(start);
    },
  };
  const all = [...(playing?.buttons ?? []), ...(parts.buttons ?? []), reset];
  for (const { label, action, run, node } of all) {
    const button = node ?? make("button", { type: "button" }, label);
    button.dataset.action = action;
    const key = Object.keys(KEYS).find((one) => KEYS[one] === action);
    if (key) button.setAttribute("aria-keyshortcuts", key === " " ? "Space" : key);
    button.addEventListener("click", () => run({ model, set, stop }));
    buttons.append(button);
  }
  if (playing) controllers.push(playing.refresh);
  root.addEventListener("keydown", (event) => {
    const { key, target, defaultPrevented, ctrlKey, metaKey, altKey } = event;
    const button = buttons.querySelector(`[data-action="${KEYS[key]}"]`);
    if (!button || defaultPrevented || ctrlKey || metaKey || altKey) return;
    // Space has a meaning of its own on these.
    if (key === " " && target.closest("button, select")) return;
    event.preventDefault();
    if (!event.repeat || KEYS[key] === "step") button.click();
  });

  const figures = make("div", { class: "ll-charts" });
  const charts = parts.charts.map(({ title, caption, canvas, tall }) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const under = canvas ? make("canvas", { "aria-hidden": "true" }) : null;
    const plane = make("div", { class: canvas || tall ? "ll-plane ll-tall" : "ll-plane" }, ...(under ? [under] : []), node);
    figures.append(make("figure", {}, plane, make("figcaption", {}, caption)));
    return new Chart(node, title, `${id}-clip-${title.replace(/\W/g, "")}`, under);
  });

  const list = make("dl", { class: "ll-numbers" });
  const outputs = Object.fromEntries(parts.numbers.map(([name, label]) => {
    // Not an <output>: each of those is a live region.
    const output = make("span", { class: "ll-value", "data-name": name });
    list.append(make("div", {}, make("dt", {}, label), make("dd", {}, output)));
    return [name, output];
  }));
  const sentence = make("p", { class: "said", "aria-live": "polite", "aria-atomic": "true" });
  keepKeys(root);
  root.append(controls, buttons, figures, list, sentence);
  el.append(root);

  function set(name, value) {
    setAll({ [name]: value });
  }

  function setAll(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  }

  /** Show a number; `digits` may be a function that puts it into words. */
  function show(name, value, digits = 3) {
    outputs[name].dataset.value = value === null ? "" : String(value);
    outputs[name].textContent = typeof digits === "function" ? digits(value)
      : value === null ? "none" : format(value, digits);
  }

  let waiting = 0;
  let refining = 0;
  let resting = 0;
  let speaking = 0;
  let text = "";

  /** Put what is drawn into words, for the charts too. */
  function say() {
    // It is not read out while it plays, nor if it only follows another explorable that is in use.
    const used = document.activeElement?.closest(".ll") ?? root;
    const mute = used !== root || playing?.on();
    sentence.setAttribute("aria-live", mute ? "off" : "polite");
    if (sentence.textContent !== text) sentence.textContent = text;
    charts.forEach((chart) => chart.name());
  }
  function sayAgain() {
    clearTimeout(speaking);
    sentence.textContent = "";
    // What waits to be drawn is said once it is drawn.
    if (!waiting) speaking = setTimeout(say, GONE);
  }
  function draw() {
    waiting = 0;
    stopRefining();
    const began = performance.now();
    controllers.forEach((refresh) => refresh());
    charts.forEach((chart) => chart.fit());
    text = parts.draw({ charts, show, set });
    charts.forEach((chart) => chart.nameLines());
    performance.clearMeasures("latchlib:frame");
    performance.measure("latchlib:frame", { start: began });
    clearTimeout(speaking);
    speaking = setTimeout(say, REST);
    if (parts.refine) resting = setTimeout(refine, 120);
  }
  function stopRefining() {
    clearTimeout(resting);
    cancelAnimationFrame(refining);
  }
  // Fine detail waits until the sliders are at rest, and comes in slices shorter than a frame.
  function refine() {
    const began = performance.now();
    const more = parts.refine({ charts });
    performance.clearMeasures("latchlib:refine");
    performance.measure("latchlib:refine", { start: began });
    if (more) refining = requestAnimationFrame(refine);
    else root.dataset.refined = "yes";
  }
  function redraw() {
    delete root.dataset.refined;
    clearTimeout(speaking);
    if (!waiting) waiting = requestAnimationFrame(draw);
  }

  const watched = names.map((name) => `change:${name}`).join(" ");
  model.on(watched, redraw);
  // A canvas knows nothing of the theme.
  const themed = new MutationObserver(redraw);
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  if (parts.charts.some(({ canvas }) => canvas)) {
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    themed.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    system.addEventListener("change", redraw);
  }
  const resized = new ResizeObserver(redraw);
  resized.observe(figures);
  draw();
  // With what it begins it does not interrupt: a region that comes with its text is not read out.
  clearTimeout(speaking);
  say();
  return () => {
    playing?.close();
    model.off(watched, redraw);
    resized.disconnect();
    themed.disconnect();
    system.removeEventListener("change", redraw);
    cancelAnimationFrame(waiting);
    stopRefining();
    clearTimeout(speaking);
  };
}

/** Write a number: with as many digits after the point, or as a power of ten where it is small. */
export function format(value, digits) {
  if (Number.isInteger(value) && digits === 0) return String(value);
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e5)
    ? value.toExponential(2) : value.toFixed(digits);
  return text.replaceAll("-", "−");
}

/**
 * Put a handle on a chart at (x, y), to be dragged, or moved by keys as a slider.
 *
 * `at` is where it stands; `value` its number, of `least`, `largest` and `step`, and `text` in
 * words; `move(dx, dy)` takes steps, `place(x, y)` a point of the chart, `end(sign)` goes to an end.
 */
export function handle(chart, { label, range, value, text, at, move, place, end, roleName, size = 11 }) {
  let node = chart.front.select("circle");
  if (node.empty()) {
    chart.svg.attr("role", "group").attr("aria-label", chart.title);
    node = chart.front.append("circle").attr("class", "handle").attr("r", size)
      .attr("tabindex", 0).attr("role", "slider").attr("aria-label", label);
    if (roleName) node.attr("aria-roledescription", roleName);
    node.node().style.touchAction = "none";
    const jumps = {
      ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
      PageUp: [0, 10], PageDown: [0, -10],
    };
    node.on("keydown", (event) => {
      const ends = { Home: -1, End: 1 };
      if (event.key in ends) chart.act.end(ends[event.key]);
      else if (event.key in jumps) chart.act.move(...jumps[event.key]);
      else return;
      event.preventDefault();
    });
    node.on("pointerdown", (event) => {
      node.node().setPointerCapture(event.pointerId);
      node.node().focus({ preventScroll: true });
      event.preventDefault();
    });
    node.on("pointermove", (event) => {
      if (node.node().hasPointerCapture(event.pointerId)) chart.act.place(...chart.under(event));
    });
  }
  // Listeners are set once; what they call is of this drawing.
  chart.act = { move, place, end };
  node.attr("cx", chart.x(at[0])).attr("cy", chart.y(at[1]))
    .attr("aria-valuemin", range[0]).attr("aria-valuemax", range[1])
    .attr("aria-valuenow", value).attr("aria-valuetext", text);
}

/** Put a handle for the state (a1, a2) on a plane; returns the function that places it. */
export function stateHandle(chart, model, set, { label, size }) {
  const ranges = model.get("ranges");
  const [a1, a2] = [model.get("a1"), model.get("a2")];
  const place = (x, y) => {
    set("a1", snap(x, ranges.a1));
    set("a2", snap(y, ranges.a2));
  };
  handle(chart, {
    label,
    size,
    roleName: "two-dimensional slider",
    range: ranges.a1,
    value: a1,
    text: `unit 1 at ${plain(a1, 1)}, unit 2 at ${plain(a2, 1)}`,
    at: [a1, a2],
    place,
    move: (dx, dy) => place(
      model.get("a1") + dx * ranges.a1[2], model.get("a2") + dy * ranges.a2[2],
    ),
    end: (sign) => set("a1", sign < 0 ? ranges.a1[0] : ranges.a1[1]),
  });
  return place;
}

/** Play a trait step by step: its two buttons, and how to stop. Who wants no motion sees none: that
 * button then goes on by several steps at a press, and draws where they lead. */
function player(model, { trait, last, pace, step, stride }, set, stopped) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const button = make("button", { type: "button" });
  let timer = 0;
  const left = () => last() - model.get(trait);
  const several = () => Math.min(left(), Math.ceil(last() / STRIDES));
  function refresh() {
    const label = timer ? "Pause" : !still.matches ? "Play" : left() > 0 ? stride(several())
      : "Start again";
    if (button.textContent !== label) button.textContent = label;
  }
  function stop() {
    if (!timer) return;
    clearInterval(timer);
    timer = 0;
    refresh();
    stopped();
  }
  function go(count) {
    set(trait, Math.min(model.get(trait) + count, last()));
    if (left() <= 0) stop();
  }
  function play() {
    if (timer) stop();
    else if (still.matches) set(trait, left() > 0 ? model.get(trait) + several() : 0);
    else {
      if (left() <= 0) set(trait, 0);
      timer = setInterval(go, pace, 1);
      refresh();
    }
  }
  function changed() {
    stop();
    refresh();
  }
  still.addEventListener("change", changed);
  return {
    stop,
    refresh,
    on: () => timer !== 0,
    close() {
      stop();
      still.removeEventListener("change", changed);
    },
    buttons: [
      {
        label: step,
        action: "step",
        run() {
          stop();
          if (left() > 0) go(1);
          else set(trait, 0);
        },
      },
      { node: button, action: "play", run: play },
    ],
  };
}

/** Put `value` into [least, largest] and on the grid of `step`. */
export function snap(value, [least, largest, step]) {
  const inside = Math.min(largest, Math.max(least, value));
  return Number((Math.round(inside / step) * step).toFixed(6));
}

const CURVE = 160; // pieces
// Words beside a line: width of a letter, where along the line they may stand, and how many pieces of
// lines through them they bear before they go elsewhere.
const LETTER = 8.5;
const PLACES = [0.85, 0.72, 0.95, 0.6, 0.45, 0.3, 0.15, 0.05];
const STAY = 6;

/** Return points on a line, a few pixels apart. */
function between(pixels) {
  const found = pixels.slice(0, 1);
  for (let i = 1; i < pixels.length; i++) {
    const [[x, y], [p, q]] = [pixels[i - 1], pixels[i]];
    const pieces = Math.min(200, Math.ceil(Math.max(Math.abs(p - x), Math.abs(q - y)) / 5)) || 1;
    for (let k = 1; k <= pieces; k++) found.push([x + ((p - x) * k) / pieces, y + ((q - y) * k) / pieces]);
  }
  return found.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
}

/** A plot with two axes, redrawn from scratch: at a hundred steps that takes a few milliseconds. */
export class Chart {
  constructor(node, title, clip, canvas = null) {
    this.svg = select(node).attr("role", "none");
    this.title = title;
    this.canvas = canvas;
    this.margin = { top: 10, right: 12, bottom: 38, left: 54 };
    this.places = new Map();
    // What is a picture is one for a screen reader too; a handle is none, and lies beside it.
    this.picture = this.svg.append("g").attr("role", "img").attr("aria-label", title);
    this.axes = this.picture.append("g");
    this.picture.append("clipPath").attr("id", clip).append("rect");
    this.plot = this.picture.append("g").attr("clip-path", `url(#${clip})`);
    // Points are not cut off at the edge.
    this.points = this.picture.append("g");
    // Drawn last and kept, so that a handle in it does not lose the focus when the rest is redrawn.
    this.front = this.svg.append("g");
  }

  /** Name the picture after what it shows. */
  name() {
    const name = `${this.title}. ${this.says}`;
    if (this.picture.attr("aria-label") !== name) this.picture.attr("aria-label", name);
  }

  fit() {
    const box = this.svg.node().getBoundingClientRect();
    this.width = Math.max(200, box.width);
    this.height = Math.max(100, box.height);
  }

  /** Set the ranges of both axes and clear the plot. `ticks` formats those of y. */
  frame({ x, y, xLabel, yLabel, xScale = scaleLinear, yScale = scaleLinear, ticks = [5, null] }) {
    this.lines = [];
    const { margin, width, height } = this;
    this.x = xScale().domain(x).range([margin.left, width - margin.right]);
    this.y = yScale().domain(y).range([height - margin.bottom, margin.top]);
    this.svg.select("clipPath rect")
      .attr("x", margin.left).attr("y", margin.top)
      .attr("width", width - margin.left - margin.right)
      .attr("height", height - margin.top - margin.bottom);
    this.axes.selectAll("*").remove();
    this.plot.selectAll("*").remove();
    this.points.selectAll("*").remove();
    const [count, format] = ticks;
    const room = (pixels) => Math.max(2, Math.min(count, Math.floor(pixels / 26)));
    this.axes.append("g").attr("transform", `translate(0,${height - margin.bottom})`)
      .call(axisBottom(this.x).ticks(count, format));
    this.axes.append("g").attr("transform", `translate(${margin.left},0)`)
      .call(axisLeft(this.y).ticks(room(height - margin.top - margin.bottom), format));
    this.axes.append("text").attr("text-anchor", "middle")
      .attr("x", (margin.left + width - margin.right) / 2).attr("y", height - 4).text(xLabel);
    this.axes.append("text").attr("text-anchor", "middle")
      .attr("transform", `translate(11,${(margin.top + height - margin.bottom) / 2}) rotate(-90)`)
      .text(yLabel);
  }

  /** Set both ranges to at least -reach to reach, on the same scale, so that a circle is round. */
  frameRound(reach, labels) {
    const { margin, width, height } = this;
    const [wide, tall] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
    const [right, top] = [wide, tall].map((side) => (reach * side) / Math.min(wide, tall));
    this.frame({ x: [-right, right], y: [-top, top], ...labels });
  }

  /** Return the point of the chart under a pointer. */
  under(event) {
    const box = this.svg.node().getBoundingClientRect();
    return [this.x.invert(event.clientX - box.left), this.y.invert(event.clientY - box.top)];
  }

  /** Lay the canvas under the plot and return its size in pixels. */
  fitCanvas() {
    const { margin, canvas } = this;
    const [width, height] = [
      Math.round(this.width - margin.left - margin.right),
      Math.round(this.height - margin.top - margin.bottom),
    ];
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      Object.assign(canvas.style, {
        left: `${margin.left}px`, top: `${margin.top}px`, width: `${width}px`, height: `${height}px`,
      });
    }
    return [width, height];
  }

  /** Join points of the chart; one alone becomes a dot where lines have round ends. */
  joined(points, end = points.length === 1 ? "Z" : "") {
    const digits = (value) => Math.round(100 * value) / 100;
    const path = points.map(([a, v]) => `${digits(this.x(a))},${digits(this.y(v))}`);
    return path.length ? `M${path.join("L")}${end}` : null;
  }

  /** Draw a line through points; `words` is what is written beside it. */
  line(points, style, words = null) {
    this.plot.append("path").attr("class", style).attr("d", this.joined(points));
    this.lines.push({ style, words, pixels: points.map(([a, v]) => [this.x(a), this.y(v)]) });
  }

  curve(f, style, words = null) {
    const [from, to] = this.x.domain();
    const at = (i) => from + ((to - from) * i) / CURVE;
    this.line(Array.from({ length: CURVE + 1 }, (_, i) => [at(i), f(at(i))]), style, words);
  }

  vertical(a, style, words = null) {
    this.line(this.y.domain().map((v) => [a, v]), style, words);
  }

  horizontal(v, style, words = null) {
    this.line(this.x.domain().map((a) => [a, v]), style, words);
  }

  /** Write words beside a point, or beside the ring of radius r round it. */
  beside(a, v, style, words, r = 0) {
    const [x, y] = [this.x(a), this.y(v)];
    const pixels = r ? [[x - r, y], [x, y - r], [x + r, y], [x, y + r], [x - r, y]] : [[x, y]];
    this.lines.push({ style, words, pixels });
  }

  /**
   * Write the words of each line beside it, where the fewest lines run through them, and no other
   * words do. They stay where they were until another place is clearly better.
   */
  nameLines() {
    const { margin, width, height } = this;
    const [left, right] = [margin.left + 2, width - margin.right - 2];
    const [top, bottom] = [margin.top + 2, height - margin.bottom - 2];
    const ink = this.lines.flatMap(({ pixels }) => between(pixels));
    const taken = this.plot.selectAll("text").nodes().map((node) => {
      const { x, y, width: wide, height: tall } = node.getBBox();
      return [x, y, x + wide, y + tall];
    });
    for (const { style, words, pixels } of this.lines) {
      if (!words) continue;
      const wide = LETTER * words.length;
      const own = between(pixels).filter(([x, y]) => x >= left && x <= right && y >= top && y <= bottom);
      if (!own.length || wide > right - left) continue;
      let [best, least] = [null, Infinity];
      for (const share of PLACES) {
        const [x, y] = own[Math.round(share * (own.length - 1))];
        const middle = Math.min(right - wide / 2, Math.max(left + wide / 2, x));
        for (const [side, [from, base]] of [
          [middle - wide / 2, y - 6], [middle - wide / 2, y + 16], [x + 9, y + 5], [x - 9 - wide, y + 5],
        ].entries()) {
          const box = [from, base - 12, from + wide, base + 4];
          if (box[0] < left || box[1] < top || box[2] > right || box[3] > bottom) continue;
          if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3]
            && box[3] > other[1])) continue;
          const crossed = ink.filter(([a, b]) => a > box[0] && a < box[2] && b > box[1] && b < box[3]).length;
          const place = `${share} ${side}`;
          const cost = crossed + 0.1 * side - (this.places.get(words) === place ? STAY : 0);
          if (cost < least) [best, least] = [{ box, place, base }, cost];
        }
      }
      if (!best) continue;
      this.places.set(words, best.place);
      taken.push(best.box);
      this.plot.append("text").attr("class", `name ${style}`).attr("x", best.box[0]).attr("y", best.base)
        .text(words);
    }
  }

  band(from, to, style) {
    const [left, right] = [this.x(from), this.x(to)].sort((p, q) => p - q);
    this.plot.append("rect").attr("class", style)
      .attr("x", left).attr("width", right - left)
      .attr("y", this.margin.top).attr("height", this.height - this.margin.top - this.margin.bottom);
  }

  /** Fill between points of the chart. */
  area(points, style) {
    this.plot.append("path").attr("class", style).attr("d", this.joined(points, "Z"));
  }

  /** Mark many points by one path; its line has round ends and no length. */
  scatter(points, style) {
    const path = points.map(([a, v]) => `M${this.x(a).toFixed(1)} ${this.y(v).toFixed(1)}h0`);
    this.plot.append("path").attr("class", style).attr("d", path.join(""));
  }

  dot(a, v, style, r = 5) {
    const [x, y] = [this.x(a), this.y(v)];
    const { margin, width, height } = this;
    const outside = x < margin.left - 1 || x > width - margin.right + 1 || y < margin.top - 1
      || y > height - margin.bottom + 1;
    (outside ? this.plot : this.points).append("circle").attr("class", style).attr("r", r)
      .attr("cx", x).attr("cy", y);
  }

  text(a, v, words, anchor = "middle", dx = 0, dy = 0, style = null) {
    this.plot.append("text").attr("text-anchor", anchor).attr("class", style)
      .attr("x", this.x(a) + dx).attr("y", this.y(v) + dy).text(words);
  }
}
