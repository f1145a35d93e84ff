// What the explorables share: sliders bound to traits, charts, the trajectory.
// No mathematics is written here: FORMULAS is printed from latchlib.formulas, and this loops over it.
import { axisBottom, axisLeft } from "d3-axis";
import { scaleLinear } from "d3-scale";
import { select } from "d3-selection";
import { line } from "d3-shape";

const SLIDERS = [
  ["w", "weight w", 2],
  ["h", "constant input h", 2],
  ["sigma", "noise σ", 2],
  ["a0", "initial state a₀", 1],
];

let instances = 0;

/** Make an element with attributes and children. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Decode the noise samples, sent as bytes of little-endian doubles. */
export function noiseOf(model) {
  const view = model.get("draws");
  const samples = model.get("ranges").sample[1] + 1;
  const steps = view.byteLength / 8 / samples;
  const first = model.get("sample") * steps;
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

/** Fixed points of a -> step(a, w, h), increasing: as latchlib.attractors.fixed_points. */
export function fixedPoints(w, h) {
  const far = w + Math.abs(h) + 1;
  const edge = w > 1 ? FORMULAS.a_star(w) : null;
  const cuts = edge === null ? [-far, far] : [-far, -edge, edge, far];
  const roots = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const root = bisect((a) => FORMULAS.step(a, w, h) - a, cuts[i], cuts[i + 1]);
    if (root !== null) roots.push({ a: root, slope: FORMULAS.slope(root, w) });
  }
  return roots;
}

function bisect(g, low, high) {
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

/**
 * Build an explorable: sliders, charts, numbers, a sentence for screen readers.
 *
 * `parts` gives `title`, `charts` (title and caption each), `numbers` (name and label each), and
 * `draw({charts, show})`, called whenever a trait changes; it returns the sentence.
 */
export function explorable(model, el, parts) {
  const id = `ll-${++instances}`;
  const root = make("div", { class: "ll", role: "group", "aria-label": parts.title });
  const controls = make("div", { class: "ll-controls" });
  const start = Object.fromEntries([...SLIDERS.map(([name]) => name), "sample"].map(
    (name) => [name, model.get(name)],
  ));
  const sliders = SLIDERS.map(([name, label, digits]) => {
    const [min, max, step] = model.get("ranges")[name];
    const input = make("input", {
      type: "range", id: `${id}-${name}`, min, max, step, "data-trait": name,
    });
    const shown = make("output", { for: `${id}-${name}` });
    input.addEventListener("input", () => set(name, Number(input.value)));
    controls.append(
      make("div", { class: "ll-control" },
        make("label", { for: `${id}-${name}` }, label, shown), input),
    );
    return () => {
      const value = model.get(name);
      input.value = value;
      const text = value.toFixed(digits).replace("-", "−");
      input.setAttribute("aria-valuetext", text);
      shown.textContent = text;
    };
  });

  const again = make("button", { type: "button", "data-action": "noise" }, "New noise");
  again.addEventListener("click", () => {
    const [least, largest] = model.get("ranges").sample;
    set("sample", model.get("sample") < largest ? model.get("sample") + 1 : least);
  });
  const reset = make("button", { type: "button", "data-action": "reset" }, "Reset");
  reset.addEventListener("click", () => {
    for (const [name, value] of Object.entries(start)) model.set(name, value);
    model.save_changes();
  });

  const figures = make("div", { class: "ll-charts" });
  const charts = parts.charts.map(({ title, caption }) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    // A chart with a handle in it is a group; one without is a picture.
    node.setAttribute("role", "group");
    node.setAttribute("aria-label", title);
    figures.append(make("figure", {}, node, make("figcaption", {}, caption)));
    return new Chart(node, `${id}-clip-${title.replace(/\W/g, "")}`);
  });

  const list = make("dl", { class: "ll-numbers" });
  const outputs = Object.fromEntries(parts.numbers.map(([name, label]) => {
    const output = make("output", { "data-name": name });
    list.append(make("div", {}, make("dt", {}, label), make("dd", {}, output)));
    return [name, output];
  }));
  const sentence = make("p", { class: "said", "aria-live": "polite" });
  root.append(controls, make("div", {}, again, reset), figures, list, sentence);
  el.append(root);

  function set(name, value) {
    model.set(name, value);
    model.save_changes();
  }

  function show(name, value, digits = 3) {
    outputs[name].dataset.value = value === null ? "" : String(value);
    outputs[name].textContent = value === null ? "none" : format(value, digits);
  }

  let waiting = 0;
  let speaking = 0;
  function draw() {
    waiting = 0;
    const began = performance.now();
    sliders.forEach((refresh) => refresh());
    charts.forEach((chart) => chart.fit());
    const text = parts.draw({ charts, show, set });
    performance.clearMeasures("latchlib:frame");
    performance.measure("latchlib:frame", { start: began });
    // Screen readers hear one sentence when a slider comes to rest, not one a step.
    clearTimeout(speaking);
    speaking = setTimeout(() => { sentence.textContent = text; }, 300);
  }
  function redraw() {
    if (!waiting) waiting = requestAnimationFrame(draw);
  }

  const watched = [...Object.keys(start)].map((name) => `change:${name}`).join(" ");
  model.on(watched, redraw);
  const resized = new ResizeObserver(redraw);
  resized.observe(figures);
  draw();
  return () => {
    model.off(watched, redraw);
    resized.disconnect();
    cancelAnimationFrame(waiting);
    clearTimeout(speaking);
  };
}

