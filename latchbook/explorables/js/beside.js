// Side by side: the same bit and the same noise, kept by a latch, a gate, a line and a glance.
import { NEW_NOISE, counted, explorable, fixedPoints, noiseOf, plain } from "./common.js";

const [LAST, FLOOR, PACE] = [200, -12, 60];
const NAMES = ["latch", "gate", "line", "glance"];
const STYLES = { latch: "main", gate: "law", line: "path", glance: "bound" };

const PARTS = {
  title: "Side by side",
  choices: [{
    label: "noise",
    options: [
      { text: "random, a new push at every step", values: { steady: 0 } },
      { text: "steady, against the bit", values: { steady: 1 } },
    ],
  }],
  sliders: [
    ["T", "steps so far T", counted("step")],
    ["g", "bias, or gap of the logit g", 1],
    ["w", "weight of the latch w", 2],
    ["sigma", "size of the noise σ", 2],
  ],
  charts: [
    {
      title: "Who still knows the bit",
      caption: "What each reads of a bit that was +1 at step 0. Thick, blue: latch. Dashed, red: forget gate. "
        + "Solid, red: line, a unit of a state space network. Dashed, in the colour of the text: glance, "
        + "which is attention. Above 0 the bit is read correctly.",
    },
    {
      title: "What the gradient says",
      caption: "log₁₀ of the gradient of what is read with respect to step 0, drawn as above. The higher "
        + "it is, the more can be learned. Gate and line have the same gradient. A dot on the lower edge means this value or less.",
    },
  ],
  numbers: NAMES.flatMap((name) => [
    [name, `the ${name} reads`], [`${name}_gradient`, `log₁₀ of the ${name}’s gradient`],
  ]),
};

/** Follow all four, as latchbook.explorables.beside does. */
function paths(model) {
  const [T, g, w, sigma, steady] = ["T", "g", "w", "sigma", "steady"].map((name) => model.get(name));
  const noise = noiseOf(model);
  const leak = FORMULAS.gate_leak(g);
  let [a, c, x, total, fade] = [fixedPoints(w, 0)[2].a, 1, 1, 0, 0];
  const read = { latch: [FORMULAS.activation(a)], gate: [c], line: [x], glance: [1] };
  const decades = Object.fromEntries(NAMES.map((name) => [name, [0]]));
  for (let t = 1; t <= T; t++) {
    const push = FORMULAS.noisy_input(0, sigma, steady ? -1 : noise[t - 1]);
    fade += FORMULAS.log_slope(a, w) / Math.LN10;
    a = FORMULAS.step(a, w, push);
    total += push;
    c = FORMULAS.gate_step(c, push, leak);
    x = FORMULAS.linear_step(x, 1 - leak, push);
    const weight = FORMULAS.attention_weight(g, t + 1);
    const kept = FORMULAS.decades(FORMULAS.gate_kept(g, t));
    read.latch.push(FORMULAS.activation(a));
    read.gate.push(c);
    read.line.push(x);
    read.glance.push(FORMULAS.gate_step(total / t, 1, weight));
    [fade, kept, kept, FORMULAS.decades(weight)].forEach((size, k) => decades[NAMES[k]].push(size));
  }
  return { read, decades };
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: { trait: "T", last: () => LAST, pace: PACE, step: "One step", stride: counted("step") },
    buttons: [NEW_NOISE],
    draw({ charts, show }) {
      const T = model.get("T");
      const { read, decades } = paths(model);
      const [states, sizes] = charts;
      states.frame({ x: [0, LAST], y: [-2, 2], xLabel: "step", yLabel: "what it reads" });
      sizes.frame({ x: [0, LAST], y: [FLOOR, 1], xLabel: "step", yLabel: "log₁₀ of the gradient" });
      states.horizontal(0, "thin");
      sizes.horizontal(0, "thin");
      for (const name of NAMES) {
        const words = T > 20 ? name : null; // as soon as there is a line to name
        states.line(read[name].map((value, t) => [t, value]), STYLES[name], words);
        states.dot(T, read[name][T], "stable", 4);
        sizes.line(decades[name].map((value, t) => [t, Math.max(2 * FLOOR, value)]), STYLES[name],
          words);
        sizes.dot(T, Math.max(FLOOR, decades[name][T]), "handle", 5);
        show(name, read[name][T]);
        show(`${name}_gradient`, decades[name][T], 2);
      }
      const say = (rows, digits) => NAMES.map((name) => `${name} ${plain(rows[name][T], digits)}`).join(", ");
      states.says = `After ${T} steps: ${say(read, 2)}.`;
      sizes.says = `After ${T} steps, in powers of ten: ${say(decades, 1)}.`;
      const know = NAMES.filter((name) => read[name][T] > 0);
      const feel = NAMES.filter((name) => decades[name][T] > -2);
      const list = (names) => names.join(", ") || "none";
      return `After ${T} steps these still know the bit: ${list(know)}. These have a gradient above a hundredth: `
        + `${list(feel)}.`;
    },
  });
}

export default { render };
