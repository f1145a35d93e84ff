// Searching a surface: multigrid and annealing on the cost of the latch problem, side by side.
import { NEW_NOISE, counted, explorable, plain } from "./common.js";

const PACE = 90; // milliseconds a point, when it plays
const COARSE = 8; // pixels a cell while a slider moves, and at rest
const FINE = 2;
const SLICE_MS = 6;
const FLOOR = -6; // decades

function parts() {
  return {
    title: "Searching a surface",
    sliders: [
      ["T", "length T", counted("step")],
      ["k", "points tried by each", counted("point")],
      ["temperature", "annealing: temperature", 2],
      ["half_width", "multigrid: half-width", 1],
    ],
    charts: [
      {
        title: "Multigrid random search",
        canvas: true,
        caption: "Multigrid. Background: the cost, blank where it is low. Dots: points that were better; "
          + "crosses: the others. Square: where the next point is drawn from, around the best (ring).",
      },
      {
        title: "Simulated annealing",
        canvas: true,
        caption: "Annealing. Dots: points that were accepted; crosses: the others. Rectangle: the "
          + "steps of w and u around the current point (large dot). Ring: the best so far.",
      },
      {
        title: "Cost against points tried",
        caption: "The best cost of each search so far. The cost at annealing’s current point may rise.",
      },
    ],
    numbers: [
      ["multigrid_best", "multigrid: best cost"],
      ["multigrid_w", "at weight w"],
      ["multigrid_u", "and first input u"],
      ["half_width_now", "half-width of its box"],
      ["improvements", "improvements so far"],
      ["annealing_best", "annealing: best cost"],
      ["annealing_now", "annealing: current cost"],
      ["temperature_now", "temperature"],
      ["acceptance", "share accepted in the last round of moves"],
      ["step_w", "step of w"],
      ["step_u", "step of u"],
    ],
  };
}

function costOf(w, u, T, target) {
  let a = u;
  for (let t = 1; t < T; t++) a = FORMULAS.step(a, w, 0);
  return FORMULAS.cost(FORMULAS.activation(a), target);
}

/** Return start, draws of multigrid and draws of annealing of the present sample. */
function drawn(model, evaluations) {
  const view = model.get("draws");
  const size = 2 + 4 * evaluations;
  const first = size * model.get("sample");
  const part = (from, count) => Array.from({ length: count }, (_, i) => (
    view.getFloat64(8 * (first + from + i), true)
  ));
  return [part(0, 2), part(2, 2 * evaluations), part(2 + 2 * evaluations, 2 * evaluations)];
}

/** Follow multigrid search for k points. */
function multigrid(start, draws, k, first, cost, { shrink }) {
  let [best, least, improvements] = [start, cost(...start), 0];
  let half = first;
  const tried = [{ point: start, taken: true }];
  const course = [least];
  for (let i = 0; i < k; i++) {
    const point = best.map((centre, j) => FORMULAS.noisy_input(centre, half, draws[2 * i + j]));
    const value = cost(...point);
    const taken = value < least;
    if (taken) {
      [best, least] = [point, value];
      improvements += 1;
      half = FORMULAS.box_after(first, shrink, improvements);
    }
    tried.push({ point, taken });
    course.push(least);
  }
  return { tried, course, best, least, half, improvements };
}

/** Follow annealing for k moves; draws are (where, luck) for each. */
function annealing(start, draws, k, first, cost, { n_s, c, r_t, step, reach }) {
  let [here, now] = [start, cost(...start)];
  let [best, least, temperature, steps] = [here, now, first, [step, step]];
  let counts = [0, 0];
  const tried = [{ point: start, taken: true }];
  const course = [least];
  const costs = [now];
  for (let i = 0; i < k; i++) {
    const j = i % 2;
    const low = Math.max(here[j] - steps[j], -reach);
    const high = Math.min(here[j] + steps[j], reach);
    const point = [...here];
    point[j] = FORMULAS.uniform_between(draws[2 * i], low, high);
    const value = cost(...point);
    const taken = value <= now
      || draws[2 * i + 1] < FORMULAS.metropolis_chance(value - now, temperature);
    if (taken) {
      [here, now] = [point, value];
      counts[j] += 1;
    }
    if (value < least) [best, least] = [point, value];
    if ((i + 1) % (2 * n_s) === 0) {
      steps = steps.map((v, m) => Math.min(v * FORMULAS.step_factor(counts[m] / n_s, c), 2 * reach));
      counts = [0, 0];
      temperature *= r_t;
      [here, now] = [best, least];
    }
    tried.push({ point, taken });
    course.push(least);
    costs.push(now);
  }
  const last = tried.slice(1).slice(-2 * n_s);
  const acceptance = k === 0 ? null : last.filter(({ taken }) => taken).length / last.length;
  return { tried, course, costs, best, least, here, now, temperature, steps, acceptance };
}

