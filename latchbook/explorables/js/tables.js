// The tables: our results with their intervals beside those of 1993. All numbers come from Python.
import { scaleLinear, scaleLog, scalePoint } from "d3-scale";
import { counted, explorable } from "./common.js";

const NAMES = { latch: "latch", "two-sequence": "2-sequence", parity: "parity" };

function parts(model) {
  const { problems, methods, noises, lengths } = model.get("names");
  const options = (trait, texts) => texts.map((text, k) => ({ text, values: { [trait]: k } }));
  return {
    title: "The tables",
    choices: [
      { label: "problem", options: options("problem", problems.map((name) => NAMES[name])) },
      { label: "method", options: options("method", methods) },
      {
        label: "noise",
        options: options("noisy", noises.map((v) => (v === 0 ? "none" : `uniform on ±${v}`))),
      },
    ],
    sliders: [["length", "greatest length T", (k) => counted("step")(lengths[k])]],
    charts: [
      {
        title: "Error against T",
        caption: "Dots with bars: our error on fresh sequences and its 95 % interval. Open rings on "
          + "a dashed line: 1993. Thin lines: the other methods. Dotted: the chosen length.",
      },
      {
        title: "Presentations against T",
        caption: "The average number of sequences presented until a trial ended, with the same marks, on a "
          + "log scale.",
      },
    ],
    numbers: [
      ["test_error", "error on fresh sequences (%)"],
      ["test_error_low", "fresh error, from"],
      ["test_error_high", "fresh error, to"],
      ["error", "error on the training set (%)"],
      ["error_low", "training error, from"],
      ["error_high", "training error, to"],
      ["learned", "trials that learned (%)"],
      ["learned_low", "learned, from"],
      ["learned_high", "learned, to"],
      ["presentations", "presentations"],
      ["presentations_low", "presentations, from"],
      ["presentations_high", "presentations, to"],
      ["trials", "trials"],
      ["error_1993", "error in 1993 (%)"],
      ["presentations_1993", "presentations in 1993"],
      ["verdict", "verdict on the error"],
      ["presentations_verdict", "verdict on the presentations"],
    ],
  };
}

/** Return the cells of a method at all lengths, by column name; null where nothing was run. */
function row(model, method) {
  const { columns, lengths } = model.get("names");
  const cells = model.get("cells");
  return lengths.map((_, k) => {
    const cell = cells[[model.get("problem"), method, model.get("noisy"), k].join("-")];
    return cell ? Object.fromEntries(columns.map((name, i) => [name, cell[i]])) : null;
  });
}

const whole = (v) => Math.round(v).toLocaleString("en-GB");

function draw(chart, model, what, of1993, scale) {
  const { methods, lengths } = model.get("names");
  const at = (k) => String(lengths[k]);
  const points = (cells, name) => cells
    .map((cell, k) => (cell && cell[name] !== null ? [at(k), cell[name]] : null))
    .filter((point) => point);
  chart.frame({ x: lengths.map(String), xScale: () => scalePoint().padding(0.5),
    xLabel: "greatest length T (steps)", ...scale });
  chart.line(chart.y.domain().map((v) => [at(model.get("length")), v]), "mark");
  methods.forEach((_, m) => {
    if (m !== model.get("method")) chart.line(points(row(model, m), what), "thin");
  });
  const own = row(model, model.get("method"));
  const then = points(own, of1993);
  chart.line(then, "law", "1993");
  for (const [T, value] of then) chart.dot(T, value, "start", 6);
  chart.line(points(own, what), "main", "ours");
  const [low, high] = ["low", "high"].map((end) => points(own, `${what}_${end}`));
  points(own, what).forEach(([T, value], i) => {
    chart.line([low[i], high[i]], "main");
    chart.dot(T, value, "stable", T === at(model.get("length")) ? 6 : 4);
  });
  const chosen = at(model.get("length"));
  const list = (cells) => (cells.map(([T, v]) => `${whole(v)} at T = ${T}`).join(", ") || "nothing");
  const ours = `${methods[model.get("method")]}, ours: ${list(points(own, what))}`;
  chart.says = `The chosen length is ${chosen}. ${ours}. In 1993: ${list(then)}.`;
}

/** Say what stands in the cell. */
function words(model, cell) {
  const { problems, methods, lengths, verdicts } = model.get("names");
  const name = NAMES[problems[model.get("problem")]];
  const T = lengths[model.get("length")];
  if (!cell) return `${name} was not run at T = ${T}.`;
  const method = methods[model.get("method")];
  const found = `${name} at T = ${T}, ${model.get("noisy") ? "with" : "without"} noise, ${method}: `
    + `${whole(cell.test_error)} % error on fresh sequences, between ${whole(cell.test_error_low)} and `
    + `${whole(cell.test_error_high)}, and ${whole(cell.error)} % on the training set, after `
    + `${whole(cell.presentations)} presentations, over ${cell.trials} trials.`;
  if (cell.error_1993 === null) return `${found} No cell of 1993 can be compared with it.`;
  const spent = cell.presentations_1993 === null ? "" : ` after ${whole(cell.presentations_1993)}`;
  return `${found} In 1993: ${whole(cell.error_1993)} %${spent}. The error is: `
    + `${verdicts[cell.verdict]}; the presentations: ${verdicts[cell.presentations_verdict]}.`;
}

function render({ model, el }) {
  const every = Object.values(model.get("cells"));
  const { columns, verdicts } = model.get("names");
  const among = (names) => every
    .flatMap((cell) => names.map((name) => cell[columns.indexOf(name)]))
    .filter((v) => v !== null && v > 0);
  const spent = among(["presentations", "presentations_low", "presentations_high", "presentations_1993"]);
  const most = Math.max(...spent);
  return explorable(model, el, {
    ...parts(model),
    draw({ charts, show }) {
      draw(charts[0], model, "test_error", "error_1993", {
        y: [0, 65], yScale: scaleLinear, yLabel: "error on fresh sequences (%)",
      });
      draw(charts[1], model, "presentations", "presentations_1993", {
        y: [10, 2 * most], yScale: () => scaleLog().clamp(true), yLabel: "presentations", ticks: [5, "~s"],
      });
      const cell = row(model, model.get("method"))[model.get("length")];
      for (const name of columns) {
        const value = cell ? cell[name] : null;
        if (name.endsWith("verdict")) show(name, value, (v) => (v === null ? "none" : verdicts[v]));
        else if (name.startsWith("presentations")) show(name, value, (v) => (v === null ? "none" : whole(v)));
        else show(name, value, name === "trials" ? 0 : 1);
      }
      return words(model, cell);
    },
  });
}

export default { render };
