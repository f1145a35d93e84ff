// Does the gradient survive? Two states of a cross-coupled pair, alternated: norm against radius.
import { TIME, course, explorable, plain, timePlayer } from "./common.js";

const STEPS = 60;
const PACE = 200; // milliseconds a step, when it plays
const BUDGET = 400;
const NEAR = 1e-6;

const PARTS = {
  title: "Does the gradient survive?",
  sliders: [
    ["w", "weight w", 2],
    ["p", "p of y₁ = (p, B)", 2],
    ["B", "B of y₁", 2],
    TIME,
  ],
  charts: [
    {
      title: "Size of the gradient, alternating",
      caption: "log₁₀ ‖∂aₜ/∂a₀‖ while inputs make the state alternate between y₁ = (p, B) and "
                  + "y₂ = (B, p). Dashed beside it: the norm of one factor, to the power t. Thin: the same with the "
          + "state held at y₁. Dashed beside that: the spectral radius of one factor, to the power t.",
    },
    {
      title: "Where one factor is below 1",
              caption: "Filled: where the state is at the time t. Shaded: ‖M′‖ < 1, both coordinates beyond a*. "
          + "To the right of the dashed line and above it, the spectral radius of M′ is below 1.",
    },
  ],
  numbers: [
    ["spectral_radius", "spectral radius of M′(y₁)"],
    ["norm", "norm of M′(y₁)"],
    ["growth_per_step", "growth per step, alternating"],
    ["log10_alternating", "log₁₀ of the gradient at t = 60, alternating"],
    ["log10_held", "log₁₀ of the gradient at t = 60, held at y₁"],
    ["inputs", "size of the inputs that make it alternate"],
    ["gamma_eigenvalues", "y₁, y₂ in Γ(X₊), by eigenvalues"],
    ["gamma_norm", "y₁, y₂ in Γ(X₊), by the norm"],
  ],
};

/** Return M'(a) times a matrix, for W = [[0, w], [w, 0]] and the state a. */
function chain(w, [a1, a2], [m11, m12, m21, m22]) {
  const [x1, x2] = [FORMULAS.activation(a1), FORMULAS.activation(a2)];
  return [
    FORMULAS.chain_entry(x1, x2, 0, w, m11, m21), FORMULAS.chain_entry(x1, x2, 0, w, m12, m22),
    FORMULAS.chain_entry(x1, x2, w, 0, m11, m21), FORMULAS.chain_entry(x1, x2, w, 0, m12, m22),
  ];
}

const ONE = [1, 0, 0, 1];

function radius([m11, m12, m21, m22]) {
  const half = FORMULAS.half_trace(m11, m22);
  return FORMULAS.spectral_radius(half, FORMULAS.discriminant(m11, m12, m21, m22));
}

function norm([m11, m12, m21, m22]) {
  return FORMULAS.spectral_norm(m11, m12, m21, m22);
}

/** Return log10 |da_t/da_0| for t = 0 ... STEPS along the states, taken in turn. */
function growth(w, states) {
  let m = ONE;
  const logs = [0];
  for (let t = 0; t < STEPS; t++) {
    m = chain(w, states[t % states.length], m);
    // Scaled to norm 1 after every step: the norm squares entries, and would underflow.
    const size = norm(m);
    m = m.map((entry) => entry / size);
    logs.push(logs[t] + FORMULAS.decades(size));
  }
  return logs;
}

/** Return whether y is in Gamma of the positive fixed point, in both readings; null: not settled. */
function membership(w, y) {
  let [a1, a2] = y;
  let m = ONE;
  const found = { eigenvalues: 1, norm: 1 };
  for (let t = 0; t < BUDGET; t++) {
    m = chain(w, [a1, a2], m);
    if (!(radius(m) < 1)) found.eigenvalues = 0;
    if (!(norm(m) < 1)) found.norm = 0;
    [a1, a2] = [
      FORMULAS.network_step(a1, a2, 0, w, 0), FORMULAS.network_step(a1, a2, w, 0, 0),
    ];
  }
  const still = Math.abs(FORMULAS.step(a1, w, 0) - a1) < NEAR && Math.abs(a1 - a2) < NEAR && a1 > 0;
  return still ? found : { eigenvalues: found.eigenvalues && null, norm: found.norm && null };
}

const yesOrNo = (value) => (value === null ? "not settled" : value ? "yes" : "no");

