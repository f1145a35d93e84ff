// A root finder beside an exercise that needs one: who reads types a function and an interval at whose ends
// its signs differ, and halves the interval step by step. root_finder.py puts grammar.js before it, by which
// answers are read too: nothing typed is run as code.
{
  const DIGITS = 10;

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  const shown = (value) => String(Number(value.toPrecision(DIGITS)));
  const sign = (value) => (value > 0 ? "above 0" : value < 0 ? "below 0" : "0");

  function build(box, number) {
    const field = (name, label, more = {}) => {
      const input = make("input", {
        id: `root-${number}-${name}`, type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false",
        ...more,
      });
      return [input, make("label", { for: input.id }, label, input)];
    };
    const [what, whatLabel] = field("f", "f(x) =", { placeholder: "x^2 - 2" });
    const [from, fromLabel] = field("from", "from", { inputmode: "decimal", placeholder: "1" });
    const [to, toLabel] = field("to", "to", { inputmode: "decimal", placeholder: "2" });
    const start = make("button", { type: "submit" }, "Start");
    const halve = make("button", { type: "button" }, "Halve");
    const often = make("button", { type: "button" }, "Halve 10 times");
    const said = make("p", { role: "status" });
    const rows = make("tbody", {});
    const heads = ["Step", "x from", "to", "f in the middle", "The interval"].map((text) => make("th", { scope: "col" }, text));
    const table = make("table", { hidden: "" }, make("thead", {}, make("tr", {}, ...heads)), rows);
    const form = make("form", { "aria-label": `Root finder ${number + 1}` }, whatLabel, fromLabel, toLabel, start, halve, often);
    box.append(
      make("p", {}, make("strong", {}, "Root finder."), " Where is f(x) = 0? Give an interval at whose ends f has different signs."),
      form, said, make("div", { class: "root-steps", tabindex: "0", role: "region", "aria-label": `Steps of root finder ${number + 1}` }, table),
    );

    let f; // of the function and interval that were started
    let ends;
    let first;
    let count;

    function value(input, name) {
      let found;
      try {
        found = read(input.value, [])([]);
      } catch (error) {
        if (!(error instanceof Unread)) throw error;
        throw new Unread(`${name}: ${error.message}`);
      }
      if (!Number.isFinite(found)) throw new Unread(`${name}: that has no finite value.`);
      return found;
    }

    function at(x) {
      const found = f([x]);
      if (!Number.isFinite(found)) throw new Unread(`f has no finite value at ${shown(x)}.`);
      return found;
    }

    /** Do something, and say what was done or why it cannot be. */
    function doing(action) {
      try {
        said.textContent = action();
      } catch (error) {
        if (!(error instanceof Unread)) throw error;
        said.textContent = error.message;
      }
    }

    function begin() {
      ends = null;
      for (const button of [halve, often]) button.disabled = true;
      rows.replaceChildren();
      table.hidden = true;
      f = read(what.value, ["x"]);
      const [low, high] = [value(from, "from"), value(to, "to")];
      if (low >= high) throw new Unread("“from” must be less than “to”.");
      const [left, right] = [at(low), at(high)];
      const signs = `f is ${sign(left)} at ${shown(low)} and ${sign(right)} at ${shown(high)}`;
      if (left * right > 0) throw new Unread(`${signs}: take an interval at whose ends the signs differ.`);
      [ends, first, count] = [[low, high, Math.sign(left) || -Math.sign(right)], [low, high - low], 0];
      for (const button of [halve, often]) button.disabled = false;
      return `${signs}. Now halve the interval.`;
    }

    function step() {
      const [low, high, left] = ends;
      const middle = (low + high) / 2;
      if (middle === low || middle === high) return false;
      const found = at(middle);
      ends = Math.sign(found) === left ? [middle, high, left] : [low, middle, left];
      count += 1;
      const bar = make("span", { class: "root-bar" });
      bar.style.marginInlineStart = `${(100 * (low - first[0])) / first[1]}%`;
      bar.style.width = `${(100 * (high - low)) / first[1]}%`;
      rows.append(make("tr", {}, ...[count, shown(low), shown(high), `${"<=>"[Math.sign(found) + 1]} 0`, bar].map((each) => make("td", {}, each))));
      table.hidden = false;
      return true;
    }

    const halved = (times) => () => {
      for (let k = 0; k < times; k++) if (!step()) break;
      rows.lastElementChild?.scrollIntoView({ block: "nearest" });
      return `The root lies between ${shown(ends[0])} and ${shown(ends[1])}.`;
    };
    halve.disabled = often.disabled = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      doing(begin);
    });
    halve.addEventListener("click", () => doing(halved(1)));
    often.addEventListener("click", () => doing(halved(10)));
  }

  addEventListener("DOMContentLoaded", () => document.querySelectorAll(".root-finder").forEach(build));
}
