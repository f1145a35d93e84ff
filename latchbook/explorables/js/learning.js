// Learning to latch, live: back-propagation through time on the minimal task, on the page.
import { NEW_NOISE, counted, course, explorable, plain } from "./common.js";

const [L, LAST, IN_A_ROW, RING, SHIFT] = [3, 300, 50, 4093, 512];
const PACE = 50; // milliseconds an update, when it plays
// A class has its line in every chart, solid or dashed; inputs, states and gradients their colours.
const [INPUTS, STATES, GRADIENTS] = [["start", "bound"], ["path", "law"], ["grad", "gradlaw"]];
const CLASS = ["class 1", "class 2"];

const PARTS = {
  title: "Learning to latch, live",
  sliders: [
    ["w0", "starting weight w₀", 2],
    ["sigma", "noise σ", 2],
    ["T", "length T", counted("step")],
    ["rate", "learning rate η", 2],
    ["update", "updates so far", counted("update")],
  ],
  charts: [
    {
      title: "What is learned",
      caption: "Thick: the weight w. Thin: the three inputs of class 1; dashed: those of class 2. A "
        + "weight between −1 and 1 can hold nothing.",
    },
    {
      title: "Cost of each round",
      caption: "Each round presents both classes, with new noise.",
    },
    {
      title: "Outputs of the current round",
      caption: "Shaded: the steps whose inputs are trained. Horizontal lines: the targets.",
    },
    {
      title: "The gradient through time",
      caption: "log₁₀ of |∂C/∂aₜ|. The error starts on the right. What arrives in the shaded "
        + "steps is the gradient for the inputs.",
    },
  ],
  numbers: [
    ["w", "weight w"],
    ["cost", "cost of the round"],
    ["x_first", "output at the end, class 1"],
    ["x_second", "output at the end, class 2"],
    ["log10_first", "log₁₀ of |∂C/∂h₁|, class 1"],
    ["log10_second", "log₁₀ of |∂C/∂h₁|, class 2"],
    ["in_a_row", "correct rounds in a row"],
    ["learned_at", "round that made it 50"],
  ],
};

