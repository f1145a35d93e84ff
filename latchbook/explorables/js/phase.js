// Attractors, basins and reduced attracting sets of two units, coloured on a canvas.
// As latchlib.phase_space, but with sampled circles where that has proofs.

/** Longest cycle looked for, as in latchlib.phase_space.attractors. */
const PERIODS = 16;
const STARTS = 24; // and their mirror images
const SETTLE = 600; // steps, and how many between two looks
const LOOK = 30;
const CLOSE = 1e-3;
const NEWTON_STEPS = 30;
const RESIDUAL = 1e-11;
const SLOW = 0.994;
const SAME = 1e-6;
/** Half-widths tried for the boxes round an attractor in which an orbit counts as settled. */
const BOXES = [0.4, 0.2, 0.1, 0.05, 0.02, 0.005, 0.001];
const BUDGET = 2000;
const IDENTITY = [1, 0, 0, 1];

/** Codes of a point: k in basin k, k + GAMMA also in Gamma, UNRESOLVED, OUTSIDE (in no Gamma). */
export const [UNRESOLVED, OUTSIDE, GAMMA] = [-1, -2, 32];

export const letter = (k) => String.fromCharCode(65 + k);

export function next(W, [a1, a2]) {
  const [x1, x2] = [FORMULAS.activation(a1), FORMULAS.activation(a2)];
  return [
    FORMULAS.weighted_sum(x1, x2, W[0], W[1]), FORMULAS.weighted_sum(x1, x2, W[2], W[3]),
  ];
}

/** Return the entries of M'(a), row by row. */
export function derivative(W, [a1, a2]) {
  return [
    FORMULAS.jacobian_entry(a1, W[0]), FORMULAS.jacobian_entry(a2, W[1]),
    FORMULAS.jacobian_entry(a1, W[2]), FORMULAS.jacobian_entry(a2, W[3]),
  ];
}

/** Return M'(a) times the matrix m. */
export function chain(W, [a1, a2], [m11, m12, m21, m22]) {
  const [x1, x2] = [FORMULAS.activation(a1), FORMULAS.activation(a2)];
  return [
    FORMULAS.chain_entry(x1, x2, W[0], W[1], m11, m21),
    FORMULAS.chain_entry(x1, x2, W[0], W[1], m12, m22),
    FORMULAS.chain_entry(x1, x2, W[2], W[3], m11, m21),
    FORMULAS.chain_entry(x1, x2, W[2], W[3], m12, m22),
  ];
}

export function norm([m11, m12, m21, m22]) {
  return FORMULAS.spectral_norm(m11, m12, m21, m22);
}

export function radius([m11, m12, m21, m22]) {
  const half = FORMULAS.half_trace(m11, m22);
  return FORMULAS.spectral_radius(half, FORMULAS.discriminant(m11, m12, m21, m22));
}

/** Return M^period(a), its derivative, and the points passed, a first. */
function turn(W, a, period) {
  const points = [];
  let m = IDENTITY;
  for (let t = 0; t < period; t++) {
    points.push(a);
    m = chain(W, a, m);
    a = next(W, a);
  }
  return { image: a, m, points };
}

/** Return the cycle that Newton's method leads to from a, or null. */
function newton(W, a, period) {
  for (let i = 0; i < NEWTON_STEPS; i++) {
    const { image, m } = turn(W, a, period);
    const [g1, g2] = [image[0] - a[0], image[1] - a[1]];
    const [m11, m12, m21, m22] = [m[0] - 1, m[1], m[2], m[3] - 1];
    const move = [
      FORMULAS.cramer_first(m11, m12, m21, m22, g1, g2),
      FORMULAS.cramer_second(m11, m12, m21, m22, g1, g2),
    ];
    if (!move.every(Number.isFinite)) return null;
    a = [a[0] - move[0], a[1] - move[1]];
    const small = Math.max(Math.abs(g1), Math.abs(g2)) <= RESIDUAL * (1 + Math.max(...a.map(Math.abs)));
    if (small && Math.max(...move.map(Math.abs)) <= 1e-7) return cycle(W, a, period);
  }
  return null;
}

