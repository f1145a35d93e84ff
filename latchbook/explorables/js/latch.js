// The latch: cobweb diagram and time line of a_t = w tanh(a_{t-1}) + h_t.
import {
  NEURON, NEW_NOISE, TIME, course, explorable, fixedPoints, format, handle, plain, snap, timePlayer,
  trajectory,
} from "./common.js";

const COBWEB_STEPS = 40; // so many of the last steps; more would be a tangle
const PACE = 120; // milliseconds a step, when it plays

const PARTS = {
  title: "The latch: push the neuron around",
  sliders: [...NEURON, TIME],
  buttons: [NEW_NOISE],
  charts: [
    {
      title: "Cobweb diagram",
      caption: "Dashed: the map with an input of ±h*, beyond which one attractor is left. Shaded: the "
        + "reduced attracting sets Γ where there are two attractors; that of a single one reaches farther. Dotted: the "
        + `edge between the basins β. The stairs show the last ${COBWEB_STEPS} steps up to the time t. `
        + "Drag the start, or move it with the arrow keys.",
    },
    {
      title: "Time line",
      caption: "The state up to the time t. A flip is a change of sign from one step to the next.",
    },
  ],
  numbers: [
    ["a_minus", "lower attractor a₋"],
    ["a_middle", "unstable point, edge of the basins"],
    ["a_plus", "upper attractor a₊"],
    ["a_only", "only attractor, where w ≤ 1"],
    ["a_star", "edge a* of Γ"],
    ["h_star", "threshold h*"],
    ["margin", "margin left, h* − |h|"],
    ["flips", "flips in 100 steps"],
    ["a_T", "state at the end"],
    ["a_t", "state at the time t"],
  ],
};

function countFlips(states) {
  let side = Math.sign(states[0]);
  let flips = 0;
  for (const a of states) {
    const now = a === 0 ? side : Math.sign(a);
    if (now * side < 0) flips++;
    side = now;
  }
  return flips;
}

function cobweb(chart, model, points, states, reach) {
  const [w, h] = [model.get("w"), model.get("h")];
  chart.frame({
    x: [-reach, reach], y: [-reach, reach], xLabel: "state aₜ₋₁", yLabel: "next state aₜ",
  });
  if (w > 1) {
    const [edge, threshold] = [FORMULAS.a_star(w), FORMULAS.h_star(w)];
    const names = { lower: points[0].a < -edge, upper: points[points.length - 1].a > edge };
    if (names.lower) chart.band(-reach, -edge, "gamma");
    if (names.upper) chart.band(edge, reach, "gamma");
    for (const [shift, name] of [[-threshold, "−h*"], [threshold, "+h*"]]) {
      chart.curve((a) => FORMULAS.step(a, w, shift), "dashed", name);
    }
    if (names.lower) chart.text(-reach, reach, "Γ(X₋)", "start", 4, 14);
    if (names.upper) chart.text(reach, reach, "Γ(X₊)", "end", -4, 14);
  }
  if (points.length === 3) {
    chart.vertical(points[1].a, "mark");
    chart.text(points[1].a, -reach, "β(X₋)", "end", -4, -6);
    chart.text(points[1].a, -reach, "β(X₊)", "start", 4, -6);
  }
  chart.line([[-reach, -reach], [reach, reach]], "thin");
  chart.curve((a) => FORMULAS.step(a, w, h), "main", "map M");
  const now = model.get("t");
  const first = Math.max(0, now - COBWEB_STEPS);
  const stairs = [[states[first], states[first]]];
  for (let t = first + 1; t <= now; t++) {
    stairs.push([states[t - 1], states[t]], [states[t], states[t]]);
  }
  chart.line(stairs, "path");
  for (const { a, slope } of points) chart.dot(a, a, attracts(slope, points) ? "stable" : "unstable");
  chart.dot(states[now], states[now], "now");
}

/** Where the slope is 1 and there is no other, states come to it all the same. */
function attracts(slope, points) {
  return slope < 1 || points.length === 1;
}

function timeLine(chart, points, states, now, reach) {
  chart.frame({
    x: [0, states.length - 1], y: [-reach, reach], xLabel: "time t (steps)", yLabel: "state aₜ",
  });
  for (const { a, slope } of points) {
    if (attracts(slope, points)) chart.horizontal(a, "dashed", "attractor");
    else chart.horizontal(a, "mark", "edge of the basins");
  }
  chart.line(states.slice(0, now + 1).map((a, t) => [t, a]), "path", now > 20 ? "state" : null);
  chart.dot(now, states[now], "now");
}

function startHandle(chart, model, set) {
  const range = model.get("ranges").a0;
  const a0 = model.get("a0");
  const go = (a) => set("a0", snap(a, range));
  handle(chart, {
    label: "initial state, on the diagram",
    range,
    value: a0,
    text: plain(a0, 1),
    at: [a0, a0],
    move: (dx, dy) => go(model.get("a0") + (dx + dy) * range[2]),
    place: go,
    end: (sign) => go(sign < 0 ? range[0] : range[1]),
  });
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE),
    draw({ charts, show, set }) {
      const [w, h] = [model.get("w"), model.get("h")];
      const states = trajectory(model);
      const points = fixedPoints(w, h);
      const widest = Math.max(3, ...states.map(Math.abs), ...points.map((p) => Math.abs(p.a)));
      const reach = Math.ceil(1.08 * widest);
      cobweb(charts[0], model, points, states, reach);
      startHandle(charts[0], model, set);
      const t = model.get("t");
      timeLine(charts[1], points, states, t, reach);
      const crossings = points.map(({ a, slope }) => (
        `${plain(a, 2)}, ${attracts(slope, points) ? "stable" : "unstable"}`
      ));
      charts[0].says = `The map meets the diagonal at ${crossings.join("; at ")}. The state starts at `
        + `${plain(states[0], 1)} and is at ${plain(states[t], 2)} after ${t} steps.`;
      charts[1].says = `In ${t} steps the state goes ${course(states.slice(0, t + 1), 2)}.`;

      const [only] = points;
      const both = points.length === 3;
      show("a_minus", both || (w > 1 && only.a < 0) ? only.a : null);
      show("a_middle", both ? points[1].a : null);
      show("a_plus", both ? points[2].a : w > 1 && only.a >= 0 ? only.a : null);
      show("a_only", w > 1 ? null : only.a);
      show("a_star", w > 1 ? FORMULAS.a_star(w) : null);
      show("h_star", w > 1 ? FORMULAS.h_star(w) : null);
      show("margin", w > 1 ? FORMULAS.margin(h, w) : null);
      const flips = countFlips(states);
      show("flips", flips, 0);
      show("a_T", states[states.length - 1]);
      show("a_t", states[t]);

      const last = states[states.length - 1];
      if (w <= 1) {
        return `The weight is not above 1, so this is no latch. Wherever it starts, the state is drawn to ${
          plain(only.a, 2)}, and no bit is held. After 100 steps it is ${plain(last, 2)}.`;
      }
      const end = ["negative", "at 0", "positive"][Math.sign(last) + 1];
      const kind = both
        ? `Two attractors: a latch. It can withstand ${format(FORMULAS.margin(h, w), 3)} more input.`
        : "The input exceeds the threshold, so only one attractor is left.";
      return `${kind} Flips in 100 steps: ${flips}. The state ends ${end}.`;
    },
  });
}

export default { render };