/** The ground of both planes: the cost in bands, with a line where the band changes. */
class Ground {
  update(planes, T, { reach, levels, target }) {
    const sizes = planes.map((plane) => plane.fitCanvas());
    const [width, height] = sizes[0];
    const style = getComputedStyle(planes[0].svg.node());
    const colours = ["--ll-back", "--ll-soft"].map((name) => style.getPropertyValue(name).trim());
    const key = JSON.stringify([T, sizes]);
    const painted = JSON.stringify(colours);
    if (key === this.key && painted === this.painted) return;
    Object.assign(this, { planes, T, reach, levels, target, width, height, painted });
    this.palette = palette(colours, levels.length);
    if (key !== this.key) {
      this.key = key;
      this.shown = this.level(COARSE);
      this.fill(this.shown, Infinity);
      this.draft = this.level(FINE);
    }
    this.paint();
  }

  level(size) {
    const [columns, rows] = [Math.ceil(this.width / size), Math.ceil(this.height / size)];
    return { columns, rows, bands: new Uint8Array(columns * rows), place: 0 };
  }

  /** Go on with the cells of a level for some milliseconds; say whether it is complete. */
  fill(level, milliseconds) {
    const { columns, rows, bands } = level;
    const end = performance.now() + milliseconds;
    while (level.place < bands.length) {
      const i = level.place++;
      const w = this.reach * ((2 * (i % columns) + 1) / columns - 1);
      const u = this.reach * (1 - (2 * Math.floor(i / columns) + 1) / rows);
      const cost = costOf(w, u, this.T, this.target);
      let band = 0;
      while (band < this.levels.length && cost > this.levels[band]) band++;
      bands[i] = band;
      if (i % 64 === 0 && performance.now() > end) break;
    }
    return level.place >= bands.length;
  }

  refine() {
    if (!this.draft) return false;
    if (!this.fill(this.draft, SLICE_MS)) return true;
    [this.shown, this.draft] = [this.draft, null];
    this.paint();
    return false;
  }

  paint() {
    for (const { canvas } of this.planes) {
      const { width, height } = canvas;
      const { columns, rows, bands } = this.shown;
      const context = canvas.getContext("2d");
      const image = context.createImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      const at = (x, y) => bands[Math.floor((y * rows) / height) * columns
        + Math.floor((x * columns) / width)];
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const band = at(x, y);
          const edge = (x + 1 < width && at(x + 1, y) !== band)
            || (y + 1 < height && at(x, y + 1) !== band);
          pixels[y * width + x] = this.palette[edge ? this.palette.length - 1 : band];
        }
      }
      context.putImageData(image, 0, 0);
    }
  }
}

/** Return the colours of the bands, and last that of a line between them. */
function palette(colours, count) {
  const [back, soft] = colours.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const mix = (share) => {
    const [red, green, blue] = back.map((v, i) => Math.round(v + (soft[i] - v) * share));
    return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
  };
  return [...Array.from({ length: count + 1 }, (_, band) => mix((0.34 * band) / count)), mix(0.6)];
}

function search(plane, { tried, best }, centre, half) {
  const crosses = tried.filter(({ taken }) => !taken).map(({ point: [w, u] }) => (
    `M${(plane.x(w) - 3.5).toFixed(1)} ${(plane.y(u) - 3.5).toFixed(1)}l7 7m0 -7l-7 7`
  ));
  plane.plot.append("path").attr("class", "path").attr("d", crosses.join(""));
  for (const { point: [w, u], taken } of tried) if (taken) plane.dot(w, u, "stable", 3);
  const [left, right] = [centre[0] - half[0], centre[0] + half[0]];
  const [low, high] = [centre[1] - half[1], centre[1] + half[1]];
  plane.area([[left, low], [right, low], [right, high], [left, high]], "start");
  plane.dot(...best, "start", 8);
}

