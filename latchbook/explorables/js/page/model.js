// The model of an anywidget without a kernel: values, and who is told when they change.

/** A model with the interface that anywidget gives to `render`. */
export class PageModel {
  #values;
  #listeners = [];
  /** Names whose values follow those of another model. */
  follows = new Set();

  /** Take an entry of the widget state: its values, and its bytes in base64. */
  constructor({ state, buffers = [] }) {
    this.#values = { ...state };
    /** The values to begin with. */
    this.start = Object.freeze({ ...state });
    for (const { path: [name], data } of buffers) {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      this.#values[name] = new DataView(bytes.buffer);
    }
  }

  get(name) {
    return this.#values[name];
  }

  set(name, value) {
    if (Object.is(this.#values[name], value)) return;
    this.#values[name] = value;
    this.#tell(`change:${name}`, value);
    this.#tell("change");
  }

  /** `names` may hold several, with blanks between. */
  on(names, callback) {
    for (const name of names.split(" ")) this.#listeners.push({ name, callback });
  }

  off(names, callback) {
    const gone = names?.split(" ");
    this.#listeners = this.#listeners.filter((one) => (
      (gone && !gone.includes(one.name)) || (callback && callback !== one.callback)
    ));
  }

  #tell(name, ...values) {
    for (const one of this.#listeners.filter((l) => l.name === name)) one.callback(this, ...values);
  }

  // There is no kernel to speak to.
  save_changes() {}

  send() {}
}

/** Let the value of `target`, a model and a name, follow that of `source`; and back if `both`. */
export function link(source, target, both) {
  follow(source, target);
  target[0].follows.add(target[1]);
  if (both) follow(target, source);
}

function follow([from, name], [to, other]) {
  const pass = () => to.set(other, from.get(name));
  from.on(`change:${name}`, pass);
  pass();
}
