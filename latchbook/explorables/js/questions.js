// Questions answered on the page: a value, a choice, a drill. What is right and what to say comes as
// data from latchbook.questions; this reads an answer, compares it and says what belongs to it.
import { Unread, read } from "./grammar.js";
import { keepKeys, make } from "./common.js";

const COUNTER = Symbol.for("latchlib questions");
// A screen reader hears a change of the live region, so it is emptied first.
const PAUSE = 60;

function render({ model, el }) {
  globalThis[COUNTER] = (globalThis[COUNTER] ?? 0) + 1;
  const id = `lq-${globalThis[COUNTER]}`;
  const question = model.get("question");
  const kinds = { value: valueQuestion, choice: choiceQuestion, drill: drillQuestion };
  const root = make("div", { class: "lq", "data-question": question.label ?? question.kind });
  const stop = kinds[question.kind]({ model, question, id, root });
  keepKeys(root);
  el.append(root);
  return stop;
}

/** A paragraph that is read out when it changes, and the function that changes it. */
function speaker() {
  const said = make("p", { class: "lq-said", role: "status" });
  let waiting;
  const say = ({ text, right }) => {
    clearTimeout(waiting);
    said.textContent = "";
    waiting = setTimeout(() => {
      said.textContent = text;
      if (!text) delete said.dataset.state; // it takes no room
      else said.dataset.state = right === undefined ? "unread" : right ? "right" : "wrong";
    }, PAUSE);
  };
  return [said, say];
}

/** A labelled input with its Check button; `judge` takes what was typed. */
function entry({ id, help, describedBy = [], symbols, judge, say }) {
  const input = make("input", {
    type: "text", id: `${id}-input`, autocomplete: "off", autocapitalize: "none", spellcheck: "false",
    "aria-describedby": [...describedBy, `${id}-help`].join(" "),
  });
  const form = make("form", { class: "lq-entry", novalidate: "" },
    make("label", { for: input.id }, "Your answer"), input,
    make("button", { type: "submit" }, "Check"));
  // JupyterLab keeps Enter from a form's own submission.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    let answer;
    try {
      answer = read(input.value, symbols);
      input.removeAttribute("aria-invalid");
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
      input.setAttribute("aria-invalid", "true");
      say({ text: error.message });
      return;
    }
    say(judge(answer));
  });
  return [input, form, make("p", { class: "lq-help", id: `${id}-help` }, help)];
}

/** Compare with the expected value and the slips, in the order in which latchlib does. */
export function compare(answer, points, question) {
  const { right, slips, otherwise, percent, near, relative, smallest } = question;
  const { relative_slip: wider, relative_near: around } = question;
  const got = points.map((point) => answer(point));
  const bad = got.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) return { text: "That has no finite real value.", bad };
  const close = (values, tolerance) => values.every(
    (value, k) => Math.abs(got[k] - value) <= tolerance * Math.max(Math.abs(value), smallest),
  );
  if (close(right.values, relative)) return { text: right.text, right: true };
  const slip = slips.find(({ values }) => close(values, wider));
  if (slip) return { text: slip.text, right: false };
  const hundredfold = percent && close(right.values.map((value) => 100 * value), wider);
  if (hundredfold) return { text: percent, right: false };
  return { text: close(right.values, around) ? near : otherwise, right: false };
}

/** Name a group after the exercise above it, as the page or the notebook shows it. */
function named(root, label) {
  const title = document.getElementById(label)?.querySelector(".admonition-title")?.textContent;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `Answer to ${title?.replace(/\s+/g, " ").trim() ?? label}`);
}

function valueQuestion({ question, id, root }) {
  const { label, help, symbols, points } = question;
  const [said, say] = speaker();
  const judge = (answer) => {
    const { bad, ...found } = compare(answer, points, question);
    if (bad === undefined || !symbols.length) return found;
    const where = symbols.map((name, k) => `${name} = ${points[bad][k].toFixed(2)}`).join(", ");
    return { text: `At ${where} that has no finite real value.` };
  };
  const [, ...parts] = entry({ id, help, symbols, judge, say });
  named(root, label);
  root.append(...parts, said);
}

