// Gradient through time: |da_t/da_0| along the trajectory, and the trade-off.
import { scaleLog } from "d3-scale";
import {
  NEURON, NEW_NOISE, TIME, course, explorable, fixedPoints, plain, timePlayer, trajectory,
} from "./common.js";

const PACE = 120; // milliseconds a step, when it plays

const PARTS = {
  title: "Gradient through time",
  sliders: [...NEURON, TIME],
  buttons: [NEW_NOISE],
  charts: [
    {
      title: "Size of the gradient",
      caption: "log₁₀ |∂aₜ/∂a₀| along the trajectory, up to the time t. Dashed: the prediction from the half-life at "
        + "the upper, or only, attractor. Where the line rises, differences grow.",
    },
    {
      title: "The trade-off",
      caption: "Each weight above 1 is a point on the curve, given by its noise margin and the half-life of "
        + "its gradient without input. The dot is the weight set above.",
    },
  ],
  numbers: [
    ["half_life", "half-life at the upper, or only, attractor (steps)"],
    ["slope", "slope M′ there"],
    ["h_star", "noise margin h*"],
    ["log10_gradient", "log₁₀ of the gradient after 100 steps"],
    ["log10_now", "log₁₀ of the gradient at the time t"],
  ],
};

// The curve has the attractor as its parameter, so that no equation need be solved for it.
const ATTRACTORS = Array.from({ length: 120 }, (_, i) => 0.06 * 1.0385 ** i);

function tradeOff(chart, w) {
  const curve = ATTRACTORS.map((a) => [
    FORMULAS.h_star(FORMULAS.w_of_fixed_point(a)),
    FORMULAS.half_life(FORMULAS.slope_at_fixed_point(a)),
  ]);
  chart.frame({
    x: [1e-4, 10], y: [0.05, 1000], xScale: scaleLog, yScale: scaleLog, ticks: [4, "~g"],
    xLabel: "noise margin h*", yLabel: "half-life (steps)",
  });
  chart.line(curve, "grad", "every weight");
  const top = w > 1 ? fixedPoints(w, 0)[2] : undefined;
  chart.says = "The larger the noise margin, the shorter the half-life. ";
  if (!top) {
    chart.says += "There is no dot: this weight holds no bit.";
    return;
  }
  const [margin, life] = [FORMULAS.h_star(w), FORMULAS.half_life(top.slope)];
  chart.dot(margin, life, "gradient", 7);
  chart.beside(margin, life, "grad", "weight set above");
  chart.says += `The dot: margin ${plain(margin, 2)}, half-life ${life.toPrecision(2)} steps.`;
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE),
    draw({ charts, show }) {
      const [w, h] = [model.get("w"), model.get("h")];
      const states = trajectory(model);
      const points = fixedPoints(w, h);
      const top = points[points.length - 1];
      const logs = [0];
      for (const a of states.slice(0, -1)) {
        logs.push(logs[logs.length - 1] + FORMULAS.log_slope(a, w));
      }
      const decades = logs.map((value, t) => [t, value / Math.LN10]);
      const rate = FORMULAS.log_slope(top.a, w) / Math.LN10;
      const last = decades.length - 1;
      const sizes = [...decades.map((p) => p[1]), rate * last];
      const low = Math.floor(Math.min(-1, ...sizes) * 1.05);
      const high = Math.ceil(Math.max(1, ...sizes));
      charts[0].frame({
        x: [0, last], y: [low, high], xLabel: "time t (steps)", yLabel: "log₁₀ |∂aₜ/∂a₀|",
      });
      charts[0].horizontal(0, "thin");
      const t = model.get("t");
      charts[0].line([[0, 0], [last, rate * last]], "gradlaw", "half-life at the attractor");
      charts[0].line(decades.slice(0, t + 1), "grad", t > 20 ? "along the trajectory" : null);
      charts[0].dot(t, decades[t][1], "gradient");
      tradeOff(charts[1], w);

      const life = top.slope < 1 ? FORMULAS.half_life(top.slope) : null;
      charts[0].says = `In ${t} steps the solid line goes ${course(logs.slice(0, t + 1).map((v) => v / Math.LN10), 1)}; `
        + `the dashed one ends at ${plain(rate * last, 1)}.`;
      show("half_life", life);
      show("slope", top.slope, 4);
      show("h_star", w > 1 ? FORMULAS.h_star(w) : null);
      show("log10_gradient", decades[last][1], 2);
      show("log10_now", decades[t][1], 2);
      const power = Math.round(decades[last][1]);
      const memory = w > 1 ? `withstands inputs up to ${FORMULAS.h_star(w).toFixed(2)}` : "holds no bit";
      const speed = life === null ? "does not decay" : `halves every ${life.toPrecision(2)} steps`;
      return `The neuron ${memory}. At the upper, or only, attractor its gradient ${speed}; `
        + `after 100 steps about 10 to the power ${String(power).replace("-", "minus ")} is left.`;
    },
  });
}

export default { render };