function format(value, digits) {
  if (Number.isInteger(value) && digits === 0) return String(value);
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e5)
    ? value.toExponential(2) : value.toFixed(digits);
  return text.replaceAll("-", "−");
}

/** A plot with two axes, redrawn from scratch: at a hundred steps that takes a few milliseconds. */
export class Chart {
  constructor(node, clip) {
    this.svg = select(node);
    this.clip = clip;
    this.margin = { top: 10, right: 12, bottom: 38, left: 46 };
    this.back = this.svg.append("g");
    this.axes = this.svg.append("g");
    this.svg.append("clipPath").attr("id", clip).append("rect");
    this.plot = this.svg.append("g").attr("clip-path", `url(#${clip})`);
    // Drawn last and kept, so that a handle in it does not lose the focus when the rest is redrawn.
    this.front = this.svg.append("g");
  }

  fit() {
    const box = this.svg.node().getBoundingClientRect();
    this.width = Math.max(200, box.width);
    this.height = Math.max(160, box.height);
  }

  /** Set the ranges of both axes and clear the plot. `ticks` formats those of y. */
  frame({ x, y, xLabel, yLabel, xScale = scaleLinear, yScale = scaleLinear, ticks = [5, null] }) {
    const { margin, width, height } = this;
    this.x = xScale().domain(x).range([margin.left, width - margin.right]);
    this.y = yScale().domain(y).range([height - margin.bottom, margin.top]);
    this.svg.select("clipPath rect")
      .attr("x", margin.left).attr("y", margin.top)
      .attr("width", width - margin.left - margin.right)
      .attr("height", height - margin.top - margin.bottom);
    this.axes.selectAll("*").remove();
    this.plot.selectAll("*").remove();
    this.axes.append("g").attr("transform", `translate(0,${height - margin.bottom})`)
      .call(axisBottom(this.x).ticks(...ticks));
    this.axes.append("g").attr("transform", `translate(${margin.left},0)`)
      .call(axisLeft(this.y).ticks(...ticks));
    this.axes.append("text").attr("text-anchor", "middle")
      .attr("x", (margin.left + width - margin.right) / 2).attr("y", height - 4).text(xLabel);
    this.axes.append("text").attr("text-anchor", "middle")
      .attr("transform", `translate(12,${(margin.top + height - margin.bottom) / 2}) rotate(-90)`)
      .text(yLabel);
  }

  line(points, style) {
    const path = line().x((p) => this.x(p[0])).y((p) => this.y(p[1]));
    this.plot.append("path").attr("class", style).attr("d", path(points));
  }

  curve(f, style, count = 160) {
    const [from, to] = this.x.domain();
    const at = (i) => from + ((to - from) * i) / count;
    this.line(Array.from({ length: count + 1 }, (_, i) => [at(i), f(at(i))]), style);
  }

  vertical(a, style) {
    this.line(this.y.domain().map((v) => [a, v]), style);
  }

  horizontal(v, style) {
    this.line(this.x.domain().map((a) => [a, v]), style);
  }

  band(from, to, style) {
    const [left, right] = [this.x(from), this.x(to)].sort((p, q) => p - q);
    this.plot.append("rect").attr("class", style)
      .attr("x", left).attr("width", right - left)
      .attr("y", this.margin.top).attr("height", this.height - this.margin.top - this.margin.bottom);
  }

  dot(a, v, style, r = 5) {
    this.plot.append("circle").attr("class", style).attr("r", r)
      .attr("cx", this.x(a)).attr("cy", this.y(v));
  }

  text(a, v, words, anchor = "middle", dx = 0, dy = 0) {
    this.plot.append("text").attr("text-anchor", anchor)
      .attr("x", this.x(a) + dx).attr("y", this.y(v) + dy).text(words);
  }
}
