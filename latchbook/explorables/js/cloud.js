// A cloud of states of two units under repeated steps: drawn in, or not.
import { TIME, counted, explorable, plain, timePlayer } from "./common.js";
import { chain, next, norm, radius, survey } from "./phase.js";

const [ROW, LAST, LEAST, MOST, NEAR, RING, PACE] = [14, 20, -12, 4, 0.1, 9, 500];

function parts(model) {
  return {
    title: "A cloud of states",
    choices: [{
      label: "network",
      options: model.get("weights").map(([text], network) => ({ text, values: { network } })),
    }],
    sliders: [["g", "gain g", 2], ["r", "half-width r", 1], TIME],
    charts: [
      {
        title: "The cloud",
        caption: "Red: the states now. Small: at the start. Rings: the attractors that were found, fixed points "
          + "or the points of a cycle.",
      },
      {
        title: "What becomes of a small difference",
        caption: "log₁₀ of the norm of (Mᵗ)′. Thick: at the state where it is greatest. Thin: its mean over the cloud. "
          + "Dashed: powers of the norm |W| and of the spectral radius ρ.",
      },
    ],
    numbers: [
      ["radius", "spectral radius ρ of W"],
      ["norm", "norm of W"],
      ["home", `states within ${NEAR} of the origin`],
      ["moved", "moved by the last step, at most"],
      ["worst", "log₁₀ of the norm of (Mᵗ)′: greatest"],
      ["mean", "its mean"],
    ],
  };
}

/** Follow one state: its orbit, and log10 of the norm of (M^t)' at every step. */
function follow(W, start) {
  const orbit = [start];
  const decades = [0];
  let m = [1, 0, 0, 1];
  for (let t = 0; t < LAST; t++) {
    m = chain(W, orbit[t], m);
    orbit.push(next(W, orbit[t]));
    decades.push(FORMULAS.decades(norm(m)));
  }
  return { orbit, decades };
}

const largest = ([a1, a2]) => Math.max(Math.abs(a1), Math.abs(a2));

function render({ model, el }) {
  let found = null; // attractors and fixed points, for the weights they belong to
  return explorable(model, el, {
    ...parts(model),
    player: timePlayer(model, PACE),
    draw({ charts, show }) {
      const [network, g, r, t] = ["network", "g", "r", "t"].map((name) => model.get(name));
      const [name, weights] = model.get("weights")[network];
      const W = weights.map((weight) => g * weight);
      if (found?.key !== `${W}`) found = { key: `${W}`, ...survey(W) };
      const side = Array.from({ length: ROW }, (_, i) => r * ((2 * i + 1) / ROW - 1));
      const all = side.flatMap((a1) => side.map((a2) => follow(W, [a1, a2])));
      const at = (step) => all.map(({ orbit }) => orbit[step]);
      const [plane, growth] = charts;

      // The frame stays while it plays.
      const [right, top] = [0, 1].map((i) => (
        1.08 * Math.max(...all.flatMap(({ orbit }) => orbit.map((a) => Math.abs(a[i]))))
      ));
      plane.frame({ x: [-right, right], y: [-top, top], xLabel: "unit 1, a₁", yLabel: "unit 2, a₂" });
      plane.scatter(at(0), "points small");
      plane.scatter(at(t), "points");
      found.attractors.forEach(({ points }, i) => points.forEach((a, k) => {
        const words = i + k === 0 ? (points.length > 1 ? "cycle" : "attractor") : null;
        plane.dot(...a, "main", RING);
        plane.beside(...a, "main", words, RING);
      }));
      plane.beside(...at(t)[all.length - 1], "path", "cloud");

      const worst = all[0].decades.map((_, i) => Math.max(...all.map(({ decades }) => decades[i])));
      const mean = all[0].decades.map((_, i) => all.reduce((sum, { decades }) => sum + decades[i], 0) / all.length);
      const [rho, size] = [radius(W), norm(W)];
      growth.frame({ x: [0, LAST], y: [LEAST, MOST], xLabel: "step t", yLabel: "log₁₀ |(Mᵗ)′|" });
      growth.horizontal(0, "thin");
      const power = (rate) => [[0, 0], [LAST, LAST * FORMULAS.decades(rate)]];
      growth.line(power(size), "gradlaw", "|W|ᵗ");
      if (size - rho > 1e-9) growth.line(power(rho), "dashed", "ρᵗ");
      const drawn = (values) => values.slice(0, t + 1).map((value, i) => [i, value]);
      growth.line(drawn(worst), "grad", t > 3 ? "greatest" : null);
      growth.line(drawn(mean), "gradthin", t > 3 ? "mean" : null);
      growth.dot(t, Math.min(MOST, Math.max(LEAST, worst[t])), "gradient");

      const home = at(t).filter((a) => largest(a) < NEAR).length;
      const moved = t === 0 ? null : Math.max(...all.map(({ orbit: { [t - 1]: before, [t]: now } }) => (
        largest([now[0] - before[0], now[1] - before[1]])
      )));
      show("radius", rho);
      show("norm", size);
      show("home", home, 0);
      show("moved", moved);
      show("worst", worst[t], 2);
      show("mean", mean[t], 2);
      const periods = found.attractors.map(({ period }) => period);
      const what = [...new Set(periods)].map((period) => (
        counted(...(period === 1 ? ["fixed point"] : [`cycle of period ${period}`, `cycles of period ${period}`]))(
          periods.filter((other) => other === period).length)
      ));
      const list = what.length ? `Attractors found: ${what.join(", ")}.`
        : "No attracting fixed point or cycle was found.";
      plane.says = `${all.length} states of the network “${name}” after ${t} steps: ${home} are near the origin. ${list}`;
      growth.says = `After ${t} steps the greatest is ${plain(worst[t], 1)}, the mean ${plain(mean[t], 1)}.`;
      return `${list} ${moved === null ? "" : `The last step moved a state by ${plain(moved, 2)} at most. `}`
        + `A small difference has ${worst[t] < 0 ? "shrunk at every state of the cloud" : "not shrunk everywhere"}.`;
    },
  });
}

export default { render };
