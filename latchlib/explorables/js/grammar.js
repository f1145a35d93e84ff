// Reads what a person types as an answer: a number or an expression. Nothing typed is run as code.

const FUNCTIONS = new Map([
  ["sqrt", Math.sqrt], ["exp", Math.exp], ["ln", Math.log], ["log", Math.log], ["abs", Math.abs],
  ["sin", Math.sin], ["cos", Math.cos], ["tan", Math.tan],
  ["sinh", Math.sinh], ["cosh", Math.cosh], ["tanh", Math.tanh],
  ...["a", "ar", "arc"].flatMap((inverse) => [
    [`${inverse}sinh`, Math.asinh], [`${inverse}cosh`, Math.acosh], [`${inverse}tanh`, Math.atanh],
  ]),
]);
const CONSTANTS = { pi: Math.PI, e: Math.E };
const LONGEST = 200;

// A decimal comma needs a digit behind it; a point does not.
const TOKEN = /\s*(?:((?:\d+(?:\.\d*|,\d+)?|[.,]\d+)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/^()]))/y;
const THOUSANDS = /^[1-9]\d{0,2},\d{3}$/;
const SIGNS = [
  [/\p{Cf}/gu, ""], // not seen, but copied along
  [/[−–‑]/g, "-"], [/[×·⋅]/g, "*"], [/÷/g, "/"], [/²/g, "^2"], [/³/g, "^3"], [/√/g, " sqrt "],
  [/π/g, " pi "], [/μ|µ/g, " mu "], [/ε/g, " epsilon "], [/σ/g, " sigma "],
];

/** An answer that cannot be read; its message says what to change. */
export class Unread extends Error {}

/**
 * Read `text` and return the function that evaluates it for the values of `symbols`, in that order.
 *
 * expression = term, or more joined by + and -; term = factor, or more joined by * and /;
 * factor = signs, then a power; power = an atom, perhaps ^ or ** and a factor; atom = a number, a
 * name, a function of an expression in parentheses, or an expression in parentheses.
 */
export function read(text, symbols = []) {
  const tokens = split(text);
  let at = 0;
  const next = (...wanted) => (wanted.includes(tokens[at]?.text) ? tokens[at++].text : null);

  function expression() {
    let left = term();
    for (let sign; (sign = next("+", "-"));) {
      const [one, other] = [left, term()];
      left = sign === "+" ? (v) => one(v) + other(v) : (v) => one(v) - other(v);
    }
    return left;
  }

  function term() {
    let left = factor();
    for (let sign; (sign = next("*", "/"));) {
      const [one, other] = [left, factor()];
      left = sign === "*" ? (v) => one(v) * other(v) : (v) => one(v) / other(v);
    }
    return left;
  }

  function factor() {
    const sign = next("+", "-");
    if (!sign) return power();
    const inner = factor();
    return sign === "-" ? (v) => -inner(v) : inner;
  }

  function power() {
    const base = atom();
    if (!next("^", "**")) return base;
    const exponent = factor();
    return (v) => base(v) ** exponent(v);
  }

  function atom() {
    const token = tokens[at++];
    if (!token) throw new Unread("Something is missing at the end.");
    if (token.number !== undefined) return () => token.number;
    if (token.text === "(") return closed(expression());
    if (!token.name) throw new Unread(`Something is missing before “${token.text}”.`);
    return named(token.text);
  }

  function named(name) {
    const place = symbols.indexOf(name);
    if (place >= 0) return (v) => v[place];
    if (FUNCTIONS.has(name)) {
      if (!next("(")) throw new Unread(`${name} needs parentheses, as in ${name}(2).`);
      const [apply, inner] = [FUNCTIONS.get(name), closed(expression())];
      return (v) => apply(inner(v));
    }
    if (Object.hasOwn(CONSTANTS, name)) return () => CONSTANTS[name];
    const names = symbols.length ? `The names here are ${symbols.join(", ")}, pi and e, and`
      : "The names here are pi and e, and";
    throw new Unread(`“${name}” is no name that I know. ${names} functions such as sqrt(2).`);
  }

  function closed(inner) {
    if (!next(")")) throw new Unread("A parenthesis is not closed.");
    return inner;
  }

  if (!tokens.length) throw new Unread("Type an answer first.");
  const whole = expression();
  const left = tokens[at]?.text;
  if (left === ")") throw new Unread("A parenthesis is closed that was not opened.");
  if (left) throw new Unread(`Put an operator, such as *, before “${left}”.`);
  return whole;
}

function split(text) {
  if (text.length > LONGEST) throw new Unread(`At most ${LONGEST} characters, please.`);
  const plain = SIGNS.reduce((all, [sign, instead]) => all.replace(sign, instead), text).trimEnd();
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < plain.length) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(plain);
    if (!found) {
      const rest = plain.slice(from).trim();
      if (rest.startsWith("%")) throw new Unread("Write shares as numbers from 0 to 1, without %.");
      throw new Unread(`I cannot read ${shown(rest)} here.`);
    }
    const [, number, name, sign] = found;
    if (number && THOUSANDS.test(number)) {
      throw new Unread(`“${number}” can be read in two ways. Write ${number.replace(",", "")} or `
        + `${number.replace(",", ".")}.`);
    }
    tokens.push(number ? { text: number, number: Number(number.replace(",", ".")) }
      : { text: name ?? sign, name: Boolean(name) });
  }
  return tokens;
}

/** The first character of a text, or its number where there is nothing to see. */
function shown(text) {
  const [first] = text;
  const code = first.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return /[\p{C}\p{Z}]/u.test(first) ? `the character U+${code}` : `“${first}”`;
}