function regions(chart, w, [p, B], t) {
  const reach = 1.2 * Math.max(2.6, p, B);
  const edge = FORMULAS.a_star(w);
  chart.frame({ x: [0, reach], y: [0, reach], xLabel: "unit 1", yLabel: "unit 2" });
  chart.area([[edge, edge], [reach, edge], [reach, reach], [edge, reach]], "gamma");
  const end = FORMULAS.eigenvalue_edge(0, w);
  const at = (i) => (end * i) / 80;
  chart.line(
    Array.from({ length: 81 }, (_, i) => [at(i), FORMULAS.eigenvalue_edge(at(i), w)]), "gradlaw",
    "radius 1",
  );
  chart.text(reach, reach, "‖M′‖ < 1", "end", -6, 16);
  chart.line([[p, B], [B, p]], "path");
  for (const [a, v, name] of [[p, B, "y₁"], [B, p, "y₂"]]) {
    chart.dot(a, v, (name === "y₁") === (t % 2 === 0) ? "now" : "open", 7);
    chart.text(a, v, name, "start", 10, -6);
  }
}

function render({ model, el }) {
  return explorable(model, el, {
    ...PARTS,
    player: timePlayer(model, PACE),
    draw({ charts, show }) {
      const [w, p, B] = [model.get("w"), model.get("p"), model.get("B")];
      const [first, second] = [[p, B], [B, p]];
      const moving = growth(w, [first, second]);
      const held = growth(w, [first]);
      const single = chain(w, first, ONE);
      const [rho, size] = [radius(single), norm(single)];
      const last = moving[STEPS];
      const sizes = [0, last, FORMULAS.decades(rho) * STEPS, held[STEPS]];
      const [low, high] = [Math.min(-1, ...sizes), Math.max(1, ...sizes)];
      charts[0].frame({
        x: [0, STEPS], y: [1.05 * low, 1.05 * high], xLabel: "time t (steps)",
        yLabel: "log₁₀ ‖∂aₜ/∂a₀‖",
      });
      charts[0].horizontal(0, "thin");
      const now = model.get("t");
      const upTo = (logs) => logs.slice(0, now + 1).map((v, t) => [t, v]);
      const named = (name) => (now > 12 ? name : null);
      charts[0].line(upTo(held), "gradthin", named("held at y₁"));
      charts[0].line([[0, 0], [STEPS, FORMULAS.decades(rho) * STEPS]], "gradlaw", "radiusᵗ");
      charts[0].line(upTo(moving), "grad", named("alternating"));
      charts[0].line([[0, 0], [STEPS, FORMULAS.decades(size) * STEPS]], "bound", "normᵗ");
      charts[0].dot(now, held[now], "gradient", 4);
      charts[0].dot(now, moving[now], "gradient");
      regions(charts[1], w, first, now);
      charts[0].says = `In ${STEPS} steps the solid line goes ${course(moving, 1)}; the thin one, held at `
        + `y₁, ends at ${plain(held[STEPS], 1)}.`;
      charts[1].says = `y₁ and y₂, (${plain(p, 2)}, ${plain(B, 2)}) and mirrored, lie where one factor has `
        + `the norm ${plain(size, 2)} and the spectral radius ${plain(rho, 2)}.`;

      const inside = membership(w, first);
      const growing = FORMULAS.growth_per_step(last, STEPS);
      show("spectral_radius", rho, 4);
      show("norm", size, 4);
      show("growth_per_step", growing, 4);
      show("log10_alternating", last, 2);
      show("log10_held", held[STEPS], 2);
      const [u1, u2] = [
        B - FORMULAS.network_step(p, B, 0, w, 0), p - FORMULAS.network_step(p, B, w, 0, 0),
      ];
      show("inputs", FORMULAS.distance(u1, u2));
      show("gamma_eigenvalues", inside.eigenvalues, yesOrNo);
      show("gamma_norm", inside.norm, yesOrNo);
      const words = { 1: "robustly latched", 0: "not robustly latched", null: "unsettled" };
      const fate = growing < 1 ? "vanishes" : growing > 1 ? "grows" : "stays";
      return `Read by eigenvalues the two states are ${words[inside.eigenvalues]}, by the norm `
        + `${words[inside.norm]}. While the state alternates, the gradient ${fate}, by `
        + `a factor of ${plain(growing, 3)} per step.`;
    },
  });
}

export default { render };