function choiceQuestion({ question, id, root }) {
  const { label, legend, options } = question;
  const [said, say] = speaker();
  const choices = make("fieldset", {}, make("legend", {}, legend));
  options.forEach(({ text }, k) => {
    const radio = make("input", { type: "radio", name: id, id: `${id}-${k}`, value: k });
    choices.append(make("div", { class: "lq-option" },
      radio, make("label", { for: radio.id }, text)));
  });
  const form = make("form", {}, choices, make("button", { type: "submit" }, "Check"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.elements[id].value;
    if (chosen === "") say({ text: "Choose an answer first." });
    else say({ text: options[chosen].says, right: options[chosen].right });
  });
  if (label) named(root, label);
  root.append(form, said);
}

/** Random numbers in [0, 1) from a seed: Mulberry32, as in latchbook.questions. */
function draws(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a drill asks for a seed; its values come from FORMULAS. */
export function asked({ tasks, ...same }, seed) {
  const draw = draws(seed);
  const pick = (count) => Math.floor(draw() * count);
  const task = tasks[pick(tasks.length)];
  const drawn = Object.fromEntries(task.ranges.map(([name, first, stride, count, scale]) => (
    [name, (first + stride * pick(count)) / scale]
  )));
  const value = ({ formula, names }) => FORMULAS[formula](...names.map((name) => drawn[name]));
  const answer = value(task.right);
  const shown = { ...drawn, answer: Number(answer.toPrecision(4)) };
  const fill = (text) => text.replace(/\{(\w+)\}/g, (_, name) => `${shown[name]}`.replace("-", "−"));
  return {
    ...same,
    ...task,
    text: fill(task.text),
    shown: fill(task.shown),
    right: { values: [answer], text: fill(task.right.text) },
    slips: task.slips.map((slip) => ({ values: [value(slip)], text: fill(slip.text) })),
  };
}

function drillQuestion({ model, question, id, root }) {
  const [said, say] = speaker();
  const text = make("p", { class: "lq-question", id: `${id}-text` });
  const count = make("p", { class: "lq-count" });
  const tally = { right: 0, tried: 0 };
  let now;
  let open; // whether this question still counts

  function settle(right) {
    if (open === "new") tally.tried += 1;
    if (open && right) tally.right += 1;
    open = right ? false : "tried";
    count.textContent = `Right: ${tally.right} of ${tally.tried}`;
  }

  const judge = (answer) => {
    const found = compare(answer, [[]], now);
    if (found.right !== undefined) settle(found.right);
    return found;
  };
  const [input, form, help] = entry({
    id, help: question.help, describedBy: [text.id], symbols: [], judge, say,
  });
  const show = make("button", { type: "button" }, "Show answer");
  show.addEventListener("click", () => {
    settle(false);
    open = false;
    say({ text: now.shown });
  });
  const fresh = make("button", { type: "button" }, "New numbers");
  fresh.addEventListener("click", () => {
    let seed;
    do [seed] = crypto.getRandomValues(new Uint32Array(1));
    while (asked(question, seed).text === now.text);
    model.set("seed", seed);
    model.save_changes();
    input.focus();
  });

  function ask() {
    now = asked(question, model.get("seed"));
    open = "new";
    root.dataset.seed = model.get("seed");
    text.textContent = now.text;
    input.value = "";
    input.removeAttribute("aria-invalid");
    say({ text: "" });
  }
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Drill");
  root.append(text, form, help, said, make("div", { class: "lq-more" }, fresh, show, count));
  ask();
  model.on("change:seed", ask);
  return () => model.off("change:seed", ask);
}

export default { render };
export { read };
