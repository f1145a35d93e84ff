"use strict";
// The first screen of the book (hold_a_bit.py): a ball in one of two valleys, a_t = w tanh(a_{t-1}) plus
// noise and pushes, and a needle with the product of the last slopes. FORMULAS is printed in the page.
{
  const root = document.getElementById("hold");
  const part = (name) => document.getElementById(`hold-${name}`);
  const [land, ground, ball, since] = ["land", "ground", "ball", "since"].map(part);
  const dial = part("needle").ownerSVGElement;
  const [depth, noise, play, said] = ["depth", "noise", "play", "said"].map(part);
  const BACK = Number(root.dataset.back);
  const STRETCH = Number(root.dataset.stretch);
  const LEAST = Number(root.dataset.least);
  const { x: LEFT, width: WIDE, y: TOP } = land.viewBox.baseVal;
  const RIGHT = LEFT + WIDE;
  const RADIUS = ball.r.baseVal.value;
  const STEP = 150; // milliseconds
  const PUSH = 1; // about what a shallow valley bears
  const REST = 500; // milliseconds after which a screen reader is told
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // --- the neuron -----------------------------------------------------------------------

  const w = () => Number(depth.value);
  let a = restingPlace(1);
  let before = a;
  let slopes = Array(BACK).fill(FORMULAS.slope(a, w()));
  let held = 0;

  function restingPlace(side) {
    let at = side * w();
    for (let k = 0; k < 500; k++) at = FORMULAS.step(at, w(), 0);
    return at;
  }

  function advance(push = 0) {
    const input = push + Number(noise.value) * (2 * Math.random() - 1);
    slopes = [...slopes.slice(1), FORMULAS.slope(a, w())];
    before = a;
    a = FORMULAS.step(a, w(), input);
    count();
  }

  function count() {
    held = bit(before) === bit(a) ? held + 1 : 0;
    if (held === 0) tell(false);
  }

  const bit = (state) => (state < 0 ? 0 : 1);
  const left = () => slopes.reduce((product, slope) => product * slope, 1);

  // --- the picture ----------------------------------------------------------------------

  const down = (state) => -STRETCH * FORMULAS.landscape(state, w());

  function drawGround() {
    const points = ground.getAttribute("d").match(/[^ML,V]+,/g).map((x) => Number(x.slice(0, -1)));
    const line = points.map((x) => `${x.toFixed(3)},${Math.max(down(x), 2 * TOP).toFixed(3)}`);
    const rest = ground.getAttribute("d").slice(ground.getAttribute("d").indexOf("V"));
    ground.setAttribute("d", `M${line.join("L")}${rest}`);
    const place = restingPlace(1);
    land.querySelectorAll("text").forEach((label, side) => {
      label.setAttribute("x", (side ? place : -place).toFixed(3));
      label.setAttribute("y", (down(place) + 0.42).toFixed(3));
    });
    const safe = FORMULAS.h_star(w()) / Number(noise.max);
    root.style.setProperty("--safe", safe.toFixed(3));
  }

  /** Put the ball on the ground at a state: it touches it beside its centre where that is steep. */
  function drawBall(state) {
    const at = Math.min(Math.max(state, LEFT + RADIUS), RIGHT - RADIUS);
    const steep = STRETCH * FORMULAS.gap(at, w(), 0);
    const long = Math.hypot(1, steep);
    ball.setAttribute("cx", (at + (RADIUS * steep) / -long).toFixed(3));
    ball.setAttribute("cy", Math.max(down(at) - RADIUS / long, TOP + RADIUS).toFixed(3));
  }

  function drawGauge() {
    const decades = Math.min(Math.max(Math.log10(left()), LEAST), 1);
    part("needle").setAttribute("transform", `rotate(${((180 * (decades - LEAST)) / (1 - LEAST) - 90).toFixed(1)})`);
    part("left").textContent = share(left());
    since.textContent = `held for ${held.toLocaleString("en")} ${held === 1 ? "step" : "steps"}`;
    Object.assign(root.dataset, { state: a, left: left() });
  }

  function draw(state = a) {
    drawBall(state);
    drawGauge();
  }

  function share(part) {
    const two = (value) => Number(value.toPrecision(2)).toLocaleString("en");
    if (part > 1.05) return `${two(part)} times as much`;
    if (part > 0.095) return `${Math.round(100 * part)} %`;
    const one = 1 / part;
    if (one < 1e6) return `1 in ${two(one)}`;
    return one < 1e9 ? `1 in ${two(one / 1e6)} million` : "less than 1 in a billion";
  }

  // --- the sentence ---------------------------------------------------------------------

  let speaking = 0;

  /** Say how things stand: to a screen reader only what its user did, once that has come to rest. */
  function tell(asked = true) {
    clearTimeout(speaking);
    const say = () => {
      said.setAttribute("aria-live", asked ? "polite" : "off");
      const safe = Number(noise.value) < FORMULAS.h_star(w());
      said.textContent = `The bit is ${bit(a)}. ${safe
        ? "From the bottom of its valley, this noise can never drive it out."
        : "This noise can drive it out of its valley, and one day will."}`;
      ball.setAttribute("aria-valuenow", bit(a));
      dial.setAttribute("aria-label", `The gradient that is left of a nudge ${BACK} steps ago: ${share(left())}`);
    };
    if (asked) speaking = setTimeout(say, REST);
    else say();
  }

  /** Say of a slider what its place means. */
  function name() {
    depth.setAttribute("aria-valuetext", `weight ${w().toFixed(2)}`);
    const safe = Number(noise.value) < FORMULAS.h_star(w());
    noise.setAttribute("aria-valuetext", `${noise.value}, ${safe ? "safe" : "not safe"}`);
  }

  // --- time -----------------------------------------------------------------------------

  let playing = false;
  let seen = true;
  let frame = 0;
  let last = 0;

  function run(now) {
    frame = 0;
    if (!playing || !seen) return;
    if (now - last >= STEP * (still.matches ? 3 : 1)) {
      last = now;
      if (dragged === null) advance();
    }
    const part = still.matches || dragged !== null ? 1 : Math.min((now - last) / STEP, 1);
    draw(before + (a - before) * part);
    go();
  }

  function go() {
    if (playing && seen && !frame) frame = requestAnimationFrame(run);
  }

  function setPlaying(on) {
    playing = on;
    play.textContent = on ? "Pause" : "Play";
    part("step").disabled = on;
    go();
    if (!on) draw();
  }

  function stepBy(push) {
    advance(push);
    last = performance.now();
    if (!playing) draw();
    tell();
  }

  // --- hands ----------------------------------------------------------------------------

  let dragged = null;

  const under = ({ clientX }) => {
    const box = land.getBoundingClientRect();
    return LEFT + (WIDE * (clientX - box.left)) / box.width;
  };

  land.addEventListener("pointerdown", (event) => {
    const at = under(event);
    ball.focus({ preventScroll: true });
    if (Math.abs(at - ball.cx.baseVal.value) > 3 * RADIUS) {
      stepBy(Math.sign(at - a) * PUSH);
      return;
    }
    dragged = at;
    land.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  land.addEventListener("pointermove", (event) => {
    if (dragged === null) return;
    dragged = under(event);
    before = a;
    a = Math.min(Math.max(dragged, LEFT), RIGHT);
    count();
    draw();
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    land.addEventListener(kind, () => {
      if (dragged === null) return;
      dragged = null;
      before = a;
      tell();
    });
  }
  ball.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: -1, ArrowRight: 1 };
    if (!(event.key in ways)) return;
    event.preventDefault();
    stepBy(ways[event.key] * PUSH);
  });
  for (const button of root.querySelectorAll("[data-push]")) {
    button.addEventListener("click", () => stepBy(Number(button.dataset.push) * PUSH));
  }
  for (const slider of [depth, noise]) {
    slider.addEventListener("input", () => {
      drawGround();
      name();
      if (!playing) draw();
      tell();
    });
  }
  play.addEventListener("click", () => setPlaying(!playing));
  part("step").addEventListener("click", () => stepBy(0));

  // --- the start ------------------------------------------------------------------------

  drawGround();
  name();
  draw();
  tell(false);
  new IntersectionObserver(([{ isIntersecting }]) => {
    seen = isIntersecting;
    go();
  }).observe(land);
  setPlaying(!still.matches);
}