function cycle(W, a, period) {
  const { points, m } = turn(W, a, period);
  for (let d = 1; d < period; d++) if (near(points[d], points[0], SAME)) return null;
  const least = points.reduce((best, p, i) => (before(p, points[best]) ? i : best), 0);
  const ordered = [...points.slice(least), ...points.slice(0, least)];
  // latchlib follows 2000 steps to find a cycle: one that draws in more slowly than this escapes it.
  const rate = period === 1 ? 1 : SLOW ** period;
  return { points: ordered, period, stable: radius(m) < rate };
}

function near(p, q, size) {
  return Math.abs(p[0] - q[0]) <= size * (1 + Math.abs(q[0]))
    && Math.abs(p[1] - q[1]) <= size * (1 + Math.abs(q[1]));
}

const rounded = (value) => Math.round(value * 1e7);

function before(p, q) {
  return rounded(p[0]) < rounded(q[0])
    || (rounded(p[0]) === rounded(q[0]) && rounded(p[1]) < rounded(q[1]));
}

function add(found, one) {
  if (!one) return;
  const known = found.some((c) => c.period === one.period
    && c.points.some((p) => near(p, one.points[0], SAME)));
  if (!known) found.push(one);
}

/** Return `count` points spread evenly over a box round 0, its centre first. */
function spread(reach, count) {
  const strides = [0.7548776662466927, 0.5698402909980532]; // powers of the inverse plastic number
  return Array.from({ length: count }, (_, k) => strides.map((stride, i) => (
    reach[i] * (2 * ((0.5 + stride * k) % 1) - 1)
  )));
}

/** Return M^steps(a). */
function later([w11, w12, w21, w22], [a1, a2], steps) {
  for (let t = 0; t < steps; t++) {
    const x1 = FORMULAS.activation(a1);
    const x2 = FORMULAS.activation(a2);
    a1 = FORMULAS.weighted_sum(x1, x2, w11, w12);
    a2 = FORMULAS.weighted_sum(x1, x2, w21, w22);
  }
  return [a1, a2];
}

/** Return the stable cycle, of a period up to PERIODS, that an orbit at a has come close to. */
function limitNear(W, a) {
  let b = a;
  for (let period = 1; period <= PERIODS; period++) {
    b = next(W, b);
    if (!near(b, a, CLOSE)) continue;
    const limit = newton(W, a, period);
    return limit?.stable && limit.points.some((p) => near(p, a, 0.1)) ? limit : null;
  }
  return null;
}

/**
 * Return the fixed points found, and the attractors: by period, then by their least point.
 *
 * The map is odd, so each has a mirror image, which is looked for too.
 */
export function survey(W) {
  const reach = [Math.abs(W[0]) + Math.abs(W[1]), Math.abs(W[2]) + Math.abs(W[3])];
  const fixed = [];
  const turning = [];
  const keep = (list, one) => {
    add(list, one);
    if (one) add(list, cycle(W, one.points[0].map((v) => -v), one.period));
  };
  const starts = spread(reach, STARTS);
  for (const start of starts) keep(fixed, newton(W, start, 1));
  for (const start of starts) {
    let a = start;
    for (let t = 0; t < SETTLE; t += LOOK) {
      a = later(W, a, LOOK);
      const known = [...fixed.filter((c) => c.stable), ...turning];
      if (known.some((c) => c.points.some((p) => near(a, p, CLOSE)))) break;
      const limit = limitNear(W, a);
      if (limit) keep(limit.period === 1 ? fixed : turning, limit);
      if (limit) break;
    }
  }
  const order = (c, e) => c.period - e.period || (before(c.points[0], e.points[0]) ? -1 : 1);
  fixed.sort(order);
  const attractors = [...fixed.filter((c) => c.stable), ...turning].sort(order);
  return { fixed, attractors };
}

/** Tells the fate of points: which basin, and whether in Gamma by the norm. */
export class Fate {
  constructor(W) {
    this.W = W;
    Object.assign(this, survey(W));
    const all = this.attractors.flatMap((c, k) => this.boxes(c).map((box) => [...box, k]));
    this.count = all.length;
    this.boxed = Float64Array.from(all.flat());
    this.mirror = this.attractors.map(({ points, period }) => this.attractors.findIndex((c) => (
      c.period === period && c.points.some((p) => near(p, points[0].map((v) => -v), SAME))
    )));
  }

