// The ball of uncertainty: what becomes of a ball of states, with and without noise.
import { TIME, course, explorable, plain, stateHandle, timePlayer } from "./common.js";
import { Fate, Field, GAMMA, UNRESOLVED, letter, next, norm } from "./phase.js";

const POINTS = 96;
const STEPS = 30;
const PACE = 300; // milliseconds a step, when it plays
const REACH = 3.8;
const FLOOR = -6; // decades

function parts(model) {
  return {
    title: "The ball of uncertainty",
    choices: [{
      label: "network",
      options: model.get("weights").map(([text], k) => ({
        text, values: { network: k },
      })),
    }],
    sliders: [
      TIME,
      ["d", "radius d", 2],
      ["b", "noise bound b", 2],
      ["a1", "centre, unit 1", 1],
      ["a2", "centre, unit 2", 1],
    ],
    charts: [
      {
        title: "The ball in the plane",
        canvas: true,
        caption: "Thin circle: the ball at time 0; filled: its image at time t, under noise that "
          + "pushes outwards. Dashed circle: a radius proved to contain the image. Solid circle: the "
          + "ball of Theorem 3, drawn while the theorem applies. Close lines behind: Γ. Drag the centre, "
          + "or move it with the arrow keys.",
      },
      {
        title: "Radius over time",
        caption: "log₁₀ of the radius of the image, of the proved radius, and of the radius d of "
          + "Theorem 3. Dotted: the time set above.",
      },
    ],
    numbers: [
      ["radius", "radius of the image at time t"],
      ["bound", "proved radius at time t"],
      ["peak_radius", "greatest radius up to t = 30"],
      ["peak_time", "reached at time"],
      ["noise_borne", "noise that Theorem 3 allows, least bₜ"],
      ["gamma", "centre in Γ"],
    ],
  };
}

/** Return the image of the ball at every time, its radius, the proved radius and least b_t. */
function follow(W, centre, d, b) {
  const angle = (k) => (2 * Math.PI * k) / POINTS;
  let c = centre;
  let cloud = Array.from({ length: POINTS }, (_, k) => [
    FORMULAS.circle_first(c[0], d, angle(k)), FORMULAS.circle_second(c[1], d, angle(k)),
  ]);
  let bound = d;
  let borne = Infinity;
  const away = (a) => FORMULAS.distance(a[0] - c[0], a[1] - c[1]);
  const times = [{ centre: c, cloud, radius: d, bound }];
  for (let t = 1; t <= STEPS; t++) {
    const factor = factorOn(W, c, bound);
    borne = Math.min(borne, FORMULAS.noise_borne(factorOn(W, c, d), d));
    bound = FORMULAS.linear_step(bound, factor, b);
    c = next(W, c);
    cloud = cloud.map((a) => {
      const image = next(W, a);
      const far = away(image);
      return far === 0 ? image : image.map((v, i) => FORMULAS.pushed(v, c[i], far, b));
    });
    times.push({ centre: c, cloud, radius: Math.max(...cloud.map(away)), bound });
  }
  return { times, borne: borne > 0 ? borne : null };
}

/** Bound |M'| over a ball, as latchlib.contraction.contraction_factor. */
function factorOn(W, c, size) {
  const [s1, s2] = c.map((v) => FORMULAS.slope_ceiling(v, size));
  return norm([W[0] * s1, W[1] * s2, W[2] * s1, W[3] * s2]);
}

function circle(chart, c, size, style) {
  chart.area(Array.from({ length: 72 }, (_, k) => [
    FORMULAS.circle_first(c[0], size, (k * Math.PI) / 36),
    FORMULAS.circle_second(c[1], size, (k * Math.PI) / 36),
  ]), style);
}

