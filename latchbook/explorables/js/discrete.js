// A discrete error travels back: a threshold unit with a self-loop beside a tanh unit.
import { NEW_NOISE, counted, explorable, plain } from "./common.js";

const LONGEST = 40;
const [MIN, MAX] = [-2, 2];
const PACE = 700; // milliseconds a step, when it plays

function parts(model) {
  return {
    title: "A discrete error travels back",
    choices: [{
      label: "output wanted",
      options: model.get("targets").map((target, wanted) => ({
        text: sign(target), values: { wanted },
      })),
    }],
    sliders: [
      ["w", "weight w", 2],
      ["start", "first input h₁", 1],
      ["noise", "noise bound", 2],
      ["eps", "margin ε", 2],
      ["T", "length T", counted("step")],
      ["back", "steps back", counted("step")],
    ],
    charts: [
      {
        title: "Net inputs, forward",
        caption: "Line with dots: the net input of the threshold unit, whose output is its sign. "
          + "Plain line: that of the tanh unit with the same w and the same inputs. Arrow: the move that "
          + "the discrete error asks for at the step it has reached (dotted).",
      },
      {
        title: "Discrete error, going back",
        caption: "Bars: the moves Δxₜ asked for so far, starting from the end on the right. Open dots: "
          + "no move is asked for. A bar is never shorter than ε.",
      },
      {
        title: "Sizes, going back",
        caption: "Solid: log₁₀ of |∂C/∂aₜ| in the tanh unit. Dashed: log₁₀ of the mean of |Δxₜ| over "
          + "all draws. Dots: the step reached.",
      },
    ],
    numbers: [
      ["net_input", "net input xₜ there"],
      ["output", "output yₜ there"],
      ["wish", "wish for yₜ"],
      ["move", "move Δxₜ asked for"],
      ["arrival", "chance that the error gets there"],
      ["log10_mean", "log₁₀ of the mean of |Δxₜ|"],
      ["log10_gradient", "log₁₀ of |∂C/∂aₜ|, tanh unit"],
      ["moved", "steps moved in this draw"],
      ["arrival_first", "chance that the error gets to step 1"],
    ],
  };
}

const sign = (y) => (y > 0 ? "+1" : "−1");
const whole = (v) => (v > 0 ? `+${v}` : plain(v, 0));

/** Return noise (kind 0) or chance (kind 1) of the present sample. */
function drawn(model, kind) {
  const view = model.get("draws");
  const first = (2 * model.get("sample") + kind) * LONGEST;
  return Array.from({ length: model.get("T") }, (_, t) => view.getFloat64(8 * (first + t), true));
}

/** Run both units forward; index 0 is time 1. */
function forward(model) {
  const [w, start, noise] = ["w", "start", "noise"].map((name) => model.get(name));
  let [y, a] = [0, 0];
  return drawn(model, 0).map((xi, t) => {
    const input = t === 0 ? start : FORMULAS.noisy_input(0, noise, xi);
    const x = FORMULAS.linear_step(y, w, input);
    y = FORMULAS.threshold_output(x);
    a = FORMULAS.step(a, w, input);
    return { x, y, a };
  });
}

/** Send both errors back; adds wish, chance, became, move, turning, arrival and delta. */
function backward(model, steps, target) {
  const [w, eps] = [model.get("w"), model.get("eps")];
  const uniform = drawn(model, 1);
  const last = steps.length - 1;
  for (let t = last; t >= 0; t--) {
    const [now, next] = [steps[t], steps[t + 1]];
    now.turning = FORMULAS.turning_move(now.x, now.y, eps);
    if (t === last) {
      now.wish = Math.sign(target) - now.y;
      now.became = now.wish;
      now.arrival = now.wish === 0 ? 0 : 1;
      now.delta = FORMULAS.delta_at_end(now.a, target);
    } else {
      now.wish = FORMULAS.linear_step(next.move, w, 0);
      now.chance = FORMULAS.wish_chance(now.wish, MIN, MAX);
      now.became = now.wish === 0 ? 0 : uniform[t] < now.chance ? 2 : -2;
      const up = FORMULAS.wish_chance(FORMULAS.linear_step(next.turning, w, 0), MIN, MAX);
      now.arrival = next.arrival * (now.y < 0 ? up : 1 - up);
      now.delta = FORMULAS.delta_step(next.delta, now.a, w);
    }
    now.move = FORMULAS.required_move(now.x, now.became, eps);
  }
  return steps;
}

/** Return log10 of a size, or null for 0. */
function decades(size) {
  return size === 0 ? null : FORMULAS.decades(Math.abs(size));
}

/** Say what happens at step t (from 1) of T. */
function words(steps, t, target) {
  const [now, next] = [steps[t - 1], steps[t]];
  const T = steps.length;
  const flip = `The unit should flip: its net input ${plain(now.x, 2)} must move by `
    + `${now.move > 0 ? "+" : ""}${plain(now.move, 2)}.`;
  if (!next) {
    return now.move === 0
      ? `Step ${t}, the end: the output is ${sign(now.y)}, as wanted, so there is no error to send back.`
      : `Step ${t}, the end: the output is ${sign(now.y)}, but ${sign(target)} is wanted. ${flip}`;
  }
  if (next.move === 0) {
    let stopped = T;
    while (steps[stopped - 1].move !== 0) stopped--;
    return stopped === T ? `Step ${t}: the output at the end was as wanted. No error travels.`
      : `Step ${t}: the error stopped at step ${stopped}. Nothing moves here.`;
  }
  const chance = now.became > 0 ? now.chance : 1 - now.chance;
  const how = chance === 1 ? "with certainty" : `by chance, with probability ${(100 * chance).toFixed(0)} %`;
  const wish = `Step ${t}: the wish for the output is ${plain(now.wish, 2)}; it becomes `
    + `${whole(now.became)}, ${how}.`;
  return now.move === 0
    ? `${wish} The output is ${sign(now.y)} already: the error stops.` : `${wish} ${flip}`;
}

