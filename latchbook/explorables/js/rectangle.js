// The rectangle under the curve: the bound of Theorem 3 against the exact threshold h*.
import { explorable, fixedPoints, handle, plain, snap } from "./common.js";

const PARTS = {
  title: "The rectangle under the curve",
  sliders: [["w", "weight w", 2], ["d", "radius d of the ball", 2]],
  charts: [
    {
      title: "Curve and rectangle",
      caption: "The shaded area from a* to a₊ is h*, the largest input that the "
        + "latch withstands. The rectangle of width d is what Theorem 3 guarantees. Drag its corner, or "
        + "move it with the arrow keys.",
    },
    {
      title: "Bound over radius",
      caption: "The bound b as the radius d grows. The dot is the radius set above.",
    },
  ],
  numbers: [
    ["b", "noise that Theorem 3 allows, b"],
    ["h_star", "noise that the latch withstands, h*"],
    ["ratio", "b / h*"],
    ["best_d", "best radius d"],
    ["best_b", "b at the best radius"],
    ["best_ratio", "best b / h*"],
    ["a_star", "edge a* of Γ"],
    ["a_plus", "upper attractor a₊"],
  ],
};

/** Return the radius of the largest rectangle, where the derivative of b falls through 0. */
function bestRadius(top, w) {
  let [low, high] = [0, top - FORMULAS.a_star(w)];
  for (;;) {
    const middle = 0.5 * (low + high);
    if (!(low < middle && middle < high)) return middle;
    if (FORMULAS.rectangle_bound_slope(top, middle, w) > 0) low = middle;
    else high = middle;
  }
}

function curve(chart, model, set, top) {
  const [w, d] = [model.get("w"), model.get("d")];
  const edge = FORMULAS.a_star(w);
  const gap = (y) => FORMULAS.contraction_gap(y, w);
  const [from, to] = [-0.1 * top, 1.2 * top];
  chart.frame({
    x: [from, to], y: [Math.max(1 - w, -0.6), 1.1], xLabel: "state y", yLabel: "1 − M′(y)",
  });
  const along = Array.from({ length: 61 }, (_, i) => edge + ((top - edge) * i) / 60);
  chart.area([[edge, 0], ...along.map((y) => [y, gap(y)]), [top, 0]], "gamma");
  chart.horizontal(0, "thin");
  const left = top - d;
  const height = gap(left);
  if (left > edge) chart.area([[left, 0], [left, height], [top, height], [top, 0]], "box");
  chart.curve(gap, "main", "1 − M′(y)");
  for (const [y, name] of [[edge, "a*"], [top, "a₊"]]) {
    chart.line([[y, 0], [y, gap(y)]], "mark");
    chart.text(y, 0, name, "start", 3, 15);
  }
  const range = model.get("ranges").d;
  handle(chart, {
    label: "left end of the rectangle",
    range: [top - range[1], top - range[0]],
    value: left,
    text: `state ${plain(left, 2)}, radius ${plain(d, 2)}`,
    at: [Math.max(from, left), Math.max(Math.max(1 - w, -0.6), gap(Math.max(from, left)))],
    // As its end goes to the right, or up the curve, the rectangle shrinks.
    move: (dx, dy) => set("d", snap(model.get("d") - (dx + dy) * range[2], range)),
    place: (y) => set("d", snap(top - y, range)),
    end: (sign) => set("d", sign < 0 ? range[1] : range[0]),
  });
  const box = left > edge ? `The rectangle goes from ${plain(left, 2)} to a₊ and is ${plain(height, 2)} `
    + "high." : "There is no rectangle, because it would begin below a*.";
  chart.says = `The curve rises from 0 at a* = ${plain(edge, 2)} to ${plain(gap(top), 2)} at a₊ = `
    + `${plain(top, 2)}. ${box}`;
}

function bounds(chart, model, top, best) {
  const [w, d] = [model.get("w"), model.get("d")];
  const widest = top - FORMULAS.a_star(w);
  const whole = FORMULAS.h_star(w);
  chart.frame({
    x: [0, 1.1 * widest], y: [0, 1.12 * whole], xLabel: "radius d", yLabel: "noise bound b",
  });
  chart.horizontal(whole, "dashed", "h*, limit of the latch");
  const at = (i) => (widest * i) / 120;
  const all = Array.from({ length: 121 }, (_, i) => [at(i), FORMULAS.rectangle_bound(top, at(i), w)]);
  chart.line(all, "main", "bound b");
  chart.vertical(best, "mark", "best");
  const here = FORMULAS.rectangle_bound(top, d, w);
  if (d < widest) chart.dot(d, here, "handle", 7);
  const most = FORMULAS.rectangle_bound(top, best, w);
  chart.says = `The bound rises to ${plain(most, 3)} at the radius ${plain(best, 2)} and falls to 0 at `
    + `${plain(widest, 2)}, always below h* = ${plain(whole, 3)}. `
    + (d < widest ? `The dot: radius ${plain(d, 2)}, bound ${plain(here, 3)}.` : "There is no dot.");
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    buttons: [{
      label: "Best radius",
      action: "best",
      run({ set }) {
        const w = model.get("w");
        set("d", snap(bestRadius(fixedPoints(w, 0)[2].a, w), model.get("ranges").d));
      },
    }],
    draw({ charts, show, set }) {
      const [w, d] = [model.get("w"), model.get("d")];
      const top = fixedPoints(w, 0)[2].a;
      const edge = FORMULAS.a_star(w);
      const best = bestRadius(top, w);
      curve(charts[0], model, set, top);
      bounds(charts[1], model, top, best);

      const whole = FORMULAS.h_star(w);
      const held = d < top - edge;
      const b = held ? FORMULAS.rectangle_bound(top, d, w) : null;
      const most = FORMULAS.rectangle_bound(top, best, w);
      show("b", b);
      show("h_star", whole);
      show("ratio", held ? b / whole : null);
      show("best_d", best);
      show("best_b", most);
      show("best_ratio", most / whole);
      show("a_star", edge);
      show("a_plus", top);
      const limit = `The latch withstands inputs up to ${plain(whole, 3)}`;
      return held
        ? `${limit}; the ball of radius ${plain(d, 2)} guarantees ${plain(b, 3)}, `
          + `${Math.round((100 * b) / whole)} percent of it. The best radius reaches `
          + `${Math.round((100 * most) / whole)} percent.`
        : `${limit}; a ball of radius ${plain(d, 2)} reaches beyond Γ, where Theorem 3 says nothing.`;
    },
  });
}

export default { render };