function render({ model, el }) {
  const field = new Field();
  const networks = model.get("weights").map(([, W]) => W);
  const fates = networks.map(() => null);
  return explorable(model, el, {
    ...parts(model),
    player: timePlayer(model, PACE),
    draw({ charts, show, set }) {
      const [number, t, d, b] = ["network", "t", "d", "b"].map((name) => model.get(name));
      const W = networks[number];
      const fate = fates[number] ??= new Fate(W);
      const start = [model.get("a1"), model.get("a2")];
      const { times, borne } = follow(W, start, d, b);
      const [plane, graph] = charts;

      plane.frameRound(REACH, { xLabel: "unit 1, a₁", yLabel: "unit 2, a₂" });
      field.update(plane, fate);
      const now = times[t];
      plane.line(times.slice(0, t + 1).map((one) => one.centre), "path");
      plane.scatter(times.slice(0, t + 1).map((one) => one.centre), "points");
      circle(plane, start, d, "start");
      plane.area(now.cloud, "ball");
      circle(plane, now.centre, Math.min(now.bound, 40), "bound");
      const absorbed = borne !== null && b <= borne;
      if (absorbed) circle(plane, now.centre, d, "tube");
      fate.attractors.forEach(({ points: [[a1, a2]] }, k) => {
        plane.dot(a1, a2, "stable");
        plane.text(a1, a2, letter(k), "middle", a1 > 0 ? 14 : -14, a2 > 0 ? -8 : 18, "halo");
      });
      stateHandle(plane, model, set, {
        label: "centre of the ball, in the plane", size: 7, // so that the ball can be seen
      });

      const decades = (size) => Math.max(2 * FLOOR, FORMULAS.decades(size));
      const solid = times.map((one, i) => [i, decades(one.radius)]);
      const dashed = times.map((one, i) => [i, decades(one.bound)]);
      const values = solid.map((p) => p[1]);
      graph.frame({
        x: [0, STEPS], y: [Math.max(FLOOR, Math.min(-2, ...values)), 1.2],
        xLabel: "time t (steps)", yLabel: "log₁₀ radius",
      });
      graph.horizontal(decades(d), "tube", "radius d");
      graph.vertical(t, "mark");
      graph.line(dashed, "bound", "proved");
      graph.line(solid, "path", "image");
      graph.dot(...solid[t], "now");

      const radii = times.map((one) => one.radius);
      const peak = Math.max(...radii);
      // Ties to the last digits go to the earliest time.
      const when = radii.findIndex((r) => r >= peak * (1 - 1e-9));
      const code = fate.of(...start);
      const inside = code === UNRESOLVED ? null : Number(code >= GAMMA);
      show("radius", now.radius);
      show("bound", now.bound);
      show("peak_radius", peak);
      show("peak_time", when, 0);
      show("noise_borne", borne);
      show("gamma", inside, (v) => (v === null ? "not settled" : v ? "yes" : "no"));

      const at = now.centre.map((v) => plain(v, 1)).join(", ");
      plane.says = `At time ${t} the centre is at ${at}, the image has the radius `
        + `${plain(now.radius, 2)}, and the proved radius is ${plain(now.bound, 2)}. `
        + `There are ${fate.attractors.length} attractors.`;
      graph.says = `In ${STEPS} steps the solid line goes ${course(values, 1)}; the dashed one ends at `
        + `${plain(dashed[STEPS][1], 1)}.`;

      const place = inside === null ? "where nothing is settled" : inside ? "inside Γ" : "outside Γ";
      const grew = when === 0 ? "its image is never larger" : `its image is largest at time ${when}, `
        + `with radius ${plain(peak, 2)}`;
      const theorem = borne === null ? "Theorem 3 says nothing about it."
        : absorbed ? "By Theorem 3 it stays in the ball of radius d for ever."
          : `The noise exceeds ${plain(borne, 3)}, the most that Theorem 3 allows.`;
      return `The centre of the ball of radius ${plain(d, 2)} starts ${place}; ${grew}. ${theorem}`;
    },
    refine: () => field.refine(),
  });
}

export default { render };
