// Phase plane of two units: basins, reduced attracting sets, and a trajectory to launch.
import { TIME, course, explorable, plain, stateHandle, timePlayer } from "./common.js";
import { Fate, Field, GAMMA, OUTSIDE, UNRESOLVED, chain, derivative, letter, next, norm, radius }
  from "./phase.js";

const SHOWN = 30; // steps
const PACE = 250; // milliseconds a step, when it plays
const UNSETTLED = 6; // the last steps that are drawn where nothing is settled, and there
const LATE = [1500, 2000]; // steps drawn as a cloud
const FLOOR = -8; // decades

const WEIGHTS = ["w11", "w12", "w21", "w22"];

function parts(model) {
  return {
    title: "Phase plane of two units",
    choices: [{
      label: "network",
      options: model.get("presets").map(([text, values]) => ({
        text, values: Object.fromEntries(WEIGHTS.map((name, i) => [name, values[i]])),
      })),
    }],
    sliders: [
      ...WEIGHTS.map((name) => [name, `weight ${name[0]}${"₀₁₂"[name[1]]}${"₀₁₂"[name[2]]}`, 3, 0.05]),
      ["a1", "start, unit 1", 1],
      ["a2", "start, unit 2", 1],
      TIME,
    ],
    charts: [
      {
        title: "Phase plane",
        canvas: true,
        caption: "Each attractor has a letter, a colour and a direction of lines. Lines far apart: "
          + "its basin β. Lines close together: its reduced attracting set Γ, by the norm. Grey: not "
          + "settled. Filled dots are stable, open dots unstable. Click to launch a trajectory, or "
          + "move its start by dragging or with the arrow keys.",
      },
      {
        title: "Powers along the trajectory",
        caption: "log₁₀ of the norm of (Mᵗ)′ at the start, and of its spectral radius. The start is in Γ "
          + "if it is in a basin and the norm stays below 1, which puts the solid line below 0.",
      },
    ],
    numbers: [
      ["basin", "basin of the start"],
      ["gamma", "start in Γ, by the norm"],
      ["spectral_radius", "spectral radius of M′ at the start"],
      ["norm", "norm of M′ at the start"],
      ["eigenvalue_upper", "eigenvalues of M′: greater real part"],
      ["eigenvalue_lower", "lesser real part"],
      ["eigenvalue_imaginary", "imaginary part, ±"],
      ["attractors", "attractors found"],
    ],
  };
}

function launch(chart, model, set) {
  const place = stateHandle(chart, model, set, { label: "start of the trajectory, in the plane" });
  chart.svg.on("click", (event) => {
    if (event.target.getAttribute("role") !== "slider") place(...chart.under(event));
  });
}

