// The gradient of the weight, step by step: which steps it comes from as a sequence gets longer.
import { NEW_NOISE, counted, explorable, fixedPoints, noiseOf, plain, timePlayer } from "./common.js";

const [LONGEST, NEAR, TARGET, PACE] = [50, 5, 0.8, 200];

const PARTS = {
  title: "Which steps the weight feels",
  sliders: [
    ["w", "weight w", 2],
    ["a0", "initial state a₀", 1],
    ["sigma", "noise σ", 2],
    ["t", "length T", counted("step")],
  ],
  charts: [
    {
      title: "The sequence",
      caption: "The state, up to the end of the sequence. Shaded: the last five steps.",
    },
    {
      title: "Which steps supply the gradient",
      caption: "The share of each step in ∂C/∂w: the size of its term, divided by the sum of all sizes. The shares "
        + "add up to 1.",
    },
  ],
  numbers: [
    ["state", "state at the end"],
    ["gradient", "gradient ∂C/∂w"],
    ["near", "share of the last five steps"],
    ["first", "log₁₀ of the share of the first step"],
  ],
};

/** Return what each step adds to the gradient of the weight, the first step first. */
function termsOf(states, w) {
  const last = states.length - 1;
  const terms = Array(last);
  let delta = FORMULAS.delta_at_end(states[last], TARGET);
  for (let step = last; step > 0; step--) {
    terms[step - 1] = FORMULAS.weight_term(delta, states[step - 1]);
    delta = FORMULAS.delta_step(delta, states[step - 1], w);
  }
  return terms;
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE),
    buttons: [NEW_NOISE],
    draw({ charts, show }) {
      const [w, a0, sigma, t] = ["w", "a0", "sigma", "t"].map((name) => model.get(name));
      const states = [a0];
      for (const xi of noiseOf(model).slice(0, t)) {
        states.push(FORMULAS.step(states[states.length - 1], w, FORMULAS.noisy_input(0, sigma, xi)));
      }
      const sum = (values) => values.reduce((total, value) => total + value, 0);
      const terms = termsOf(states, w);
      const whole = sum(terms.map(Math.abs));
      const shares = whole > 0 ? terms.map((term) => Math.abs(term) / whole) : null;

      const [sequence, bars] = charts;
      const top = fixedPoints(w, 0).pop().a;
      const reach = Math.max(3, 1.3 * top);
      const x = [0, LONGEST + 1];
      sequence.frame({ x, y: [-reach, reach], xLabel: "step", yLabel: "state" });
      bars.frame({ x, y: [0, 1], xLabel: "step", yLabel: "share of ∂C/∂w" });
      if (t > 0) for (const chart of charts) chart.band(Math.max(t - NEAR, 0) + 0.5, t + 0.5, "away");
      sequence.horizontal(0, "thin");
      const path = states.map((a, i) => [i, a]);
      sequence.line(path, "path", t > 10 ? "state" : null);
      sequence.scatter(path, "points");
      sequence.dot(t, states[t], "now");
      shares?.forEach((share, i) => bars.line([[i + 1, 0], [i + 1, share]], "grad"));
      if (shares) bars.beside(t, shares[t - 1], "grad", "last step");

      const near = shares && sum(shares.slice(-NEAR));
      const first = shares?.[0] > 0 ? FORMULAS.decades(shares[0]) : null;
      show("state", states[t]);
      show("gradient", sum(terms));
      show("near", near, 4);
      show("first", first, 1);
      sequence.says = `After ${counted("step")(t)} the state is ${plain(states[t], 2)}.`;
      if (!shares) {
        bars.says = "There is nothing to add up.";
        return "No step adds anything to the gradient of the weight.";
      }
      const most = shares.indexOf(Math.max(...shares));
      bars.says = `The greatest share is that of step ${most + 1}, ${plain(shares[most], 2)}.`;
      return `Of the gradient of the weight, ${plain(100 * near, 2)} per cent comes from the last five of `
        + `${counted("step")(t)}. The greatest share is that of step ${most + 1}.`;
    },
  });
}

export default { render };
