// The shape of a unit: its margin, its room, and how long its gradient can live.
import { scaleLog } from "d3-scale";
import { bisect, explorable, plain } from "./common.js";

const SHAPES = [
  ["soft, near tanh", { s: 1, g: 3, c: 0, bend: 0.5 }],
  ["the unit at the start", { s: 1, g: 2, c: 0, bend: 1 }],
  ["a sharp kink", { s: 1, g: 2, c: 0.8, bend: 10 }],
  ["a sharp kink, ten times as large", { s: 10, g: 2, c: 0.8, bend: 10 }],
];

const PARTS = {
  title: "The shape of a unit",
  choices: [{ label: "unit", options: SHAPES.map(([text, values]) => ({ text, values })) }],
  sliders: [
    ["s", "scale s", 1],
    ["g", "gain g", 2],
    ["c", "slope far out c", 2],
    ["bend", "sharpness of the bend k", 1],
  ],
  charts: [
    {
      title: "The unit",
      caption: "Thick: the margin, from the edge p up to f. Dashed: the chord from there to the attractor (dot); its slope "
        + "bounds the slope at the dot.",
    },
    {
      title: "Half-life against margin over room",
      caption: "Dashed: the longest half-life that the price allows. No such unit is in the shaded "
        + "part. The dot is the unit set above.",
    },
  ],
  numbers: [
    ["edge", "edge p"],
    ["margin", "margin m"],
    ["attractor", "attractor x*"],
    ["room", "room d"],
    ["share", "margin / room"],
    ["slope", "slope at the attractor"],
    ["price", "its bound 1 − m/d"],
    ["half_life", "half-life, in steps"],
    ["limit", "its bound, in steps"],
  ],
};

/** Work out the numbers of a unit, as latchbook.explorables.shape does; null where no bit is held. */
function numbers(f, [s, g, c, k]) {
  if (!(FORMULAS.shape_slope(0, s, g, c, k) > 1)) return null;
  const edge = FORMULAS.shape_edge(s, g, c, k);
  const top = bisect((a) => f(a) - a, edge, (s * g + 1) / (1 - c));
  const margin = f(edge) - edge;
  const room = top - edge;
  const slope = FORMULAS.shape_slope(top, s, g, c, k);
  const price = FORMULAS.price_at_rest(margin, room);
  return {
    edge, margin, attractor: top, room, share: margin / room, slope, price,
    half_life: FORMULAS.half_life(slope), limit: FORMULAS.half_life(price),
  };
}

function unit(chart, f, reach, found) {
  chart.frame({ x: [0, reach], y: [0, reach], xLabel: "state", yLabel: "next state" });
  chart.line([[0, 0], [reach, reach]], "thin", "stays as it is");
  chart.curve(f, "main", "unit f");
  if (!found) {
    chart.says = "The curve never rises above the line where the state stays as it is.";
    return;
  }
  const { edge, margin, attractor: top } = found;
  chart.line([[edge, edge + margin], [top, top]], "gradlaw", "chord");
  chart.line([[edge, edge], [edge, edge + margin]], "safe", "margin");
  chart.dot(top, top, "stable", 6);
  chart.text(edge, edge, "p", "start", 4, 14);
  chart.text(top, top, "x*", "start", 4, 16);
  chart.says = `From the edge at ${plain(edge, 2)}, where the curve is ${plain(margin, 2)} above the line, `
    + `to the attractor at ${plain(top, 2)}.`;
}

function plane(chart, found) {
  const [least, most] = [0.1, 100];
  const limit = (share) => FORMULAS.half_life(FORMULAS.price_at_rest(share, 1));
  chart.frame({
    x: [0, 1], y: [least, most], yScale: scaleLog, xLabel: "margin / room",
    yLabel: "half-life, steps", ticks: [4, "~g"],
  });
  const bound = Array.from({ length: 197 }, (_, i) => {
    const share = 0.005 * (i + 2);
    return [share, limit(share)];
  }).filter(([, life]) => life > least && life < most);
  chart.area([[bound[0][0], most], ...bound, [1, least], [1, most]], "away");
  chart.line(bound, "gradlaw", "the price");
  if (!found) {
    chart.says = "There is no dot, because the unit holds no bit.";
    return;
  }
  chart.dot(found.share, found.half_life, "gradient", 6);
  chart.says = `The dot is at ${plain(found.share, 2)} and ${plain(found.half_life, 1)} steps; the bound `
    + `there is ${plain(found.limit, 1)} steps.`;
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    draw({ charts, show }) {
      const shape = ["s", "g", "c", "bend"].map((name) => model.get(name));
      const [s, g, c, k] = shape;
      const f = (a) => FORMULAS.shape(a, s, g, c, k);
      const found = numbers(f, shape);
      unit(charts[0], f, 1.25 * (found ? found.attractor : 2.4 * s), found);
      plane(charts[1], found);
      for (const [name] of PARTS.numbers) show(name, found ? found[name] : null);
      return found
        ? `The unit withstands inputs up to ${plain(found.margin, 3)}, in a room of ${plain(found.room, 3)}. `
          + `Its gradient halves in ${plain(found.half_life, 2)} steps; the price allows at most `
          + `${plain(found.limit, 2)}.`
        : "The slope of the unit is nowhere above 1, so it holds no bit.";
    },
  });
}

export default { render };