  /** Return boxes [a1, a2, half-width, slack] round the points of an attractor. */
  boxes({ points, period }) {
    const tried = period > 4 ? BOXES.slice(3) : BOXES;
    const width = tried.find((size) => points.every((p) => this.settles(p, size, points)))
      ?? BOXES[BOXES.length - 1];
    // Products of Jacobians along the cycle may first grow; `slack` is how much.
    return points.map((p) => {
      let [a, m, slack] = [p, IDENTITY, 1];
      for (let t = 0; t < 20 + period; t++) {
        m = chain(this.W, a, m);
        a = next(this.W, a);
        slack = Math.max(slack, norm(m));
      }
      return [...p, width, 10 * slack];
    });
  }

  /** Say whether a circle round the box of half-width `size` comes home. */
  settles(p, size, points) {
    for (let k = 0; k < 12; k++) {
      let a = [
        FORMULAS.circle_first(p[0], 1.5 * size, (k * Math.PI) / 6),
        FORMULAS.circle_second(p[1], 1.5 * size, (k * Math.PI) / 6),
      ];
      let home = false;
      for (let t = 0; t < 400 && !home; t += 8) {
        a = later(this.W, a, 8);
        home = points.some((q) => near(a, q, CLOSE));
      }
      if (!home) return false;
    }
    return true;
  }

  /** Return the box that (a1, a2) is in, -1 for none. */
  box(a1, a2) {
    const { boxed } = this;
    for (let i = 0; i < this.count; i++) {
      const size = boxed[5 * i + 2];
      if (Math.abs(a1 - boxed[5 * i]) < size && Math.abs(a2 - boxed[5 * i + 1]) < size) return i;
    }
    return -1;
  }

  /** Return the code of a point; this is the inner loop of the picture, so it makes no objects. */
  of(a1, a2, budget = BUDGET) {
    const [w11, w12, w21, w22] = this.W;
    let [m11, m12, m21, m22] = IDENTITY;
    let inside = true;
    for (let t = 0; t <= budget; t++) {
      const i = this.box(a1, a2);
      if (i >= 0) {
        const k = this.boxed[5 * i + 4];
        if (!inside) return k;
        const slack = this.boxed[5 * i + 3];
        if (FORMULAS.spectral_norm(m11, m12, m21, m22) * slack < 1) return k + GAMMA;
      }
      const x1 = FORMULAS.activation(a1);
      const x2 = FORMULAS.activation(a2);
      if (inside) {
        const [n11, n12] = [m11, m12];
        m11 = FORMULAS.chain_entry(x1, x2, w11, w12, n11, m21);
        m12 = FORMULAS.chain_entry(x1, x2, w11, w12, n12, m22);
        m21 = FORMULAS.chain_entry(x1, x2, w21, w22, n11, m21);
        m22 = FORMULAS.chain_entry(x1, x2, w21, w22, n12, m22);
        const det = FORMULAS.determinant(m11, m12, m21, m22);
        inside = Math.abs(det) < 1 && FORMULAS.norm_gap(m11, m12, m21, m22) > 0;
      }
      a1 = FORMULAS.weighted_sum(x1, x2, w11, w12);
      a2 = FORMULAS.weighted_sum(x1, x2, w21, w22);
    }
    return inside ? UNRESOLVED : OUTSIDE;
  }

  /** Return the code of the mirror image of a point with `code`. */
  mirrored(code) {
    if (code < 0) return code;
    return code >= GAMMA ? this.mirror[code - GAMMA] + GAMMA : this.mirror[code];
  }
}

const COARSE = 8; // pixels a cell while a slider moves
const FINE = [4, 2];
const COARSE_BUDGET = 60;
const FINE_BUDGET = 400;
const COARSE_MS = 5;
const SLICE_MS = 6;

