// Looking back: what one attention head puts on a marked position, and what a logit can change.
import { counted, explorable, plain } from "./common.js";

const [LEAST, MOST] = [-2, 14]; // gaps
const BARS = 40;

const SETTINGS = [
  ["at the start: all equal", { T: 20, g: 0, B: 7 }],
  ["it has found its place", { T: 20, g: 6, B: 7 }],
  ["the same gap, a long sequence", { T: 1000, g: 6, B: 7 }],
  ["bounded logits, a long sequence", { T: 1000, g: 14, B: 2 }],
];

const PARTS = {
  title: "Looking back",
  choices: [{ label: "head", options: SETTINGS.map(([text, values]) => ({ text, values })) }],
  sliders: [
    ["T", "length T", counted("step")],
    ["g", "logit gap g", 1],
    ["B", "bound on the logits B", 2],
  ],
  charts: [
    {
      title: "Where it looks",
      caption: `The weight of each position. The first one is marked. If there are more than ${BARS} positions, `
        + `only the first ${BARS} are drawn; the rest look like all but the first.`,
    },
    {
      title: "Weight and slope",
      caption: "Solid: the weight of the marked position against its gap. Dashed: the slope of the "
        + "weight, which is all that a gradient has to work with. Dotted: the gap at which the weight is one "
        + "half. Shaded: gaps that the bound rules out.",
    },
  ],
  numbers: [
    ["gap", "gap that the bound allows"],
    ["weight", "weight p of the marked position"],
    ["other", "weight of each of the others"],
    ["slope", "slope p (1 − p)"],
    ["start", "slope with all logits equal"],
    ["half", "gap for the weight 1/2, ln (T − 1)"],
    ["cap", "largest weight under the bound"],
    ["margin", "noise on the others that it withstands"],
  ],
};

/** Work out the numbers, as latchbook.explorables.glance does. */
function numbers(T, g, B) {
  const gap = Math.max(-2 * B, Math.min(g, 2 * B));
  const weight = FORMULAS.attention_weight(gap, T);
  return {
    gap, weight, other: (1 - weight) / (T - 1),
    slope: FORMULAS.attention_slope(weight), start: FORMULAS.attention_slope(1 / T),
    half: FORMULAS.attention_gap(T, 0.5), cap: FORMULAS.attention_cap(B, T),
    margin: FORMULAS.attention_margin(gap, T),
  };
}

function bars(chart, T, found) {
  const shown = Math.min(T, BARS);
  chart.frame({ x: [0.4, shown + 0.6], y: [0, 1], xLabel: "position", yLabel: "weight" });
  for (let k = 1; k <= shown; k += 1) {
    const height = k === 1 ? found.weight : found.other;
    const [left, right] = [k - 0.4, k + 0.4];
    chart.area([[left, 0], [left, height], [right, height], [right, 0]], k === 1 ? "box" : "bar");
  }
  chart.says = `The first of ${T} positions has the weight ${plain(found.weight, 3)}, each of the others `
    + `${plain(found.other, 4)}.`;
}

function curves(chart, T, B, found) {
  chart.frame({ x: [LEAST, MOST], y: [0, 1], xLabel: "logit gap", yLabel: "weight, slope" });
  if (-2 * B > LEAST) chart.band(LEAST, -2 * B, "away");
  if (2 * B < MOST) chart.band(2 * B, MOST, "away");
  const weight = (g) => FORMULAS.attention_weight(g, T);
  chart.curve(weight, "main", "weight");
  chart.curve((g) => FORMULAS.attention_slope(weight(g)), "gradlaw", "slope");
  chart.vertical(found.half, "mark");
  chart.dot(found.gap, found.weight, "stable", 6);
  chart.dot(found.gap, found.slope, "gradient", 6);
  chart.says = `The weight is one half at the gap ${plain(found.half, 2)}, where its slope has its peak `
    + `of one quarter. The dots are at the gap ${plain(found.gap, 1)}: weight ${plain(found.weight, 3)}, `
    + `slope ${plain(found.slope, 4)}.`;
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    draw({ charts, show }) {
      const [T, g, B] = ["T", "g", "B"].map((name) => model.get(name));
      const found = numbers(T, g, B);
      bars(charts[0], T, found);
      curves(charts[1], T, B, found);
      for (const [name] of PARTS.numbers) show(name, found[name]);
      const cut = g !== found.gap ? ` The bound allows a gap of only ${plain(found.gap, 1)}.` : "";
      return `Of ${T} positions the marked one has the weight ${plain(found.weight, 3)}. Its slope is `
        + `${plain(found.slope, 4)}, and with all logits equal it is ${plain(found.start, 4)}.${cut}`;
    },
  });
}

export default { render };
