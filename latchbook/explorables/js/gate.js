// The gate: what a bias keeps, and how well it can be taught.
import { counted, explorable, format, plain, snap } from "./common.js";

const [LEAST, MOST] = [-1, 10];

const PARTS = {
  title: "A forget gate",
  sliders: [["g", "bias g", 2], ["T", "time T", counted("step")], ["sigma", "noise σ", 2]],
  charts: [
    {
      title: "How well it can be taught",
      caption: "How steeply the share that is kept after T steps grows with the bias. The dot is the "
        + "bias set above: move it to the top.",
    },
    {
      title: "What it keeps and what it lets in",
      caption: "The share of the state that is kept after T steps, and the standard deviation of the "
        + "noise that has been let in by then.",
    },
  ],
  numbers: [
    ["leak", "leak per step"],
    ["half_life", "half-life, in steps"],
    ["kept", "share kept"],
    ["slope", "its slope in the bias"],
    ["best", "greatest slope"],
    ["noise", "noise let in"],
  ],
};

function taught(chart, [g, T], { slope, best }) {
  chart.frame({ x: [LEAST, MOST], y: [0, 0.42], xLabel: "bias g", yLabel: "slope of the share" });
  chart.curve((bias) => FORMULAS.gate_slope(bias, T), "grad", "slope of the share");
  chart.dot(g, slope, "gradient", 7);
  chart.says = `The slope rises to ${plain(best, 3)} and falls again. The dot is at ${format(slope, 3)}.`;
}

function kept(chart, [g, T, sigma], { kept: share, noise }) {
  chart.frame({ x: [LEAST, MOST], y: [0, 1.5], xLabel: "bias g", yLabel: "share; noise" });
  chart.curve((bias) => FORMULAS.gate_kept(bias, T), "path", "share kept");
  chart.curve((bias) => FORMULAS.gate_noise(FORMULAS.gate_leak(bias), T, sigma), "noise", "noise let in");
  chart.dot(g, share, "now", 6);
  chart.says = `The share kept rises from 0 to 1; at the dot it is ${format(share, 3)}. The noise falls as `
    + `the bias rises; there it is ${plain(noise, 3)}.`;
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    buttons: [{
      label: "Best bias",
      action: "best",
      run({ set }) {
        set("g", snap(FORMULAS.gate_best_bias(model.get("T")), model.get("ranges").g));
      },
    }],
    draw({ charts, show }) {
      const values = ["g", "T", "sigma"].map((name) => model.get(name));
      const [g, T, sigma] = values;
      const leak = FORMULAS.gate_leak(g);
      const found = {
        leak,
        half_life: FORMULAS.gate_half_life(g),
        kept: FORMULAS.gate_kept(g, T),
        slope: FORMULAS.gate_slope(g, T),
        best: FORMULAS.gate_slope_at_best(T),
        noise: FORMULAS.gate_noise(leak, T, sigma),
      };
      taught(charts[0], values, found);
      kept(charts[1], values, found);
      for (const [name] of PARTS.numbers) show(name, found[name]);
      return `The gate keeps ${format(found.kept, 3)} of the state after ${T} steps. Changing its bias `
        + `changes this share at ${Math.round((100 * found.slope) / found.best)} percent of the greatest possible rate.`;
    },
  });
}

export default { render };