/** The picture behind a chart: a pattern for each basin, close where it is Gamma. */
export class Field {
  /** Start the picture of `fate` on a chart whose axes are symmetric, unless it is there. */
  update(chart, fate) {
    const [width, height] = chart.fitCanvas();
    const reach = [chart.x.domain()[1], chart.y.domain()[1]];
    const style = getComputedStyle(chart.svg.node());
    const colours = [
      ...style.getPropertyValue("--ll-basins").trim().split(/\s+/),
      style.getPropertyValue("--ll-back").trim(), style.getPropertyValue("--ll-soft").trim(),
    ];
    const key = JSON.stringify([fate.W, width, height, reach]);
    const painted = JSON.stringify(colours);
    if (key === this.key && painted === this.painted) return;
    Object.assign(this, { chart, fate, width, height, reach, painted });
    this.palette = palette(colours);
    if (key !== this.key) {
      this.key = key;
      this.left = [...FINE];
      this.draft = null;
      this.shown = this.level(COARSE);
      this.fill(this.shown, COARSE_MS, COARSE_BUDGET);
    }
    this.paint();
  }

  /** Return an empty picture with cells of `size` pixels. */
  level(size) {
    const [columns, rows] = [Math.ceil(this.width / size), Math.ceil(this.height / size)];
    return { columns, rows, codes: new Int8Array(columns * rows).fill(UNRESOLVED), place: 0 };
  }

  /** Go on with the cells of a level for some milliseconds; say whether it is complete. */
  fill(level, milliseconds, budget) {
    const { columns, rows, codes } = level;
    const { fate, reach } = this;
    const end = performance.now() + milliseconds;
    const half = Math.ceil(codes.length / 2);
    while (level.place < half) {
      // The map is odd: cell i and the one at the other end are mirror images.
      const i = level.place++;
      const a1 = reach[0] * ((2 * (i % columns) + 1) / columns - 1);
      const a2 = reach[1] * (1 - (2 * Math.floor(i / columns) + 1) / rows);
      codes[i] = fate.of(a1, a2, budget);
      codes[codes.length - 1 - i] = fate.mirrored(codes[i]);
      if (i % 16 === 0 && performance.now() > end) break;
    }
    return level.place >= half;
  }

  /** Go on with finer cells for one slice; say whether something is left. */
  refine() {
    if (!this.draft && !this.left.length) return false;
    this.draft ??= this.level(this.left.shift());
    if (!this.fill(this.draft, SLICE_MS, FINE_BUDGET)) return true;
    [this.shown, this.draft] = [this.draft, null];
    this.paint();
    return this.left.length > 0;
  }

  paint() {
    const { width, height, palette: colours } = this;
    const { columns, rows, codes } = this.shown;
    const context = this.chart.canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let y = 0; y < height; y++) {
      const row = Math.floor((y * rows) / height) * columns;
      for (let x = 0; x < width; x++) {
        const code = codes[row + Math.floor((x * columns) / width)];
        const [flat, mark, kind, spacing, thick] = colours[code + 2];
        const across = kind === 0 ? x + y : kind === 1 ? x - y + 4096 : kind === 2 ? y : x;
        pixels[y * width + x] = across % spacing < thick ? mark : flat;
      }
    }
    context.putImageData(image, 0, 0);
  }
}

/** Return what is painted for each code + 2: two colours, kind of lines, their distance, width. */
function palette(colours) {
  const [back, soft] = colours.slice(-2).map(channels);
  const mix = (colour, share) => packed(back.map((v, i) => v + (colour[i] - v) * share));
  const grey = [mix(soft, 0.22), mix(soft, 0.22), 2, 4, 0];
  const result = Array(2 * GAMMA + 2).fill(grey);
  for (let k = 0; k < GAMMA; k++) {
    const colour = channels(colours[k % (colours.length - 2)]);
    result[k + 2] = [mix(colour, 0.12), mix(colour, 0.3), k % 4, 16, 1];
    result[k + GAMMA + 2] = [mix(colour, 0.26), mix(colour, 0.6), k % 4, 6, 2];
  }
  return result;
}

function channels(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

function packed([red, green, blue]) {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}
