// Steps on a plateau: plain descent beside pseudo-Newton, whose step the divisor mu holds back.
import { counted, explorable, fixedPoints, format, plain, timePlayer } from "./common.js";

const RATE = 0.05;
const TARGET = -0.8;
const [LEFT, RIGHT, EDGE] = [-1.5, 2, 0.04];
const [LEAST, MOST] = [-8, 2]; // decades
const PACE = 120; // milliseconds an update, when it plays
// Each rule: its name in the pictures and in a sentence, and the style of its steps.
const RULES = {
  plain: ["plain", "plain descent", "gradthin"],
  gauss: ["Gauss-Newton", "the Gauss-Newton form", "gradlaw"],
  full: ["full form", "the full form", "grad"],
};

const PARTS = {
  title: "Steps on a plateau",
  sliders: [
    ["w", "weight w", 2],
    ["T", "length T", counted("step")],
    ["u", "start of u", 2],
    ["mu", "least divisor μ", 3],
    ["update", "updates", counted("update")],
  ],
  charts: [
    {
      title: "Where the three rules are",
      caption: "The cost against the first input, and the place of each rule. All begin at the same place on the "
        + "plateau, to the right of the cliff at 0; the cost is low to the left of it.",
    },
    {
      title: "How long a step is",
      caption: "The length of the step that each rule takes from a first input, in powers of ten. The dots are at the "
        + "same first inputs as in the first picture.",
    },
  ],
  numbers: [
    ["plain", "plain: first input u"],
    ["plain_step", "plain: next step"],
    ["gauss", "Gauss-Newton form: u"],
    ["gauss_step", "Gauss-Newton form: next step"],
    ["full", "full form: u"],
    ["full_step", "full form: next step"],
    ["gained", "steps of reach that μ gains"],
  ],
};

/** The cost of a first input, and the step that each rule takes from there. */
function place(u, w, T, mu) {
  const states = [u];
  for (let t = 1; t < T; t++) states.push(FORMULAS.step(states[t - 1], w, 0));
  const x = FORMULAS.activation(states[T - 1]);
  let delta = FORMULAS.delta_at_end(states[T - 1], TARGET);
  let full = FORMULAS.unit_gamma(x, 1, FORMULAS.cost_derivative(x, TARGET));
  let gauss = FORMULAS.unit_gamma(x, 1, 0);
  for (let t = T - 2; t >= 0; t--) {
    full = FORMULAS.gamma_step(full, states[t], w, delta);
    gauss = FORMULAS.gamma_step(gauss, states[t], w, 0);
    delta = FORMULAS.delta_step(delta, states[t], w);
  }
  return {
    u,
    cost: FORMULAS.cost(x, TARGET),
    plain: -RATE * delta,
    gauss: FORMULAS.pseudo_newton_step(delta, gauss, RATE, mu),
    full: FORMULAS.pseudo_newton_step(delta, full, RATE, mu),
  };
}

/** Follow a rule from the first input of the start. */
function follow(rule, u, w, T, mu, updates) {
  let now = place(u, w, T, mu);
  for (let k = 0; k < updates; k++) {
    now = place(FORMULAS.descent_on_grid(now.u, -now[rule], 1), w, T, mu);
  }
  return now;
}

const inside = (u) => Math.min(RIGHT - EDGE, Math.max(LEFT + EDGE, u));

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE, "update", "update"),
    draw({ charts, show }) {
      const [w, T, u, mu, update] = ["w", "T", "u", "mu", "update"].map((name) => model.get(name));
      const [above, below] = charts;
      const names = Object.keys(RULES);
      const now = Object.fromEntries(names.map((rule) => [rule, follow(rule, u, w, T, mu, update)]));
      const along = Array.from({ length: 141 }, (_, k) => place(LEFT + k / 40, w, T, mu));
      const decades = (step) => Math.max(2 * LEAST, FORMULAS.decades(Math.abs(step)));

      above.frame({ x: [LEFT, RIGHT], y: [-0.1, 1.8], xLabel: "first input u", yLabel: "cost" });
      above.line(along.map((one) => [one.u, one.cost]), "start", "cost");
      below.frame({ x: [LEFT, RIGHT], y: [LEAST, MOST], xLabel: "first input u", yLabel: "log₁₀ of the step" });
      for (const rule of names) {
        const [words, , style] = RULES[rule];
        const { u: at, cost } = now[rule];
        const gone = at < LEFT || at > RIGHT ? `, at ${plain(at, 1)}` : "";
        above.dot(inside(at), cost, rule === "full" ? "now" : "open", rule === "plain" ? 8 : 5);
        above.beside(inside(at), cost, "path", words + gone);
        below.line(along.map((one) => [one.u, decades(one[rule])]), style, words);
        below.dot(inside(at), decades(now[rule][rule]), "gradient", 4);
        show(rule, at);
        show(`${rule}_step`, now[rule][rule]);
      }
      const gained = FORMULAS.steps_gained(mu, FORMULAS.slope(fixedPoints(w, 0)[2].a, w));
      show("gained", gained, 1);
      const places = names.map((rule) => `${RULES[rule][1]} at ${plain(now[rule].u, 2)}`).join(", ");
      above.says = `After ${counted("update")(update)} the rules are: ${places}. Left of 0 the cost is low.`;
      below.says = `The next steps: ${names.map((rule) => `${RULES[rule][1]} ${format(now[rule][rule], 3)}`).join(", ")}.`;
      const over = names.filter((rule) => now[rule].u < 0).map((rule) => RULES[rule][1]);
      return `After ${counted("update")(update)} ${over.length ? over.join(" and ") : "no rule"} has crossed the cliff. With this `
        + `divisor pseudo-Newton reaches ${plain(gained, 1)} steps further back than the gradient.`;
    },
  });
}

export default { render };
