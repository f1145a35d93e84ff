// One sequence of the minimal task: forward through the latch, and the error back.
import { NEW_NOISE, counted, explorable, noiseOf, plain, timePlayer } from "./common.js";

const [LENGTH, TARGET, FLOOR, PACE] = [20, 0.8, -20, 250];

const PARTS = {
  title: "One sequence of the minimal task",
  choices: [{
    label: "class",
    options: [
      { text: "1, target 0.8", values: { label: 0 } },
      { text: "2, target −0.8", values: { label: 1 } },
    ],
  }],
  sliders: [
    ["L", "first inputs L", 0],
    ["signal", "their size", 1],
    ["sigma", "noise σ", 2],
    ["w", "weight w", 2],
    ["t", "time t", (t) => (t > LENGTH ? `${counted("step")(t - LENGTH)} back` : counted("step")(t))],
  ],
  charts: [
    {
      title: "What the neuron hears",
      caption: "The inputs. Only the first ones, shaded, depend on the class.",
    },
    {
      title: "What it answers",
      caption: "The output. Only the last one counts, and its sign is the class. Dashed: the target.",
    },
    {
      title: "What each input hears of the error",
      caption: "log₁₀ |∂C/∂hₜ|. The error starts at the last step and goes back, from right to left. A dot "
        + "on the lower edge means this value or less.",
    },
  ],
  numbers: [
    ["state", "state at the time t"],
    ["output", "output at the end"],
    ["right", "the answer is"],
    ["cost", "cost C"],
    ["told", "log₁₀ of the gradient: at the dot"],
    ["first", "at the first input"],
    ["carries", "at the last one that tells the class"],
  ],
};

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE),
    buttons: [NEW_NOISE],
    draw({ charts, show }) {
      const [L, signal, sigma, w, t] = ["L", "signal", "sigma", "w", "t"].map((name) => model.get(name));
      const sign = model.get("label") === 0 ? 1 : -1;
      const inputs = noiseOf(model).map((xi, i) => (
        i < L ? sign * signal : FORMULAS.noisy_input(0, sigma, xi)
      ));
      const states = [0];
      for (const h of inputs) states.push(FORMULAS.step(states[states.length - 1], w, h));
      const outputs = states.map((a) => FORMULAS.activation(a));
      const error = FORMULAS.cost_derivative(outputs[LENGTH], sign * TARGET);
      // decades[t] is at h_t; h_0 does not exist.
      const decades = Array(LENGTH + 1);
      decades[LENGTH] = FORMULAS.decades(Math.abs(error)) + FORMULAS.log_slope(states[LENGTH], 1) / Math.LN10;
      for (let i = LENGTH - 1; i > 0; i--) {
        decades[i] = decades[i + 1] + FORMULAS.log_slope(states[i], w) / Math.LN10;
      }

      const [heard, held, back] = charts;
      const x = [0, LENGTH + 0.5];
      heard.frame({ x, y: [-2.2, 2.2], xLabel: "step t", yLabel: "input hₜ" });
      held.frame({ x, y: [-1.1, 1.1], xLabel: "step t", yLabel: "output xₜ" });
      back.frame({ x, y: [FLOOR, 1], xLabel: "step t", yLabel: "log₁₀ |∂C/∂hₜ|" });
      for (const chart of charts) {
        chart.band(0.5, L + 0.5, "away");
        if (chart !== back) chart.horizontal(0, "thin");
      }
      const now = Math.min(t, LENGTH); // the state; on the way back it stays at the end
      inputs.slice(0, now).forEach((h, i) => {
        const words = i === 0 && now >= L ? "the class" : i === LENGTH - 4 ? "noise" : null;
        heard.line([[i + 1, 0], [i + 1, h]], i < L ? "given" : "push", words);
      });
      held.horizontal(sign * TARGET, "dashed", "target");
      held.line(outputs.slice(0, now + 1).map((value, i) => [i, value]), "path", now > 5 ? "output" : null);
      held.scatter(outputs.slice(0, now + 1).map((value, i) => [i, value]), "points");
      held.dot(now, outputs[now], "now");
      const at = Math.max(1, 2 * LENGTH + 1 - t); // the input that hears of the error now
      const told = decades.map((value, i) => [i, value]).filter(([i]) => i >= at);
      back.line(told, "grad", told.length > 5 ? "gradient" : null);
      if (told.length) back.dot(at, Math.max(FLOOR, decades[at]), "gradient");

      const right = outputs[LENGTH] * sign > 0;
      show("state", states[now]);
      show("output", outputs[LENGTH]);
      show("right", Number(right), (value) => (value ? "right" : "wrong"));
      show("cost", FORMULAS.cost(outputs[LENGTH], sign * TARGET));
      show("told", told.length ? decades[at] : null, 2);
      show("first", decades[1], 2);
      show("carries", decades[L], 2);
      heard.says = `The first ${L} of ${LENGTH} inputs are ${plain(sign * signal, 1)}; noise of ${plain(sigma, 2)} `
        + "follows.";
      held.says = `After ${now} steps the output is ${plain(outputs[now], 2)}; the target is ${plain(sign * TARGET, 1)}.`;
      back.says = told.length ? `The error is back at input ${at}, where log₁₀ of the gradient is `
        + `${plain(decades[at], 1)}.` : "The error has not set out yet.";
      return `At the end the output is ${plain(outputs[LENGTH], 2)}, which is the ${right ? "right" : "wrong"} class. `
        + `The gradient at the first input is about 10 to the power ${plain(decades[1], 0).replace("−", "minus ")}.`;
    },
  });
}

export default { render };
