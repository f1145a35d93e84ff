// Reads what a person types as an answer: a number or an expression. Nothing typed is run as code.
// What can be read in two ways is asked about, and what cannot be read is named: an answer is never
// judged by what its writer did not mean.

const FUNCTIONS = new Map([
  ["sqrt", Math.sqrt], ["√", Math.sqrt], ["exp", Math.exp], ["ln", Math.log], ["log", Math.log],
  ["abs", Math.abs],
  ...["sin", "cos", "tan", "sinh", "cosh", "tanh"].flatMap((name) => [
    [name, Math[name]],
    ...["a", "arc", ...(name.endsWith("h") ? ["ar"] : [])].map((inverse) => (
      [`${inverse}${name}`, Math[`a${name}`]]
    )),
  ]),
]);
const BY_LENGTH = [...FUNCTIONS.keys()].sort((one, other) => other.length - one.length);
const CONSTANTS = { pi: Math.PI, e: Math.E };
const LONGEST = 200;

const FRACTION = /(\d+)⁄(\d+)/y;
const NUMBER = /((?:\d+(?:[.,'_]\d+)*\.?|[.,]\d+(?:[.,'_]\d+)*))([eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_]\w*|√/y;
const SIGN = /\*\*|[-+*/^()⁄]/y;
/** A number with a point alone, and one whose thousands stand apart. */
const POINTED = /^(?:\d+\.?\d*|\.\d+)$/;
const GROUPED = /^[1-9]\d{0,2}(?:(?:'\d{3})+|(?:_\d{3})+)(?:\.\d*)?$/;
/** Narrow spaces, and those where no line may break, set off thousands and thousandths. */
const SPACED = /\d+(?:[\xa0\u2000-\u200a\u202f]\d+)*(?:\.\d+(?:[\xa0\u2000-\u200a\u202f]\d+)*)?/g;
const IN_THREES = /^(?:[1-9]\d{0,2}(?:\s\d{3})+|\d+)(?:\.(?:\d{3}\s)+\d{1,3}|\.\d+)?$/;

// One after the other: what is alike to a reader becomes one sign.
const SIGNS = [
  [/\u2062/g, "*"], [/\u2063/g, ","], [/\u2064/g, "+"], // not seen, and yet they mean something
  [/\p{DI}/gu, ""], // not seen, but copied along
  // As wide as a Chinese character, narrow, or slanted. NFKC would make 2 of ² too.
  [/[\u210a-\u2134\u2145-\u2149\ufe50-\ufe6f\uff00-\uffef\u{1d400}-\u{1d7ff}]/gu,
    (wide) => wide.normalize("NFKC")],
  [/[٠-٩۰-۹]+\s*\/\s*[٠-٩۰-۹]+/g, (text) => {
    const [whole, rest] = text.replace(/\p{Nd}/gu, digit).split("/").map((part) => part.trim());
    throw twoWays(`${whole}/${rest}`, `${whole}.${rest}`, `${whole}/${rest}, in these digits`);
  }],
  [/\p{Nd}/gu, digit],
  [/[¼-¾⅐-⅞↉]|[⁰¹²³⁴-⁹]+⁄[₀-₉]+/g, (fraction) => ` ${fraction.normalize("NFKC")} `],
  [/⅟/g, " 1⁄"],
  [/(^\s*|[-+*/^(×÷]\s*)([⁺⁻])/g, (all) => all.normalize("NFKC")], // as calculators show it
  [/[⁰¹²³⁴-⁹⁺⁻⁽⁾ⁿʷ]+/g, (raised) => (
    /^[⁺⁻]$/.test(raised) ? raised : `^(${raised.normalize("NFKC")})`
  )],
  [/[A-Za-z][₀-₉]+/g, (name) => name.normalize("NFKC")],
  [/—+/g, "-"], // a Chinese keyboard gives two for one
  [/[−˗⁃➖ー]|(?![〜〰゠])\p{Pd}/gu, "-"], [/➕/g, "+"],
  [/[×∗⋅✕✖⨉⨯✱⁎⋆٭]/g, "*"], [/[÷∕➗]/g, "/"], [/[ˆ↑]/g, "^"], [/∶/g, ":"],
  [/[٫⎖。]/g, "."], [/[،、‚]/g, ","], [/(\d)['’‘ʼ´٬](?=\d)/g, "$1'"],
  [/[∙‧・•᛫⸱⸳ꞏ˙]|\u0387/g, "·"], [/٪/g, "%"], [/؉/g, "‰"], [/؊/g, "‱"],
  [SPACED, (number) => (IN_THREES.test(number) ? number.replace(/\s/g, "") : number)],
  [/π/g, " pi "], [/[μµ]/g, " mu "], [/ε/g, " epsilon "], [/σ/g, " sigma "], [/ϑ/g, " temp "],
];

/** An answer that cannot be read; its message says what to change. */
export class Unread extends Error {}

function oneWay(text, meant) {
  return new Unread(`Write ${meant} if that is what “${text}” means.`);
}

function twoWays(text, one, other) {
  return new Unread(`“${text}” can be read in two ways. Write ${one} or ${other}.`);
}

/** The digit 0 to 9 of a script: each has ten in a row. */
function digit(text) {
  const code = text.codePointAt(0);
  let first = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return String((code - first) % 10);
}

/**
 * Read `text` and return the function that evaluates it for the values of `symbols`, in that order.
 *
 * expression = term, or more joined by + and -; term = factor, or more joined by * and /;
 * factor = signs, then a power; power = an atom, perhaps ^ or ** and a factor; atom = a number, a
 * name, an expression in parentheses, or a function, perhaps with a whole power, of an expression
 * in parentheses or of one number or name.
 */
export function read(text, symbols = []) {
  const tokens = split(text, symbols);
  let at = 0;
  const next = (...wanted) => (wanted.includes(tokens[at]?.text) ? tokens[at++].text : null);
  const begins = (token) => token && (token.number !== undefined || token.name || token.text === "(");

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
    if (begins(tokens[at])) throw missing(tokens[at - 1], tokens[at]);
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
    if (FUNCTIONS.has(name)) return applied(name);
    return () => CONSTANTS[name];
  }

  function applied(name) {
    const exponent = next("^", "**") ? whole(name) : 1;
    const inverse = exponent === -1;
    const apply = FUNCTIONS.get(inverse ? `a${name}` : name);
    if (!apply) throw new Unread(`Write 1/${name}(2) for one over ${name}.`);
    const inner = next("(") ? closed(expression()) : bare(name);
    return inverse || exponent === 1 ? (v) => apply(inner(v)) : (v) => apply(inner(v)) ** exponent;
  }

  /** The -1 of tanh^-1(0.5), or the 2 of cosh^2(1). */
  function whole(name) {
    const wrapped = next("(");
    const sign = next("+", "-") === "-" ? -1 : 1;
    const value = tokens[at++]?.number;
    if (!Number.isInteger(value) || (wrapped && !next(")"))) {
      throw new Unread(`Write a power of ${name} as (${name}(2))^3.`);
    }
    return sign * value;
  }

  /** What a function is taken of, without parentheses: one number or name. */
  function bare(name) {
    const token = tokens[at];
    if (token?.number === undefined && !token?.name) {
      throw new Unread(`${name} needs parentheses, as in ${name}(2).`);
    }
    const inner = atom();
    const after = tokens[at];
    // A root sign ends where a quotient begins, other functions may or may not.
    if (begins(after) || (name === "√" ? ["^", "**"] : ["^", "**", "*", "/"]).includes(after?.text)) {
      throw new Unread(`It is not clear where ${name} ends. Put what it is taken of in parentheses, `
        + `as in ${name}(2).`);
    }
    return inner;
  }

  function closed(inner) {
    if (!next(")")) throw new Unread("A parenthesis is not closed.");
    return inner;
  }

  if (!tokens.length) throw new Unread("Type an answer first.");
  const answer = expression();
  if (tokens[at]) throw new Unread("A parenthesis is closed that was not opened.");
  return answer;
}

function missing(left, right) {
  if (left.number === undefined || right.number === undefined) {
    return new Unread(`A * is missing between “${left.text}” and “${right.text}”.`);
  }
  if (/^[1-9]\d{0,2}$/.test(left.text) && /^\d{3}$/.test(right.text)) {
    const [one, other] = [left.text, right.text];
    return twoWays(`${one} ${other}`, `${one}${other}`, `${one}*${Number(other)}`);
  }
  return new Unread(`Put an operator between “${left.text}” and “${right.text}”.`);
}

function split(text, symbols) {
  if (text.length > LONGEST) throw new Unread(`At most ${LONGEST} characters, please.`);
  const plain = SIGNS.reduce((all, [sign, instead]) => all.replace(sign, instead), text).trimEnd();
  const [relation] = /[=<>~≠≤≥⩽⩾≦≧≈≃≅≡∼≲≳≪≫]/.exec(plain) ?? [];
  if (relation) throw new Unread(`Give the value alone, without “${relation}”.`);
  const tokens = [];
  let at = 0;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(plain);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    take(/\s*/y);
    if (at === plain.length) return tokens;
    const last = tokens.at(-1);
    let found;
    if ((found = take(FRACTION))) {
      const [fraction, over, under] = found;
      const value = Number(over) / Number(under);
      // 1½ is one and a half.
      if (/^\d+$/.test(last?.text)) {
        tokens.splice(-1, 1, { text: `${last.text} ${fraction}`, number: last.number + value });
      } else tokens.push({ text: fraction, number: value });
    } else if ((found = take(NUMBER))) {
      tokens.push({ text: found[0], number: valueOf(...found) });
      if (/[eE](?!\w)/y.test(plain.slice(at, at + 2)) && !symbols.includes("e")) {
        throw twoWays(`${found[0]}${plain[at]}`, `${found[0]}*e for a product`,
          `${found[0]}e-5, without a space, for a power of ten`);
      }
    } else if ((found = take(NAME))) {
      const [length, name] = known(found[0], symbols);
      if (name === undefined) throw unknown(found[0], plain.slice(at), last, symbols);
      at += length - found[0].length;
      if (name === "e" && !symbols.includes("e") && /^[+-]\d/.test(plain.slice(at))) {
        throw powerOfTen(found[0], plain.slice(at), last);
      }
      tokens.push({ text: name, name: true });
    } else if ((found = take(SIGN))) tokens.push({ text: found[0] === "⁄" ? "/" : found[0] });
    else throw unreadable(plain.slice(at), last);
  }
}

/** The value of a number as typed: its digits with their signs, and its power of ten. */
function valueOf(text, digits, ten = "") {
  if (POINTED.test(digits)) return Number(text);
  if (GROUPED.test(digits)) return Number(text.replace(/['_]/g, ""));
  const [decimal, groups] = [digits.search(/[.,'_]\d*$/), /^[1-9]\d{0,2}([.,'_])\d{3}(?:\1\d{3})*$/];
  const [sign, before, after] = [digits[decimal], digits.slice(0, decimal), digits.slice(decimal + 1)];
  const meant = [];
  if (groups.test(digits)) meant.push(digits.replace(/\D/g, "") + ten);
  if (sign !== "_" && after && !before.includes(sign) && (/^\d*$/.test(before) || groups.test(before))) {
    meant.push(`${before.replace(/\D/g, "") || 0}.${after}${ten}`);
  }
  if (meant.length === 2) throw twoWays(text, ...meant);
  throw meant.length ? oneWay(text, meant[0])
    : new Unread(`“${text}” is no number that I can read.`);
}

/** How much of a name is known, and as what: sqrt of sqrt2, and of sqrtw. */
function known(name, symbols) {
  const small = name.toLowerCase();
  if (symbols.includes(name)) return [name.length, name];
  if (FUNCTIONS.has(small) || small === "pi" || name === "e") return [name.length, small];
  const head = /^log_?(2|10)$/.test(small) ? undefined : BY_LENGTH.find((each) => {
    const rest = name.slice(each.length);
    return small.startsWith(each) && rest && (/^\d/.test(rest) || known(rest, symbols)[1]);
  });
  return [head?.length, head];
}

function powerOfTen(e, rest, last) {
  const [exponent] = /^[+-]?\d+/.exec(rest);
  const before = last?.number === undefined ? "" : last.text;
  const other = /^\d/.test(exponent) ? `*${exponent}` : ` ${exponent[0]} ${exponent.slice(1)}`;
  return twoWays(`${before && `${before} `}${e}${exponent}`, `${before || 1}e${exponent}`,
    `${before && `${before}*`}e${other}`);
}

function unknown(name, rest, last, symbols) {
  if (/^[eE]\d+$/.test(name)) return powerOfTen(name[0], name.slice(1), last);
  if (name === "E" && /^[+-]\d/.test(rest)) return powerOfTen(name, rest, last);
  if (/^[xX]\d*$/.test(name) && last && (last.number !== undefined || last.text === ")")) {
    return new Unread(`Write * for a product, not “${name[0]}”.`);
  }
  const base = /^log_?(2|10)$/i.exec(name)?.[1];
  if (base) {
    return twoWays(name, `log(${base})`, `log(8)/log(${base}), for a logarithm to the base ${base}`);
  }
  if (symbols.includes(name.toLowerCase())) {
    return new Unread(`“${name}” is no name that I know. Write ${name.toLowerCase()}.`);
  }
  const names = symbols.length ? `The names here are ${symbols.join(", ")}, pi and e, and`
    : "The names here are pi and e, and";
  return new Unread(`“${name}” is no name that I know. ${names} functions such as sqrt(2).`);
}

function unreadable(rest, last) {
  const [sign] = rest;
  if (sign === "·") {
    const [, after] = /^·\s*(\d+)/.exec(rest) ?? [];
    if (after && !last) return oneWay(`·${after}`, `0.${after}`);
    if (after && /^\d+$/.test(last.text)) {
      return twoWays(`${last.text}·${after}`, `${last.text}.${after}`, `${last.text}*${after}`);
    }
    return twoWays(sign, ". for a decimal point", "* for a product");
  }
  if (/[%‰‱]/.test(sign)) {
    return new Unread(`Write shares as numbers from 0 to 1, without ${sign}.`);
  }
  if (sign === ":") return new Unread("Write / for a division, not “:”.");
  return new Unread(`I cannot read ${shown(sign)} here.`);
}

/** A character, and its number where it may look like another, or like nothing. */
function shown(sign) {
  const code = `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  if (/[\p{C}\p{M}\p{Z}]/u.test(sign)) return `the character ${code}`;
  return sign < "\x7f" ? `“${sign}”` : `“${sign}” (${code})`;
}
