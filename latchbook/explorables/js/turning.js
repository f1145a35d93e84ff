// A state that turns: what a rotation keeps of a bit, of its gradient and of the noise.
import { TIME, course, explorable, plain, timePlayer } from "./common.js";

const [STEPS, RUNS, GRAIN] = [100, 40, 32];
const PACE = 120; // milliseconds a step, when it plays
const TRAIL = 8; // steps of one run that are drawn in the plane

const PARTS = {
  title: "A state that turns",
  sliders: [
    ["modulus", "modulus λ", 3],
    ["angle", "angle θ (radians)", 2],
    ["sigma", "noise σ", 2],
    ["push", "steady push", 3],
    TIME,
  ],
  charts: [
    {
      title: "The state in the plane",
      tall: true,
      caption: "Forty runs of each bit at the time t: red dots were written as plus, the others as minus. The border "
        + "between them turns along. Dashed circles: one standard deviation of the noise so far.",
    },
    {
      title: "What is left, and what was added",
      caption: "Red: how far one run of plus is above the border. The other solid line is the same run, written "
        + "as minus. Purple: what is left of a bit and, the same number, of its gradient. Ochre: the noise.",
    },
  ],
  numbers: [
    ["left", "bit and gradient left, λᵗ"],
    ["noise", "noise added up (standard deviation)"],
    ["reads", "bit left, divided by the noise"],
    ["bears", "largest noise that could not have ended it"],
    ["sway", "a steady push sways it by at most"],
    ["says", "the run drawn is above the border by"],
    ["wrong", "runs read wrong, of 80"],
  ],
};

/** Follow all runs of the bit 1, and last one without noise: the states at each step. */
function follow(model, x, theta, sigma, push) {
  const view = model.get("draws");
  const xi = (t, part, run) => (run < RUNS ? view.getInt8((2 * t + part) * RUNS + run) / GRAIN : 0);
  const paths = [Array.from({ length: RUNS + 1 }, () => [1, 0])];
  for (let t = 0; t < STEPS; t++) {
    paths.push(paths[t].map(([c, q], run) => [
      FORMULAS.turned_first(c, q, x, theta, FORMULAS.noisy_input(0, sigma, xi(t, 0, run)) - push),
      FORMULAS.turned_second(c, q, x, theta, FORMULAS.noisy_input(0, sigma, xi(t, 1, run))),
    ]));
  }
  return paths;
}

/** Points of a circle. */
const around = ([a, b], size) => Array.from({ length: 48 }, (_, k) => [
  FORMULAS.circle_first(a, size, (k * Math.PI) / 24), FORMULAS.circle_second(b, size, (k * Math.PI) / 24),
]);

function plane(chart, paths, t, phase, { left, noise }, reach) {
  chart.frameRound(reach, { xLabel: "first component, c", yLabel: "second component, q" });
  const [right] = chart.x.domain().slice(1);
  const border = [-1, 1].map((side) => [
    FORMULAS.circle_first(0, 2 * side * right, phase + Math.PI / 2),
    FORMULAS.circle_second(0, 2 * side * right, phase + Math.PI / 2),
  ]);
  chart.line(border, "dashed", "border");
  const [c, q] = [FORMULAS.circle_first(0, 2 * left, phase), FORMULAS.circle_second(0, 2 * left, phase)];
  const minus = ([a, b]) => [a - c, b - q];
  const now = paths[t];
  chart.scatter(now.slice(0, RUNS).map(minus), "points other");
  chart.scatter(now.slice(0, RUNS), "points");
  for (const centre of [now[RUNS], minus(now[RUNS])]) chart.area(around(centre, noise), "noise");
  chart.line(paths.slice(Math.max(0, t - TRAIL), t + 1).map(([first]) => first), "path");
  chart.dot(...now[0], "now", 6);
  chart.beside(...now[RUNS], "path", "plus");
  chart.beside(...minus(now[RUNS]), "mark", "minus");
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE),
    draw({ charts, show }) {
      const [x, theta, sigma, push, t] = ["modulus", "angle", "sigma", "push", "t"]
        .map((name) => model.get(name));
      const paths = follow(model, x, theta, sigma, push);
      const above = paths.map((all, k) => all.map(([c, q]) => FORMULAS.turned_back(c, q, theta * k)));
      const over = (f) => Array.from({ length: STEPS + 1 }, (_, k) => [k, f(k)]);
      const [lefts, noises] = [over((k) => x ** k), over((k) => FORMULAS.line_noise(x, k, sigma))];
      const [left, noise] = [lefts[t][1], noises[t][1]];
      const farthest = Math.max(...paths.map(({ [RUNS]: [c, q] }) => FORMULAS.distance(c, q)));
      const reach = Math.max(1.5, farthest + 2 * noises[STEPS][1]);
      plane(charts[0], paths, t, theta * t, { left, noise }, reach);

      const chart = charts[1];
      chart.frame({
        x: [0, STEPS], y: [-reach, reach], xLabel: "time t (steps)", yLabel: "above the border",
      });
      chart.horizontal(0, "dashed", "border");
      const named = (words) => (t > 25 ? words : null);
      const run = over((k) => above[k][0]).slice(0, t + 1);
      chart.line(run.map(([k, v]) => [k, v - 2 * lefts[k][1]]), "start", named("minus"));
      chart.line(noises.slice(0, t + 1), "noise", named("noise added up"));
      chart.line(lefts.slice(0, t + 1), "gradlaw", named("bit and gradient left"));
      chart.line(run, "path", named("plus"));
      chart.dot(...lefts[t], "gradient", 4);
      chart.dot(...run[t], "now");

      const now = above[t].slice(0, RUNS);
      const wrong = now.filter((v) => v < 0).length + now.filter((v) => v > 2 * left).length;
      show("left", left);
      show("noise", noise);
      show("reads", t * sigma ? FORMULAS.line_reads(1, x, t, sigma) : null);
      show("bears", t ? FORMULAS.line_margin(1, x, t) : null);
      show("sway", x === 1 && theta > 0 ? FORMULAS.turned_sway(push, theta) : null);
      show("says", now[0]);
      show("wrong", wrong, 0);
      charts[0].says = `At time ${t} plus is around ${paths[t][RUNS].map((v) => plain(v, 1)).join(", ")}, and the `
        + `circle of the noise has the radius ${plain(noise, 2)}. ${wrong} of 80 runs are across the border.`;
      chart.says = `What is left of the bit and its gradient goes ${course(lefts.slice(0, t + 1).map(([, v]) => v), 2)}; `
        + `the noise has grown to ${plain(noise, 2)}; the run drawn is at ${plain(now[0], 2)}.`;
      return `After ${t} steps ${plain(left, 2)} is left of the bit, and as much of its gradient. The noise has `
        + `added up to ${plain(noise, 2)}, and ${wrong} of 80 runs are read wrong.`;
    },
  });
}

export default { render };
