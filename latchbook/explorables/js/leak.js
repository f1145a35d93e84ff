// A unit with a leak: one slider that moves forgetting and writing together.
import { scaleLog } from "d3-scale";
import { TIME, explorable, fixedPoints, plain, timePlayer } from "./common.js";

const [SHOWN, LONGEST] = [100, 5000];
const PACE = 100; // milliseconds a step, when it plays
const LEAKS = Array.from({ length: 25 }, (_, k) => 0.02 * 50 ** (k / 24));

const PARTS = {
  title: "A unit with a leak",
  sliders: [["z", "leak z", 2], ["w", "weight w", 2], ["h", "input h that writes", 2], TIME],
  charts: [
    {
      title: "Written, and forgotten",
      caption: "The state is held at its lower place of rest until the input h sets in at step 0. The bit is "
        + "written when the state crosses 0. Dashed: the share that is left of a nudge.",
    },
    {
      title: "Half-life and steps to write",
      caption: "Both are drawn against the leak. The dots are at the leak set above.",
    },
  ],
  numbers: [
    ["margin", "margin h*"],
    ["rest", "place of rest x₊"],
    ["slope", "slope there"],
    ["half_life", "half-life, in steps"],
    ["write", "steps to write"],
    ["ratio", "half-life / steps to write"],
    ["state", "state at the time t"],
    ["left", "share left of a nudge then"],
  ],
};

/** Count as latchlib.leak.write_steps does; null where the input writes nothing. */
function writeSteps(rest, w, z, h) {
  let x = -rest;
  for (let t = 1; t <= LONGEST; t++) {
    x = FORMULAS.leaky_step(x, w, h, z);
    if (x > 0) return t;
  }
  return null;
}

function written(chart, { rest, slope, write }, [z, w, h], now) {
  chart.frame({ x: [0, SHOWN], y: [-1.1, 1.1], xLabel: "step", yLabel: "state; share" });
  chart.horizontal(0, "thin");
  const states = [[0, -rest]];
  const left = [[0, 1]];
  for (let t = 1; t <= SHOWN; t++) {
    states.push([t, FORMULAS.leaky_step(states[t - 1][1], w, h, z)]);
    left.push([t, slope ** t]);
  }
  const named = now > 20;
  chart.line(states.slice(0, now + 1), "path", named ? "state" : null);
  chart.line(left.slice(0, now + 1), "gradlaw", named ? "left of a nudge" : null);
  chart.dot(...states[now], "now");
  chart.dot(...left[now], "gradient", 4);
  chart.says = write === null ? "The state never crosses 0. " : `The state crosses 0 at step ${write}. `;
  chart.says += `Of a nudge, ${plain(slope ** 10, 2)} is left after 10 steps. At step ${now} the state is `
    + `${plain(states[now][1], 2)}.`;
  return { state: states[now][1], left: left[now][1] };
}

function lives(chart, { half_life: life, write }, lambda, rest, [z, w, h]) {
  chart.frame({
    x: [0.018, 1.1], y: [0.1, 10000], xScale: scaleLog, yScale: scaleLog, ticks: [4, "~g"],
    xLabel: "leak z", yLabel: "steps",
  });
  chart.line(LEAKS.map((leak) => [leak, FORMULAS.half_life(FORMULAS.leaky_slope(lambda, leak))]), "gradlaw",
    "half-life");
  const counts = LEAKS.map((leak) => [leak, writeSteps(rest, w, Math.min(leak, 1), h)]);
  chart.line(counts.filter(([, count]) => count !== null), "path", "steps to write");
  chart.dot(z, life, "gradient", 6);
  if (write !== null) chart.dot(z, write, "now", 6);
  chart.says = "Both lines rise as the leak gets smaller, about in proportion to 1/z. At the chosen leak the "
    + `half-life is ${plain(life, 1)} steps` + (write === null ? "." : `, and writing takes ${write}.`);
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE),
    draw({ charts, show }) {
      const values = ["z", "w", "h"].map((name) => model.get(name));
      const [z, w, h] = values;
      const top = fixedPoints(w, 0)[2].a;
      const rest = FORMULAS.activation(top);
      const lambda = FORMULAS.slope_at_fixed_point(top);
      const slope = FORMULAS.leaky_slope(lambda, z);
      const write = writeSteps(rest, w, z, h);
      const found = {
        margin: FORMULAS.h_star(w), rest, slope, half_life: FORMULAS.half_life(slope), write,
      };
      found.ratio = write === null ? null : found.half_life / write;
      Object.assign(found, written(charts[0], found, values, model.get("t")));
      lives(charts[1], found, lambda, rest, values);
      for (const [name] of PARTS.numbers) show(name, found[name], name === "write" ? 0 : 3);
      const margin = `The margin is ${plain(found.margin, 3)} at every leak. `;
      return margin + (write === null
        ? `The input ${plain(h, 2)} is not above it, so it writes nothing.`
        : `A nudge halves in ${plain(found.half_life, 1)} steps, and writing takes ${write}.`);
    },
  });
}

export default { render };