function netInputs(chart, steps, t) {
  const T = steps.length;
  const values = steps.flatMap(({ x, a, turning }) => [x, a, x + turning]);
  const reach = 1.1 * Math.max(1, ...values.map(Math.abs));
  chart.frame({
    x: [0.4, T + 0.6], y: [-reach, reach], xLabel: "time t (steps)", yLabel: "net input",
  });
  chart.horizontal(0, "thin");
  chart.vertical(t, "mark");
  chart.line(steps.map(({ a }, i) => [i + 1, a]), "main", "tanh unit");
  chart.line(steps.map(({ x }, i) => [i + 1, x]), "path", "threshold unit");
  chart.scatter(steps.map(({ x }, i) => [i + 1, x]), "points");
  const { x, move } = steps[t - 1];
  if (move === 0) return;
  const [wide, tall] = [0.006 * T + 0.12, 0.07 * reach * Math.sign(move)];
  chart.line([[t, x], [t, x + move]], "start");
  chart.area([[t, x + move], [t - wide, x + move - tall], [t + wide, x + move - tall]], "start");
}

function bars(chart, steps, t) {
  const T = steps.length;
  const reach = 1.1 * Math.max(...steps.map(({ turning }) => Math.abs(turning)));
  chart.frame({
    x: [0.4, T + 0.6], y: [-reach, reach], xLabel: "time t (steps)", yLabel: "move Δxₜ",
  });
  chart.horizontal(0, "thin");
  chart.vertical(t, "mark");
  steps.forEach(({ move }, i) => {
    if (i + 1 < t) return;
    const [left, right] = [i + 0.7, i + 1.3];
    if (move === 0) chart.dot(i + 1, 0, "unstable", 3);
    else chart.area([[left, 0], [right, 0], [right, move], [left, move]], "ball");
  });
}

function sizes(chart, steps, t) {
  const T = steps.length;
  const gradient = steps.map(({ delta }) => decades(delta));
  const mean = steps.map(({ arrival, turning }) => decades(arrival * turning));
  const known = [...gradient, ...mean].filter((v) => v !== null);
  const [low, high] = [Math.min(-2, ...known), Math.max(0.5, ...known)];
  chart.frame({
    x: [0.4, T + 0.6], y: [low - 0.04 * (high - low), high + 0.06 * (high - low)],
    xLabel: "time t (steps)", yLabel: "log₁₀ of its size",
  });
  chart.vertical(t, "mark");
  const points = (logs) => logs.map((v, i) => [i + 1, v]).filter(([, v]) => v !== null);
  chart.line(points(gradient), "gradthin", "gradient");
  chart.line(points(gradient).filter(([s]) => s >= t), "grad");
  chart.line(points(mean), "law", "mean of |Δxₜ|");
  if (mean[t - 1] !== null) chart.dot(t, mean[t - 1], "handle");
  if (gradient[t - 1] !== null) chart.dot(t, gradient[t - 1], "gradient");
  return { gradient: gradient[t - 1], mean: mean[t - 1] };
}

function render({ model, el }) {
  const close = explorable(model, el, {
    ...parts(model),
    player: {
      trait: "back",
      last: () => model.get("T") - 1,
      pace: PACE,
      step: "One step back",
      stride: counted("step back", "steps back"),
    },
    buttons: [{ ...NEW_NOISE, label: "New draw" }],
    draw({ charts, show }) {
      const target = model.get("targets")[model.get("wanted")];
      const steps = backward(model, forward(model), target);
      const T = steps.length;
      const t = Math.max(1, T - model.get("back"));
      const now = steps[t - 1];
      netInputs(charts[0], steps, t);
      bars(charts[1], steps, t);
      const logs = sizes(charts[2], steps, t);

      const size = (log) => (log === null ? "no size" : plain(log, 1));
      const flips = steps.filter(({ y }, i) => i > 0 && y !== steps[i - 1].y).length;
      charts[0].says = `The output starts at ${sign(steps[0].y)}, changes ${flips} times and ends at `
        + `${sign(steps[T - 1].y)}. At step ${t} the net inputs are ${plain(now.x, 2)} and `
        + `${plain(now.a, 2)}.`;
      const asked = steps.slice(t - 1).filter(({ move }) => move !== 0).length;
      charts[1].says = `From step ${T} back to step ${t}, ${asked} moves are asked for. At step ${t}: `
        + `${now.move === 0 ? "none" : plain(now.move, 2)}.`;
      charts[2].says = `At step ${t}, in powers of ten: gradient of the tanh unit ${size(logs.gradient)}, mean of the moves `
        + `${size(logs.mean)}.`;

      show("net_input", now.x);
      show("output", now.y, sign);
      show("wish", now.wish);
      show("move", now.move);
      show("arrival", now.arrival);
      show("log10_mean", logs.mean, 2);
      show("log10_gradient", logs.gradient, 2);
      show("moved", steps.filter(({ move }) => move !== 0).length, 0);
      show("arrival_first", steps[0].arrival);
      return words(steps, t, target);
    },
  });
  // The forward pass has the first row to itself, the two errors stand side by side below it.
  el.querySelector("figure").style.gridColumn = "1 / -1";
  return close;
}

export default { render };
