// A cost with two cliffs: where its gradient explodes, where it vanishes, what clipping does.
import { counted, explorable, format, plain, timePlayer } from "./common.js";

const [RATE, APART] = [0.1, 0.5];
const [LEFT, RIGHT, EDGE] = [-1.5, 2.5, 0.05];
const TARGETS = [0.8, -0.8];
const FLOOR = -12; // decades
const PACE = 500; // milliseconds an update, when it plays

const PARTS = {
  title: "A cost with two cliffs",
  sliders: [
    ["w", "weight w", 2],
    ["T", "length T", counted("step")],
    ["s", "first shift s", 2],
    ["threshold", "clipped at θ", 1],
    ["update", "updates", counted("update")],
  ],
  charts: [
    {
      title: "Where training goes",
      caption: "The cost against the shift. Filled dot and solid line: plain gradient descent. Open dot and dashed line: "
        + "the same with clipping. Both begin at the first shift and have the rate 0.1.",
    },
    {
      title: "The gradient on its way",
      caption: "By what factor a small change of the start has grown after each step of a sequence, at the "
        + "filled dot. Above 0 it explodes, below it vanishes. Thin: where the longest gradient so far was met.",
    },
  ],
  numbers: [
    ["plain", "plain: shift"],
    ["plain_cost", "plain: cost"],
    ["plain_gradient", "plain: gradient"],
    ["longest", "plain: longest gradient so far"],
    ["clipped", "clipped: shift"],
    ["clipped_cost", "clipped: cost"],
    ["clipped_gradient", "clipped: gradient"],
    ["growth_plus", "factor of plus after T steps"],
    ["growth_minus", "factor of minus after T steps"],
  ],
};

/** Mean cost of both sequences at a shift, its derivative, and what a small change has grown to. */
function place(shift, w, T) {
  const found = { shift, cost: 0, gradient: 0, growth: [] };
  for (const target of TARGETS) {
    let a = (target > 0 ? APART : -APART) + shift;
    const grown = [1];
    for (let t = 0; t < T; t++) {
      grown.push(grown[t] * FORMULAS.slope(a, w));
      a = FORMULAS.step(a, w, 0);
    }
    found.cost += FORMULAS.cost(FORMULAS.activation(a), target) / TARGETS.length;
    found.gradient += (FORMULAS.delta_at_end(a, target) * grown[T]) / TARGETS.length;
    found.growth.push(grown);
  }
  return found;
}

/** Follow a rule from the first shift; without clipping its threshold is infinite. */
function follow(start, w, T, updates, threshold) {
  const places = [place(start, w, T)];
  for (let k = 0; k < updates; k++) {
    const { shift, gradient } = places[k];
    const cut = Math.sign(gradient) * FORMULAS.clipped_length(Math.abs(gradient), threshold);
    places.push(place(FORMULAS.descent_on_grid(shift, cut, RATE), w, T));
  }
  return places;
}

function costs(chart, w, T, rules) {
  chart.frame({ x: [LEFT, RIGHT], y: [-0.05, 1], xLabel: "shift s of both starts", yLabel: "cost" });
  // As fine as the slider, so that a dot is on the line.
  const shifts = Array.from({ length: 401 }, (_, k) => LEFT + k / 100);
  chart.line(shifts.map((shift) => [shift, place(shift, w, T).cost]), "start", "cost");
  const inside = ({ shift, cost }) => [Math.min(RIGHT - EDGE, Math.max(LEFT + EDGE, shift)), cost];
  for (const [name, line, dot, size] of [["clipped", "law", "open", 7], ["plain", "path", "now", 5]]) {
    const last = rules[name].at(-1);
    chart.line(rules[name].map(inside), line);
    chart.dot(...inside(last), dot, size);
    const gone = last.shift < LEFT || last.shift > RIGHT;
    chart.beside(...inside(last), line, gone ? `${name}, gone to ${plain(last.shift, 1)}` : name);
  }
  const say = ({ shift, cost }) => `at the shift ${plain(shift, 2)}, with the cost ${plain(cost, 2)}`;
  chart.says = `Plain descent is ${say(rules.plain.at(-1))}; the clipped rule is ${say(rules.clipped.at(-1))}.`;
}

function growths(chart, T, { growth }, steepest) {
  chart.frame({
    x: [0, T], y: [Math.max(FLOOR, -T), T / 2], xLabel: "step of the sequence", yLabel: "log₁₀ of the factor",
  });
  chart.horizontal(0, "thin");
  const decades = (value) => Math.max(2 * FLOOR, FORMULAS.decades(value));
  const line = (grown) => grown.map((value, t) => [t, decades(value)]);
  const [plus, minus] = growth.map(line);
  const spike = steepest.growth.reduce((one, other) => (other[T] > one[T] ? other : one));
  if (steepest.growth !== growth) chart.line(line(spike), "gradthin", "at the longest gradient");
  chart.line(minus, "gradlaw", "minus");
  chart.line(plus, "grad", "plus");
  for (const points of [minus, plus]) chart.dot(...points[T], "gradient");
  chart.says = `After ${T} steps the logarithm of the factor is ${plain(plus[T][1], 1)} for plus and `
    + `${plain(minus[T][1], 1)} for minus.`;
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE, "update", "update"),
    draw({ charts, show }) {
      const [w, T, s, threshold, update] = ["w", "T", "s", "threshold", "update"]
        .map((name) => model.get(name));
      const rules = { plain: follow(s, w, T, update, Infinity), clipped: follow(s, w, T, update, threshold) };
      const size = ({ gradient }) => Math.abs(gradient);
      const steepest = rules.plain.reduce((one, other) => (size(other) > size(one) ? other : one));
      const longest = size(steepest);
      costs(charts[0], w, T, rules);
      growths(charts[1], T, rules.plain[update], steepest);
      for (const name of ["plain", "clipped"]) {
        const { shift, cost, gradient } = rules[name][update];
        show(name, shift);
        show(`${name}_cost`, cost);
        show(`${name}_gradient`, gradient);
      }
      show("longest", longest);
      show("growth_plus", rules.plain[update].growth[0][T]);
      show("growth_minus", rules.plain[update].growth[1][T]);
      return `After ${counted("update")(update)} plain descent has met a gradient of ${format(longest, 2)}; its cost is `
        + `${plain(rules.plain[update].cost, 2)}, and that of the clipped rule ${plain(rules.clipped[update].cost, 2)}.`;
    },
  });
}

export default { render };