/** Decode numbers sent as bytes of little-endian doubles. */
function doubles(view) {
  return Float64Array.from({ length: view.byteLength / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

/** Follow class k through a round; returns the states a_0 ... a_T. */
function forward(setting, params, update, k) {
  const { T, sigma, ring, first, targets } = setting;
  const size = targets.length;
  const a = new Float64Array(T + 1);
  for (let t = 1; t <= T; t++) {
    const drawn = first + (update * (T - L) + t - L - 1) * size + k;
    const input = t <= L ? params[1 + (t - 1) * size + k]
      : FORMULAS.noisy_input(0, sigma, ring[drawn % RING]);
    a[t] = FORMULAS.step(a[t - 1], params[0], input);
  }
  return a;
}

/** Present both classes and back-propagate. */
function round(setting, params, update) {
  const { T, targets } = setting;
  const [w, size] = [params[0], targets.length];
  const gradient = new Float64Array(params.length);
  let [cost, right] = [0, true];
  targets.forEach((target, k) => {
    const a = forward(setting, params, update, k);
    const x = FORMULAS.activation(a[T]);
    cost += FORMULAS.cost(x, target);
    right = right && x * target > 0;
    let delta = FORMULAS.delta_at_end(a[T], target);
    for (let t = T; t >= 1; t--) {
      gradient[0] += FORMULAS.weight_term(delta, a[t - 1]);
      if (t <= L) gradient[1 + (t - 1) * size + k] = delta;
      delta = FORMULAS.delta_step(delta, a[t - 1], w);
    }
  });
  return { cost, right, gradient };
}

/** Train from the start to the last update; one entry for each number of updates made. */
function train(setting, starts) {
  const run = [];
  let params = [setting.w0, ...starts];
  let inARow = 0;
  let learnedAt = null;
  for (let update = 0; update <= LAST; update++) {
    const { cost, right, gradient } = round(setting, params, update);
    inARow = right ? inARow + 1 : 0;
    if (learnedAt === null && inARow === IN_A_ROW) learnedAt = update;
    run.push({ params, cost, inARow, learnedAt });
    params = params.map((x, i) => FORMULAS.descent_on_grid(x, gradient[i], setting.rate));
  }
  return run;
}

/** Return log10 of |dC/da_t| for t = 1 ... T, null for 0. */
function errorsBack(a, w, target) {
  const T = a.length - 1;
  const wrongBy = FORMULAS.cost_derivative(FORMULAS.activation(a[T]), target);
  let log = FORMULAS.decades(Math.abs(wrongBy)) + FORMULAS.log_slope(a[T], 1) / Math.LN10;
  const logs = [log];
  for (let t = T - 1; t >= 1; t--) {
    log += FORMULAS.log_slope(a[t], Math.abs(w)) / Math.LN10;
    logs.unshift(log);
  }
  return logs.map((v) => (Number.isFinite(v) ? v : null));
}

function parameters(chart, run, update, size) {
  const all = run.flatMap(({ params }) => params);
  const [low, high] = [Math.min(-0.2, ...all), Math.max(1.2, ...all)];
  const space = 0.05 * (high - low);
  chart.frame({
    x: [0, LAST], y: [low - space, high + space], xLabel: "updates", yLabel: "parameters",
  });
  chart.horizontal(0, "thin");
  chart.horizontal(1, "mark", "w = 1");
  const past = run.slice(0, update + 1);
  const over = (i) => past.map(({ params }, u) => [u, params[i]]);
  for (let i = 1; i < run[0].params.length; i++) {
    const k = (i - 1) % size;
    const words = i <= size && update > 30 ? `input, ${CLASS[k]}` : null;
    chart.line(over(i), INPUTS[k], words);
  }
  chart.line(over(0), "main", update > 30 ? "weight w" : null);
  chart.dot(update, run[update].params[0], "stable", 4);
}

function costs(chart, run, update, targets) {
  const top = Math.max(1, ...run.map(({ cost }) => cost));
  chart.frame({ x: [0, LAST], y: [0, 1.05 * top], xLabel: "updates", yLabel: "cost C" });
  chart.horizontal(targets.reduce((sum, d) => sum + FORMULAS.cost(0, d), 0), "dashed", "answer 0 to both");
  chart.line(run.slice(0, update + 1).map(({ cost }, u) => [u, cost]), "start");
  chart.dot(update, run[update].cost, "stable", 4);
}

function outputs(chart, states, targets) {
  const T = states[0].length - 1;
  chart.frame({
    x: [0.4, T + 0.6], y: [-1.08, 1.08], xLabel: "time t (steps)", yLabel: "output xₜ",
  });
  chart.band(0.4, L + 0.5, "gamma");
  for (const target of targets) chart.horizontal(target, "dashed");
  states.forEach((a, k) => {
    const points = Array.from(a.slice(1), (v, i) => [i + 1, FORMULAS.activation(v)]);
    chart.line(points, STATES[k], CLASS[k]);
    chart.dot(...points[T - 1], "step", 4);
  });
}

function gradient(chart, logs) {
  const T = logs[0].length;
  const known = logs.flat().filter((v) => v !== null);
  // In fives, so that the axis seldom jumps while it plays.
  const low = 5 * Math.floor(Math.min(-4, ...known) / 5);
  chart.frame({
    x: [0.4, T + 0.6], y: [low, Math.max(1, ...known)],
    xLabel: "time t (steps)", yLabel: "log₁₀ |∂C/∂aₜ|",
  });
  chart.band(0.4, L + 0.5, "gamma");
  chart.horizontal(0, "thin");
  logs.forEach((log, k) => {
    chart.line(log.map((v, i) => [i + 1, v]).filter(([, v]) => v !== null), GRADIENTS[k],
      CLASS[k]);
  });
}

function words(run, update, ends, targets) {
  const { params, learnedAt } = run[update];
  const right = ends.filter((x, k) => x * targets[k] > 0).length;
  const verdict = ["both have the wrong sign", "one has the wrong sign", "both are right"][right];
  const held = Math.abs(params[0]) > 1 ? "can hold a bit" : "can hold nothing";
  const learned = learnedAt === null ? "" : ` It had learned the task by round ${learnedAt}.`;
  return `After ${update} updates w is ${plain(params[0], 2)}: the neuron ${held}. The outputs are `
    + `${ends.map((x) => plain(x, 2)).join(" and ")}; ${verdict}.${learned}`;
}

function render({ model, el }) {
  const ring = doubles(model.get("draws"));
  const starts = doubles(model.get("starts"));
  const targets = model.get("targets");
  const own = L * targets.length;
  let known = { key: null, run: null };

  /** Return the run of the present setting; it is trained anew only if a slider says so. */
  function trained() {
    const names = ["w0", "sigma", "T", "rate", "sample"];
    const setting = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    const key = JSON.stringify(setting);
    Object.assign(setting, { ring, targets, first: SHIFT * setting.sample });
    if (known.key !== key) {
      const { sample } = setting;
      known = { key, run: train(setting, starts.slice(own * sample, own * (sample + 1))) };
    }
    return { setting, run: known.run };
  }

  return explorable(model, el, {
    ...PARTS,
    player: {
      trait: "update",
      last: () => LAST,
      pace: PACE,
      step: "One update",
      stride: counted("update"),
    },
    buttons: [
      {
        label: "From the start",
        action: "start",
        run({ set, stop }) {
          stop();
          set("update", 0);
        },
      },
      NEW_NOISE,
    ],
    draw({ charts, show }) {
      const { setting, run } = trained();
      const update = model.get("update");
      const { params, cost, inARow, learnedAt } = run[update];
      const states = targets.map((_, k) => forward(setting, params, update, k));
      const ends = states.map((a) => FORMULAS.activation(a[setting.T]));
      const logs = states.map((a, k) => errorsBack(a, params[0], targets[k]));
      parameters(charts[0], run, update, targets.length);
      costs(charts[1], run, update, targets);
      outputs(charts[2], states, targets);
      gradient(charts[3], logs);
      const past = run.slice(0, update + 1);
      const classes = (say) => targets.map((_, k) => `class ${k + 1} ${say(k)}`).join(", ");
      const decade = (log) => (log === null ? "no size" : plain(log, 1));
      charts[0].says = `Over ${update} updates w goes ${course(past.map((one) => one.params[0]), 2)}.`;
      charts[1].says = `Over ${update} updates the cost goes ${course(past.map((one) => one.cost), 2)}.`;
      charts[2].says = `After ${setting.T} steps: ${classes((k) => plain(ends[k], 2))}; the targets are `
        + `${targets.map((d) => plain(d, 1)).join(" and ")}.`;
      charts[3].says = `At the first step: ${classes((k) => decade(logs[k][0]))}; at the last: `
        + `${classes((k) => decade(logs[k][setting.T - 1]))}.`;

      show("w", params[0]);
      show("cost", cost);
      show("x_first", ends[0]);
      show("x_second", ends[1]);
      show("log10_first", logs[0][0], 2);
      show("log10_second", logs[1][0], 2);
      show("in_a_row", inARow, 0);
      show("learned_at", learnedAt, 0);
      return words(run, update, ends, targets);
    },
  });
}

export default { render };
