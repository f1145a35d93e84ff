// Three systems under one noise: a leaky and a perfect integrator, and a latch.
import { NEW_NOISE, TIME, explorable, fixedPoints, noiseOf, plain, timePlayer } from "./common.js";

const [LAST, SHOWN, FLOOR, PACE] = [250, 2, -20, 60];
const STYLES = { leaky: "main", perfect: "law", latch: "third" };
const NAMES = Object.keys(STYLES);

const PARTS = {
  title: "Three systems, one noise",
  sliders: [
    ["v", "weight, leaky", 2],
    ["w", "weight, latch", 2],
    ["sigma", "noise σ", 2],
    TIME,
  ],
  charts: [
    {
      title: "Condition 1: which system keeps the sign",
      caption: "The state of each system in one run. All start at +1 and hear the same noise. Above 0 the sign "
        + "is right.",
    },
    {
      title: "Condition 2: how large the noise is",
      caption: "What the noise has added to the state: its root mean square over eight runs. Thin, dashed: the "
        + "laws of the two integrators. At 1 it is as large as the start.",
    },
    {
      title: "For condition 3: what is left of the gradient",
      caption: "log₁₀ of ∂aₜ/∂a₀ in the run of the first picture. A dot on the lower edge means this value or less.",
    },
  ],
  numbers: [
    ...NAMES.map((name) => [`${name}_right`, `right sign, of 8 runs: ${name}`]),
    ...NAMES.map((name) => [`${name}_noise`, `noise in the state: ${name}`]),
    ["leaky_law", "noise by its law: leaky"],
    ["perfect_law", "noise by its law: perfect"],
    ...NAMES.map((name) => [`${name}_gradient`, `log₁₀ of the gradient: ${name}`]),
  ],
};

/** Follow one system from 1; `pushes` has one input a step. */
function follow(step, pushes) {
  const states = [1];
  for (const push of pushes) states.push(step(states[states.length - 1], push));
  return states;
}

/** Return of one system the states of the run drawn, the noise in all runs, and how many are right. */
function runs(model, step) {
  const [t, sigma, sample] = ["t", "sigma", "sample"].map((name) => model.get(name));
  const last = model.get("ranges").sample[1];
  const all = Array.from({ length: last + 1 }, (_, k) => follow(step, (
    noiseOf(model, k).slice(0, t).map((xi) => FORMULAS.noisy_input(0, sigma, xi))
  )));
  const quiet = follow(step, Array(t).fill(0));
  const noise = quiet.map((a, i) => (
    FORMULAS.deviation(all.reduce((sum, run) => sum + (run[i] - a) * (run[i] - a), 0) / all.length)
  ));
  return { states: all[sample], noise, right: all.filter((run) => run[t] > 0).length };
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE),
    buttons: [NEW_NOISE],
    draw({ charts, show }) {
      const [t, v, w, sigma] = ["t", "v", "w", "sigma"].map((name) => model.get(name));
      const found = {
        leaky: runs(model, (a, h) => FORMULAS.linear_step(a, v, h)),
        perfect: runs(model, (a, h) => FORMULAS.linear_step(a, 1, h)),
        latch: runs(model, (a, h) => FORMULAS.step(a, w, h)),
      };
      found.leaky.decades = found.leaky.states.map((_, i) => i * FORMULAS.decades(v));
      found.perfect.decades = found.perfect.states.map((_, i) => i * FORMULAS.decades(1));
      found.latch.decades = [0];
      found.latch.states.slice(0, -1).forEach((a, i) => {
        found.latch.decades.push(found.latch.decades[i] + FORMULAS.log_slope(a, w) / Math.LN10);
      });
      const laws = {
        leaky: (s) => FORMULAS.deviation(FORMULAS.leaky_variance(sigma, s, v)),
        perfect: (s) => FORMULAS.deviation(FORMULAS.walk_variance(sigma, s)),
      };
      const [states, noise, gradient] = charts;
      const reach = Math.max(3.5, 1.15 * fixedPoints(w, 0)[2].a);
      states.frame({ x: [0, LAST], y: [-reach, reach], xLabel: "step t", yLabel: "state aₜ" });
      noise.frame({ x: [0, LAST], y: [0, SHOWN], xLabel: "step t", yLabel: "noise in aₜ" });
      gradient.frame({ x: [0, LAST], y: [FLOOR, 1], xLabel: "step t", yLabel: "log₁₀ ∂aₜ/∂a₀" });
      states.horizontal(0, "thin");
      noise.horizontal(1, "thin", "as large as the start");
      noise.curve(laws.perfect, "dashed", sigma > 0 ? "σ√t" : null);
      noise.curve(laws.leaky, "dashed");
      for (const name of NAMES) {
        const one = found[name];
        const words = t > 30 ? name : null; // as soon as there is a line to name
        [[states, one.states], [noise, one.noise], [gradient, one.decades]].forEach(([chart, values]) => {
          chart.line(values.map((value, i) => [i, Math.max(2 * FLOOR, value)]), STYLES[name], words);
        });
        states.dot(t, one.states[t], "now", 4);
        noise.dot(t, one.noise[t], "now", 4);
        gradient.dot(t, Math.max(FLOOR, one.decades[t]), "gradient", 4);
        show(`${name}_right`, one.right, 0);
        show(`${name}_noise`, one.noise[t]);
        show(`${name}_gradient`, one.decades[t], 2);
        if (laws[name]) show(`${name}_law`, laws[name](t));
      }
      const say = (value) => NAMES.map((name) => `${name} ${value(found[name])}`).join(", ");
      states.says = `After ${t} steps: ${say((one) => plain(one.states[t], 2))}.`;
      noise.says = `After ${t} steps: ${say((one) => plain(one.noise[t], 2))}.`;
      gradient.says = `After ${t} steps, in powers of ten: ${say((one) => plain(one.decades[t], 1))}.`;
      return `After ${t} steps the sign is right in this many of 8 runs: ${say((one) => one.right)}. The noise in `
        + `the perfect integrator is ${plain(found.perfect.noise[t], 2)}, by its law ${plain(laws.perfect(t), 2)}.`;
    },
  });
}

export default { render };
