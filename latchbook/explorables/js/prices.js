// The price list as a chooser: say what you need, and see which ideas remain.
import { scaleLog } from "d3-scale";
import { counted, explorable } from "./common.js";

const FOREVER = 5000; // where a half-life without end is drawn
const SLOPES = Array.from({ length: 121 }, (_, k) => 1 - 10 ** (-4 + (k / 120) * 3.9978));

function parts(model) {
  const lengths = model.get("lengths");
  return {
    title: "Choose from the price list",
    choices: model.get("needs").map(([trait, text]) => ({
      label: text,
      options: [
        { text: "is needed", values: { [trait]: 1 } },
        { text: "is not needed", values: { [trait]: 0 } },
      ],
    })),
    sliders: [["length", "steps to bridge T", (k) => `${lengths[k]} steps`]],
    charts: [{
      title: "Where they lie",
      caption: "Half-life of the gradient against margin over room, for noise on the state. "
        + "Filled and named: ideas that remain. Rings: ideas that are out. Dashed, red: the price for T steps, which none of them passes. "
        + "Dashed, grey: the price for ever. "
        + "Ideas whose gradient does not fade lie at the top.",
    }],
    numbers: [
      ...model.get("rows").map(([key, name]) => [key, name]),
      ["remain", "ideas that remain"],
    ],
  };
}

function render({ model, el }) {
  const [lengths, needs, rows] = ["lengths", "needs", "rows"].map((name) => model.get(name));
  return explorable(model, el, {
    ...parts(model),
    buttons: [{
      label: "Need nothing",
      action: "nothing",
      run: ({ set }) => needs.forEach(([trait]) => set(trait, 0)),
    }],
    draw({ charts: [chart], show }) {
      const at = model.get("length");
      const asked = needs.map(([trait]) => model.get(trait) === 1);
      const missing = (met) => needs.filter((_, k) => asked[k] && !met[at][k]).map(([, text]) => text);
      chart.frame({
        x: [1e-4, 2], y: [0.1, 1e4], xScale: scaleLog, yScale: scaleLog, ticks: [5, "~g"],
        xLabel: "margin over room", yLabel: "half-life (steps)",
      });
      chart.line(SLOPES.map((slope) => [
        FORMULAS.price_for_steps(slope, lengths[at]), FORMULAS.half_life(slope),
      ]), "law", "the price for T steps");
      chart.line(SLOPES.map((slope) => [1 - slope, FORMULAS.half_life(slope)]), "dashed", "the price for ever");
      const left = [];
      const spots = {};
      for (const [key, name, met, margins, lives] of rows) {
        const remains = missing(met).length === 0;
        const place = [margins[at], lives[at] || FOREVER];
        chart.dot(...place, remains ? "stable" : "unstable", remains ? 7 : 4);
        show(key, Number(remains), () => (remains ? "remains" : "out"));
        if (!remains) continue;
        left.push(name);
        // Names of ideas that stand close together stand below each other, from the first one's place.
        const spot = `${Math.round(4 * FORMULAS.decades(place[0]))} ${Math.round(2 * FORMULAS.decades(place[1]))}`;
        spots[spot] ??= { place, names: 0 };
        const height = 5 + 16 * spots[spot].names++;
        const far = place[0] > 0.1; // little space is left beside it
        chart.text(...spots[spot].place, name, far ? "end" : "start", far ? -13 : 16, height, "halo");
      }
      show("remain", left.length, 0);
      chart.says = `Over ${lengths[at]} steps ${left.length} of ${rows.length} ideas remain${left.length ? `: ${left.join(", ")}` : ""}.`;
      const remain = left.length === 1 ? "1 idea remains" : `${left.length} ideas remain`;
      return `For ${lengths[at]} steps and ${counted("need")(asked.filter(Boolean).length)}, `
        + (left.length ? `${remain}: ${left.join(", ")}.` : "no idea remains.");
    },
  });
}

export default { render };