function render({ model, el }) {
  const field = new Field();
  let fate = null;
  return explorable(model, el, {
    ...parts(model),
    player: timePlayer(model, PACE),
    draw({ charts, show, set }) {
      const W = WEIGHTS.map((name) => model.get(name));
      const start = [model.get("a1"), model.get("a2")];
      if (!fate || fate.W.some((value, i) => value !== W[i])) fate = new Fate(W);
      const [plane, powers] = charts;

      // Every attractor lies within the sums of the weights; every start within its range.
      const farthest = model.get("ranges").a1[1] + 0.2;
      const [right, top] = [0, 2].map((i) => (
        Math.max(farthest, 1.1 * (Math.abs(W[i]) + Math.abs(W[i + 1])))
      ));
      plane.frame({
        x: [-right, right], y: [-top, top], xLabel: "unit 1, a₁", yLabel: "unit 2, a₂",
      });
      field.update(plane, fate);
      const code = fate.of(...start);
      const path = [start];
      for (let t = 0; t < SHOWN; t++) path.push(next(W, path[t]));
      const settled = code !== UNRESOLVED && code !== OUTSIDE;
      const now = model.get("t");
      const steps = path.slice(settled ? 0 : Math.max(0, now + 1 - UNSETTLED), now + 1);
      plane.line(steps, "path");
      plane.scatter(steps, "points");
      if (!settled) {
        let a = path[SHOWN];
        const late = [];
        for (let t = SHOWN; t < LATE[1]; t++) {
          a = next(W, a);
          if (t >= LATE[0]) late.push(a);
        }
        plane.scatter(late, "points small");
      }
      for (const { points: [[a1, a2]], stable } of fate.fixed) {
        if (!stable) plane.dot(a1, a2, "unstable");
      }
      fate.attractors.forEach(({ points }, k) => points.forEach(([a1, a2], i) => {
        plane.dot(a1, a2, "stable");
        const name = points.length > 1 ? `${letter(k)}${i + 1}` : letter(k);
        plane.text(a1, a2, name, "middle", a1 > 0 ? 14 : -14, a2 > 0 ? -8 : 18, "halo");
      }));
      plane.dot(...path[now], "now", 6);
      launch(plane, model, set);

      let [a, m] = [start, [1, 0, 0, 1]];
      const [norms, radii] = [[], []];
      const decades = (size) => Math.max(2 * FLOOR, FORMULAS.decades(size));
      for (let l = 1; l <= SHOWN; l++) {
        m = chain(W, a, m);
        a = next(W, a);
        norms.push([l, decades(norm(m))]);
        radii.push([l, decades(radius(m))]);
      }
      const all = norms.map((p) => p[1]);
      powers.frame({
        x: [0, SHOWN], y: [Math.max(FLOOR, Math.min(-1, ...all)), Math.max(1, ...all)],
        xLabel: "time t (steps)", yLabel: "log₁₀ of (Mᵗ)′",
      });
      powers.horizontal(0, "thin");
      powers.line(radii, "gradlaw", "spectral radius");
      powers.line(norms, "grad", "norm");
      if (now > 0) powers.dot(...norms[now - 1], "gradient");

      const single = derivative(W, start);
      const [m11, m12, m21, m22] = single;
      const half = FORMULAS.half_trace(m11, m22);
      const apart = FORMULAS.discriminant(m11, m12, m21, m22);
      const basin = code < 0 ? null : code % GAMMA;
      const inside = code === UNRESOLVED ? null : Number(code >= GAMMA);
      show("basin", basin, (k) => (k === null ? "not settled" : letter(k)));
      show("gamma", inside, (v) => (v === null ? "not settled" : v ? "yes" : "no"));
      show("spectral_radius", radius(single), 4);
      show("norm", norm(single), 4);
      show("eigenvalue_upper", FORMULAS.eigenvalue_upper(half, apart), 4);
      show("eigenvalue_lower", FORMULAS.eigenvalue_lower(half, apart), 4);
      show("eigenvalue_imaginary", FORMULAS.eigenvalue_imaginary(apart), 4);
      show("attractors", fate.attractors.length, 0);

      const kinds = fate.attractors.map(({ period }, k) => (
        `${letter(k)}, ${period === 1 ? "a fixed point" : `a cycle of period ${period}`}`
      ));
      const what = kinds.length ? `Attractors: ${kinds.join("; ")}.` : "No attracting fixed point "
        + "or cycle of period up to 16 was found, so the late states are drawn instead.";
      const where = basin === null ? "The start was not seen to lead to an attractor"
        : `The start is in the basin of ${letter(basin)}`;
      const [end, size] = [path[now], norms.map((p) => p[1])];
      plane.says = `${what} The trajectory starts at ${start.map((v) => plain(v, 1)).join(", ")} and is at `
        + `${end.map((v) => plain(v, 1)).join(", ")} after ${now} steps.`;
      powers.says = `From step 1 to ${SHOWN} the norm goes ${course(size, 1)}; the spectral radius ends `
        + `at ${plain(radii[SHOWN - 1][1], 1)}.`;
      const held = inside === null ? "; whether it is in a Γ is not settled"
        : inside ? ` and in Γ of ${letter(basin)}` : ", not in any Γ";
      return `${what} ${where}${held}.`;
    },
    refine: () => field.refine(),
  });
}

export default { render };