function render({ model, el }) {
  const ground = new Ground();
  const constants = model.get("constants");
  const farthest = constants.evaluations;
  const close = explorable(model, el, {
    ...parts(),
    player: {
      trait: "k",
      last: () => farthest,
      pace: PACE,
      step: "One step",
      stride: counted("step"),
    },
    buttons: [{ ...NEW_NOISE, label: "New draw" }],
    draw({ charts, show }) {
      const [T, k] = [model.get("T"), model.get("k")];
      const [left, right, below] = charts;
      const cost = (w, u) => costOf(w, u, T, constants.target);
      const [start, box, luck] = drawn(model, farthest);
      const grid = multigrid(start, box, k, model.get("half_width"), cost, constants);
      const walk = annealing(start, luck, k, model.get("temperature"), cost, constants);

      const range = [-constants.reach, constants.reach];
      for (const plane of [left, right]) {
        plane.frame({ x: range, y: range, xLabel: "weight w", yLabel: "first input u" });
      }
      ground.update([left, right], T, constants);
      search(left, grid, grid.best, [grid.half, grid.half]);
      search(right, walk, walk.here, walk.steps);
      right.dot(...walk.here, "handle", 6);

      const log = (values) => values.map((v, i) => (
        [i, v > 0 ? Math.max(FLOOR, FORMULAS.decades(v)) : FLOOR]
      ));
      const lines = [log(grid.course), log(walk.course), log(walk.costs)];
      const all = lines.flat().map(([, v]) => v);
      below.frame({
        x: [0, farthest], y: [Math.min(-2, ...all) - 0.1, Math.max(0.1, ...all) + 0.1],
        xLabel: "points tried", yLabel: "log₁₀ of the cost",
      });
      below.vertical(k, "mark");
      below.line(lines[2], "thin", "annealing, current");
      below.line(lines[1], "law", "annealing, best");
      below.line(lines[0], "main", "multigrid, best");

      const point = (at) => at.map((v) => plain(v, 2)).join(", ");
      const taken = ({ tried }) => tried.filter((one) => one.taken).length - 1;
      left.says = `Of ${k} points ${taken(grid)} were better. The best, at ${point(grid.best)}, is the centre `
        + `of a square of half-width ${plain(grid.half, 2)}.`;
      right.says = `Of ${k} points ${taken(walk)} were accepted. The current point is ${point(walk.here)}; the best `
        + `was at ${point(walk.best)}.`;
      const [first, second] = [grid.least, walk.least].map((cost) => (
        cost > 0 ? plain(FORMULAS.decades(cost), 1) : "minus infinity"
      ));
      below.says = `After ${k} points the logarithm of the best cost is ${first} for multigrid and `
        + `${second} for annealing.`;

      show("multigrid_best", grid.least, 4);
      show("multigrid_w", grid.best[0]);
      show("multigrid_u", grid.best[1]);
      show("half_width_now", grid.half);
      show("improvements", grid.improvements, 0);
      show("annealing_best", walk.least, 4);
      show("annealing_now", walk.now, 4);
      show("temperature_now", walk.temperature);
      show("acceptance", walk.acceptance, 2);
      show("step_w", walk.steps[0]);
      show("step_u", walk.steps[1]);
      return sentence(k, grid, walk);
    },
    refine: () => ground.refine(),
  });
  el.querySelectorAll("figure")[2].style.gridColumn = "1 / -1";
  return close;
}

/** Say a cost in two digits. */
function said(cost) {
  const [digits, power] = cost.toExponential(1).split("e");
  return Number(power) < -3 ? `${digits} times ten to the power ${plain(Number(power), 0)}` : cost.toPrecision(2);
}

function sentence(k, grid, walk) {
  const share = walk.acceptance === null ? "" : ` It accepted ${(100 * walk.acceptance).toFixed(0)} % `
    + "of its last moves.";
  return `After ${k} points multigrid has improved ${grid.improvements} times; its best cost is `
    + `${said(grid.least)} and its half-width ${plain(grid.half, 2)}. Annealing is at the `
    + `temperature ${plain(walk.temperature, 3)}, and its best cost is ${said(walk.least)}.${share}`;
}

export default { render };
