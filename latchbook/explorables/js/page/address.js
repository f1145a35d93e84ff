// The setting of an explorable in the address of its page: ?latch.w=3&latch.h=0.25, of each value that is
// not the book's own. It is read when the page is opened, written when the sliders come to rest, and
// copied by a button. The fragment, by which a page is opened at a place, stays what it is.

// Browsers refuse an address that is rewritten many times a second.
const REST = 300; // milliseconds
const SHOWN = 2000;
const CELL = "cell-explore-";

/** Return the name of an explorable in the address, that of its cell on the page. */
function nameOf(view) {
  return view.closest(`[id^="${CELL}"]`)?.id.slice(CELL.length) ?? null;
}

/** Return the least and largest value and the step of each trait that this model does not follow another in. */
function own(model) {
  return Object.entries(model.get("ranges") ?? {}).filter(([trait]) => !model.follows.has(trait));
}

/** Return the value on the slider's grid that is nearest to what the address says; null for no number. */
export function nearest(text, [least, largest, step]) {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) return null;
  const inside = Math.min(largest, Math.max(least, value));
  const onGrid = least + Math.round((inside - least) / step) * step;
  return Number(Math.min(largest, onGrid).toFixed(6));
}

/** Set a model to what the address says; what it says wrongly is passed over. */
export function read(view, model) {
  const name = nameOf(view);
  const asked = new URLSearchParams(location.search);
  for (const [trait, range] of name ? own(model) : []) {
    const text = asked.get(`${name}.${trait}`);
    const value = text === null ? null : nearest(text, range);
    if (value !== null) model.set(trait, value);
  }
}

/** Return the address of the page with the settings of these explorables. */
function address(settings) {
  const url = new URL(location.href);
  for (const [name, model] of settings) {
    for (const [trait] of own(model)) {
      const value = model.get(trait);
      if (Object.is(value, model.start[trait])) url.searchParams.delete(`${name}.${trait}`);
      else url.searchParams.set(`${name}.${trait}`, value);
    }
  }
  return url;
}

const settings = new Map();
let waiting = 0;

/** Write the settings to the address bar. */
function write() {
  clearTimeout(waiting);
  try {
    history.replaceState(history.state, "", address(settings));
  } catch (error) {
    console.warn(error); // a browser that allows none from disk: the button still copies it
  }
}

/** Keep the address of the page at the setting of an explorable, and give it a button that copies it. */
export function keep(view, model, el) {
  const name = nameOf(view);
  const buttons = el.querySelector(".ll-buttons");
  if (!name || !buttons) return;
  settings.set(name, model);
  model.on("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(write, REST);
  });
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.dataset.action = "copy";
  // Beside the explorable, which has a voice of its own.
  const said = Object.assign(document.createElement("span"), { className: "ll-heard" });
  said.setAttribute("role", "status");
  const label = (text, more = "") => {
    const long = Object.assign(document.createElement("span"), { className: "ll-long", textContent: more });
    button.replaceChildren(text, long);
  };
  label("Copy link", " to this setting");
  let back = 0;
  button.addEventListener("click", async () => {
    write();
    // With the settings of all: explorables of a page may follow each other.
    const url = address(settings);
    url.hash = CELL + name;
    const copied = await copy(url.href);
    label(copied ? "Copied" : "Not copied");
    said.textContent = copied ? "The link is copied." : "The setting is in the address bar.";
    clearTimeout(back);
    back = setTimeout(() => {
      label("Copy link", " to this setting");
      said.textContent = "";
    }, SHOWN);
  });
  buttons.append(button);
  el.append(said);
}

/** Copy a text; say whether it was possible. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed, or not there, as on a page that came without encryption.
    const field = Object.assign(document.createElement("textarea"), { value: text });
    const focus = document.activeElement;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focus?.focus({ preventScroll: true });
    return copied;
  }
}
