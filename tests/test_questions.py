"""Questions answered on the page: the page's script, run in Node, says what latchlib says."""

import itertools
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from importlib import import_module

import numpy as np
import pytest
import sympy as sp
from test_formulas import run_javascript

from latchbook.explorables._base import bundle
from latchbook.questions import (
    Drill,
    Range,
    Task,
    box,
    check,
    drill,
    drills,
    exercises,
    predict,
    predictions,
)
from latchbook.questions.drill import SEEDS
from latchbook.questions.widget import WIDTH
from latchlib.formulas import FORMULAS
from tools.book import ROOT, read_notebook

VIEW = "application/vnd.jupyter.widget-view+json"
EXERCISES, DRILLS, PREDICTIONS = exercises(), drills(), predictions()
CHOICES = [label for label, exercise in EXERCISES.items() if exercise.choices]
VALUES = [label for label in EXERCISES if label not in CHOICES]
TASKS = [(name, k) for name, drill in DRILLS.items() for k in range(len(drill.tasks))]


def describe(label: str) -> dict:
    """Return what the box of an exercise sends to the page."""
    return box.describe(label, EXERCISES[label])


def page(body: str, functions: str = "") -> object:
    """Run `body` with what questions.js exports; it returns what is compared."""
    module = bundle("questions.js").encode()
    return run_javascript(
        f"""{functions.replace("const FORMULAS", "globalThis.FORMULAS")}
        const script = new Blob([Buffer.from({json.dumps(module.hex())}, "hex")]);
        script.arrayBuffer().then(async (bytes) => {{
          const text = Buffer.from(bytes).toString("base64");
          const {{ asked, compare, read }} = await import(`data:text/javascript;base64,${{text}}`);
          const tried = (job) => {{
            try {{ return job(); }} catch (error) {{ return error.message; }}
          }};
          const run = () => {{ {body} }};
          console.log(JSON.stringify(run()));
        }});"""
    )


# --- what is typed -----------------------------------------------------------------------

W = sp.Symbol("w", positive=True)
HALF, TWO_THIRDS = sp.Rational(1, 2), sp.Rational(2, 3)
ARTANH = sp.atanh(sp.Rational(4, 5))
#: What may be typed, and what it means.
READ = {
    "0.53": 0.53, ".5": 0.5, "5.": 5, "53e-2": 0.53, "5.3E-1": 0.53, "1.000": 1, "1000": 1000,
    "3/8": sp.Rational(3, 8), "-3/8": -sp.Rational(3, 8), "+2": 2, "--2": 2, "2--3": 5,
    "2+3*4": 14, "2*3+4": 10, "10-4-3": 3, "16/4/2": 2, "2*-3": -6, "(2+3)*4": 20, "((7))": 7,
    "2^3^2": 512, "2**3**2": 512, "-2^2": -4, "(-2)^2": 4, "2^-1": 0.5, "2^-2^2": 1 / 16,
    "-2^-2": -0.25, "2 * 3 ^ 2": 18,
    "sqrt(2)": sp.sqrt(2), "sqrt(2)/2": sp.sqrt(2) / 2, "pi": sp.pi, "Sqrt(2)": sp.sqrt(2),
    "e": sp.E, "e^2": sp.exp(2), "exp(1)": sp.E, "ln(2)": sp.log(2), "log(2)": sp.log(2),
    "e - 5": sp.E - 5, "Pi": sp.pi, "abs(-3)": 3,
    **{f"{name}(1/2)": getattr(sp, name)(HALF) for name in ("sin", "cos", "tan")},
    **{f"{name}(1/2)": getattr(sp, name)(HALF) for name in ("sinh", "cosh", "tanh")},
    **{f"{a}{name}(1/2)": getattr(sp, f"a{name}")(HALF)
       for a in ("a", "arc") for name in ("sin", "cos", "tan")},
    **{f"{a}{name}(2)": getattr(sp, f"a{name}")(2)
       for a in ("a", "ar", "arc") for name in ("sinh", "cosh")},
    **{f"{a}tanh(0.8)": ARTANH for a in ("a", "ar", "arc")},
    "sqrt( 2 ) - ln( 1 + sqrt( 2 ) )": sp.sqrt(2) - sp.log(1 + sp.sqrt(2)),
    "w": W, "sqrt((w-1)/w)": sp.sqrt((W - 1) / W), "2*w^w": 2 * W**W, "  w ": W,
    # functions without parentheses, and their powers
    "sqrt2": sp.sqrt(2), "sqrt 6": sp.sqrt(6), "ln3": sp.log(3), "ln 3 + 1": sp.log(3) + 1,
    "sqrt2.5": sp.sqrt(2.5), "tanhw": sp.tanh(W), "ln w": sp.log(W), "lnsqrt2": sp.log(2) / 2,
    "\u221a2": sp.sqrt(2), "\u221a(2)": sp.sqrt(2), "\u221a 2/2": sp.sqrt(2) / 2,
    "ln\u221a2": sp.log(2) / 2, "\u221a\u221a16": 2, "2^sqrt 2": 2 ** sp.sqrt(2),
    "tanh^-1(0.8)": ARTANH, "tanh\u207b\u00b9(0.8)": ARTANH, "tanh^(-1)(0.8)": ARTANH,
    "tanh**-1(0.8)": ARTANH, "tanh\u207b\u00b9 0.8": ARTANH, "cos^-1(0.5)": sp.pi / 3,
    "cosh^2(1)": sp.cosh(1) ** 2, "cosh\u00b2(1)": sp.cosh(1) ** 2, "cosh^-2(1)": sp.sech(1) ** 2,
    # digits and signs of other keyboards
    "\uff10\uff0e\uff15": 0.5, "\uff0d0.5": -0.5, "\uff08\uff12\uff0b\uff13\uff09\uff0a\uff14": 20,
    "\uff15\uff25\uff0d\uff13": 0.005, "\uff53\uff51\uff52\uff54\uff08\uff12\uff09": sp.sqrt(2),
    "\u0660\u066b\u0665": 0.5, "\u06f0\u066b\u06f5": 0.5, "\u096b\u0966": 50, "\u0e53.\u0e54": 3.4,
    "\u0661\u066c\u0662\u0663\u0664": 1234, "\U0001d7ce.\U0001d7d3": 0.5, "\U0001d464": W,
    "0\u30025": 0.5,
    "\u212f^2": sp.exp(2), "2*\u03c0": 2 * sp.pi,
    **{f"{minus}2": -2 for minus in
       "\u2212\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2796\ufe63\ufe58\uff0d\u207b\u30fc\uff70"},
    "\u2014\u20142": -2, "\u2212\u22122": 2, "3*\u207b2": -6, "1e\u22125": 1e-5,
    **{f"2{times}3": 6 for times in "\u00d7\u2217\u22c5\u2715\u2716\u2731\u22c6\ufe61\uff0a\u2062"},
    **{f"6{over}4": 1.5 for over in "\u00f7\u2215\u2044\uff0f\u2797"}, "2\u27953": 5,
    "2\u2796\ufe0f3": -1, "3\u00b2": 9, "2\u00b3": 8, "2\u207b\u00b9": 0.5, "10\u207b\u00b3": 0.001,
    "2\u00b2\u00b3": 2**23, "w\u00b2/2": W**2 / 2, "w\u207d\u00b9\u207a\u00b9\u207e": W**2,
    "2\u02c63": 8,
    "1.5\u00d710\u207b\u2075": 1.5e-5, "\u00bd": 0.5, "1\u00bd": 1.5, "-2 \u00bd": -2.5,
    "w^\u00bd": sp.sqrt(W),
    "\u00b9\u2044\u2082": 0.5, "3\u00b2\u2044\u2083": 3 + TWO_THIRDS, "2\u20443": TWO_THIRDS,
    "\u215f4": 0.25,
    "\u200b2": 2, "2\u200b\u00ad5": 25, "\ufeff2": 2, "\u061c2": 2, "\u00a02\u3000": 2,
    # thousands that stand apart in a way that means nothing else
    "1'000": 1000, "1\u2019000\u2019000.5": 1000000.5, "1_000": 1000, "12\u00a0345": 12345,
    "12\u202f345.678\u20099": 12345.6789, "0.123\u2009456": 0.123456,
}  # fmt: skip
#: What is refused or asked about, and what is said about it.
UNREAD = {
    "": "Type an answer first.", "  ": "Type an answer first.",
    "2+": "missing at the end", "*2": "missing before", "2*/3": "missing before",
    "()": "missing before",
    "\u00b2": "missing before", "(2": "not closed", "sqrt(2": "not closed", "2)": "not opened",
    # a product without its sign
    "2w": "A \\* is missing between “2” and “w”", "2(3)": "is missing between “2” and “\\(”",
    "1/(2sqrt(w))": "is missing between “2” and “sqrt”",
    "2 sqrt 6": "is missing between “2” and “sqrt”",
    "3(4+5)": "is missing between “3”", "(2)(3)": "is missing between “\\)” and “\\(”",
    "w w": "is missing",
    "2\u221a3": "is missing between “2” and “√”", "w(2)": "is missing", "2\u03c0": "is missing",
    "\u00bdw": "is missing", "2exp(1)": "is missing", "2 3": "operator between “2” and “3”",
    "2x3": "Write \\* for a product", "2 x 10^-3": "Write \\* for a product",
    # where a function ends
    "sqrt": "needs parentheses", "ln -1": "needs parentheses", "ln 3/2": "not clear where ln ends",
    "sqrt w^2": "not clear where sqrt ends", "\u221a2^2": "not clear", "sqrt 2w": "not clear",
    "ln 2*3": "not clear", "tanh-1(0.8)": "needs parentheses", "exp^-1(2)": "Write 1/exp",
    "cosh^w(2)": "Write a power of cosh as", "log2(8)": "two ways. Write log\\(2\\)",
    "log\u2081\u2080(5)": "two ways. Write log\\(10\\)",
    # commas and centred points
    "1,000": "two ways. Write 1000 or 1.000", "12,345": "two ways. Write 12345 or 12.345",
    "0,53": "Write 0.53 if", ",5": "Write 0.5 if", "5,3E-1": "Write 5.3E-1 if",
    "12,3456": "Write 12.3456 if",
    "1234,567": "Write 1234.567 if", "0\uff0c5": "Write 0.5 if",
    "\u0660\u060c\u0665": "Write 0.5 if",
    "0\u30015": "Write 0.5 if", "1,000,000": "Write 1000000 if", "1.000,5": "Write 1000.5 if",
    "1,000.5": "Write 1000.5 if", "1.000.000": "Write 1000000 if", "3'14": "Write 3.14 if",
    "12\u00a0345,6": "Write 12345.6 if", "2\u20633": "Write 2.3 if", "sqrt(2,3)": "Write 2.3 if",
    "12 345": "two ways. Write 12345 or 12\\*345", "12\u00a034": "operator between",
    "1'00": "Write 1.00 if",
    "1.2.3": "no number that I can read", "1,2,3": "no number", "0.53.": "no number",
    "0\u00b75": "two ways. Write 0.5 or 0\\*5", "\u00b75": "Write 0.5 if",
    "1\u00b710^-5": "1.10 or 1\\*10",
    **{f"2{point}3": "two ways. Write 2.3 or 2\\*3"
       for point in "\u00b7\u2219\u2027\u30fb\uff65\u2022\u0387"},
    "2 \u00b7 3": "two ways", "2\u00b7sqrt(3)": "decimal point or \\* for a product",
    "w\u00b7w": "decimal point or",
    "\u06f0/\u06f5": "two ways. Write 0.5 or 0/5",
    # powers of ten
    "e-5": "two ways. Write 1e-5 or e - 5", "e\u22125": "Write 1e-5 or e - 5",
    "E-5": "Write 1e-5", "e5": "Write 1e5 or",
    "3.2 e-5": "Write 3.2e-5 or 3.2\\*e - 5", "2e": "Write 2\\*e", "1e+": "Write 1\\*e",
    "2e(3)": "Write 2\\*e",
    # what is no value alone
    "x = 2": "alone, without “=”", "w>2": "alone, without “>”", "\uff1d2": "alone",
    "\u22480.5": "alone, without “≈”",
    "w=>w": "alone", "w\u22652": "alone", "3:8": "Write / for a division",
    "2\uff1a3": "Write / for",
    "2%": "from 0 to 1, without %", "\uff12\uff05": "without %", "\u0662\u066a": "without %",
    "2\u2030": "without ‰",
    # everything else is named
    "v": "no name that I know", "constructor": "no name", "__proto__": "no name", "Math": "no name",
    "toString(2)": "no name", "process.exit()": "no name", "W": "no name that I know. Write w.",
    "2;3": "cannot read “;” here", "[2]": "cannot read", "'2'": "cannot read", "`2`": "cannot read",
    "\u03bb": "“λ” \\(U\\+03BB\\)", "\u0435": "“\u0435” \\(U\\+0435\\)",
    "2\u2083": "“₃” \\(U\\+2083\\)",
    "2\u207b1": "“⁻” \\(U\\+207B\\)", "\u24ea": "“⓪” \\(U\\+24EA\\)", "\u4e00": "“一”",
    "2\u0301": "U\\+0301",
    "\u301c2": "“〜”", "\u221e": "“∞”", "2\u2028\u0001": "U\\+0001",
    "1" * 201: "At most 200", "2\u00bd3": "operator between",
}  # fmt: skip
#: What a sign between 2 and 3 may be called, by the value that then comes out.
CALLED = {
    -1: "MINUS|HYPHEN|DASH|HORIZONTAL BAR|MAQAF|PROLONGED SOUND MARK",
    5: "PLUS", 6: "TIMES|MULTIPLICATION|ASTERISK|STAR|DOT OPERATOR|PRODUCT",
    2 / 3: "DIVISION|SOLIDUS|FRACTION SLASH", 8: "CIRCUMFLEX|UPWARDS ARROW",
    2.3: "FULL STOP|DECIMAL SEPARATOR|LEADER", 2000: "\\bE$",
    2 + 1 / 3: "FRACTION NUMERATOR ONE",
}  # fmt: skip


def test_no_character_is_taken_for_what_it_is_not():
    """Every character between 2 and 3: what Python knows of it says what may come out."""
    planes = [*range(0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x10000)]
    planes += [*range(0x10000, 0x12000), *range(0x1D000, 0x1E000), *range(0x1F000, 0x1FB00)]
    signs = {code: chr(code) for code in planes}
    got = page(
        f"""return {list(signs)}.map((code) => tried(() => {{
            const value = read(`2${{String.fromCodePoint(code)}}3`, []);
            return value([]);
        }}));"""
    )
    read, wrong = Counter(), []
    for (code, sign), value in zip(signs.items(), got, strict=True):
        if isinstance(value, str) or unicodedata.category(sign) == "Cn":
            continue  # asked about or named; or in no Unicode that this Python knows
        digit, kind = unicodedata.decimal(sign, None), unicodedata.category(sign)
        name = unicodedata.name(sign, "")
        if digit is not None:
            fits = value == 203 + 10 * digit
        elif value == 23:  # as if it were not there
            fits = kind in ("Cf", "Mn", "Lo") and not sign.isspace()
        else:
            found = next((words for v, words in CALLED.items() if abs(v - value) < 1e-12), "$^")
            fits = re.search(found, name) is not None
        read[digit is not None] += 1
        if not fits:
            wrong.append((hex(code), name, value))
    assert wrong == []
    # All the digits that Python knows there.
    known = sum(unicodedata.decimal(sign, None) is not None for sign in signs.values())
    assert read[True] == known > 500 and read[False] > 50


def test_what_is_typed_means_the_same_on_the_page():
    at = 1.7
    got = page(
        f"return {json.dumps(list(READ))}.map((text) => tried(() => read(text, ['w'])([{at}])));"
    )
    for (text, meant), value in zip(READ.items(), got, strict=True):
        wanted = float(sp.sympify(meant).subs(W, at))
        assert isinstance(value, (int, float)) and value == pytest.approx(
            wanted, rel=1e-14, abs=0.0
        ), text


def test_what_cannot_be_read_is_refused_with_a_reason():
    got = page(
        f"return {json.dumps(list(UNREAD))}.map((text) => tried(() => read(text, ['w'])([2])));"
    )
    for (text, why), said in zip(UNREAD.items(), got, strict=True):
        assert isinstance(said, str) and re.search(why, said), (text, said)


def test_a_symbol_of_the_exercise_goes_before_a_constant():
    assert page("return [read('e', ['e'])([5]), read('2*mu', ['mu'])([3])];") == [5, 6]


def random_expression(rng: np.random.Generator, depth: int) -> str:
    """Draw an expression of the page's grammar that SymPy reads too."""
    if depth == 0:
        return rng.choice(["w", "2", "0.5", "1.25", "3e-1", "7"])
    left, right = (random_expression(rng, depth - 1) for _ in range(2))
    kind = rng.integers(8)
    if kind < 5:
        return f"{left} {'+-*/'[kind % 4]} {right}" if kind < 4 else f"({left}) ** ({right})"
    if kind == 5:
        return f"-({left})"
    if kind == 6:
        return f"({left}) - ({right})"
    return f"{rng.choice(['tanh', 'cosh', 'exp', 'sqrt', 'log', 'asinh'])}({left})"


def test_random_expressions_mean_what_sympy_reads():
    rng = np.random.default_rng(5)
    texts = [random_expression(rng, int(rng.integers(1, 4))) for _ in range(400)]
    texts = [text for text in texts if len(text) <= 200]
    got = page(f"return {json.dumps(texts)}.map((text) => read(text, ['w'])([1.7]));")
    compared = 0
    for text, value in zip(texts, got, strict=True):
        wanted = complex(sp.sympify(text, locals={"w": W}).subs(W, sp.Float(1.7, 30)).evalf(30))
        if wanted.imag or not 1e-100 < abs(wanted) < 1e100:
            continue
        assert value == pytest.approx(wanted.real, rel=1e-9, abs=0.0), text
        compared += 1
    assert compared > 250


# --- the box of an exercise --------------------------------------------------------------


def typed(expr: object) -> str:
    """Write an expression as a reader would type it."""
    return sp.sstr(sp.sympify(expr), full_prec=True).replace("Abs(", "abs(").replace("E", "e")


def said_by_the_page(cases: list[tuple[str, str]]) -> list[str]:
    """Return what the page says to each pair of label and typed text."""
    data = {label: describe(label) for label in {label for label, _ in cases}}
    return page(
        f"""const data = {json.dumps(data)};
        return {json.dumps(cases)}.map(([label, text]) => tried(() => {{
          const answer = read(text, data[label].symbols);
          return compare(answer, data[label].points, data[label]).text;
        }}));"""
    )


def test_the_page_says_to_every_answer_what_the_notebook_says():
    cases, wanted = [], []
    for label in VALUES:
        exercise = EXERCISES[label]
        right = sp.sympify(exercise.expected())
        others = [sp.sympify(slip()) for slip in exercise.slips.values()]
        forms = [right, sp.expand(2 * right) / 2, right.rewrite(sp.exp), *others]
        forms += [sp.Rational(11, 7) * right, right + sp.Rational(1, 1000), right * 1.0013]
        if not right.free_symbols:
            value = sp.N(right, 17)
            for factor in (1, 1 + 0.9 * exercise.relative, 1 - 0.9 * exercise.relative):
                forms.append(value * factor)
            forms += [value * (1 + 1.1 * exercise.relative), -value, 100 * value, 100.2 * value]
            forms += [value * 0.97, value * 1.049, value * 1.051]
        # Nobody types an integer of thousands of digits, or more than the page takes.
        forms = [
            form
            for form in forms
            if all(max(abs(n.p), n.q) < 10**20 for n in form.atoms(sp.Rational))
        ]
        for form in forms:
            if len(typed(form)) <= 200:
                cases.append((label, typed(form)))
                wanted.append(repr(check(label, form)))
    said = said_by_the_page(cases)
    differ = [(*case, s, w) for case, s, w in zip(cases, said, wanted, strict=True) if s != w]
    assert differ == []
    # Nothing was left out, and each kind of feedback occurred.
    assert len(cases) > 5 * len(VALUES)
    kinds = Counter(
        word if (word := re.search("hint|close|from 0 to 1", s)) is None else word[0] for s in said
    )
    assert set(kinds) == {None, "hint", "close", "from 0 to 1"} and min(kinds.values()) > 10


@pytest.mark.parametrize("text", ["ln(-1)", "1/0", "0/0", "sqrt(-2)", "10^400"])
def test_what_has_no_finite_value_is_no_answer(text):
    assert said_by_the_page([("ex-threshold-at-two", text)]) == ["That has no finite real value."]


@pytest.mark.parametrize("label", CHOICES)
def test_every_choice_gets_what_the_notebook_says(label):
    options = describe(label)["options"]
    assert [option["text"] for option in options] == list(EXERCISES[label].choices)
    for option in options:
        feedback = check(label, option["text"])
        assert (option["right"], option["says"]) == (bool(feedback), repr(feedback))


@pytest.mark.parametrize("label", VALUES)
def test_points_of_a_box_are_those_of_the_notebook(label):
    data, expected = describe(label), sp.sympify(EXERCISES[label].expected())
    assert data["symbols"] == sorted(symbol.name for symbol in expected.free_symbols)
    assert len(data["points"]) == (20 if data["symbols"] else 1)
    assert all(len(point) == len(data["symbols"]) for point in data["points"])
    for name in data["symbols"]:
        assert re.search(rf"\b{name}\b", data["help"])
    assert ("compared with the right one" in data["help"]) == bool(data["symbols"])


def test_without_an_answer_there_is_a_box_and_the_same_text():
    feedback = check("ex-threshold-at-two", ...)
    assert not feedback and repr(feedback).startswith("No answer yet")
    data, _ = feedback._repr_mimebundle_()
    assert data["text/plain"] == repr(feedback) and VIEW in data


@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_prediction_has_one_right_choice_and_a_reason_for_each(name):
    choices = PREDICTIONS[name].choices
    assert 3 <= len(choices) <= 4 and sum(choice.right for choice in choices) == 1
    for texts in ([c.text for c in choices], [c.reason for c in choices]):
        assert all(re.search(r"\w.*\.$", text) for text in texts) and len(set(texts)) == len(texts)
    for option in PREDICTIONS[name].describe()["options"]:
        assert option["says"].startswith("Right. " if option["right"] else "Not so. ")


@pytest.mark.parametrize("ask", [*map(predict, PREDICTIONS), *map(drill, DRILLS)])
def test_a_question_reads_well_without_a_page(ask):
    data, _ = ask._repr_mimebundle_()
    assert VIEW in data and max(map(len, data["text/plain"].splitlines())) <= WIDTH


# --- drills ------------------------------------------------------------------------------


def grid_values(name: str, k: int) -> tuple[list[dict[str, float]], list[np.ndarray]]:
    """Return every setting of a task, and the values of its answer and of each slip there."""
    task = DRILLS[name].tasks[k]
    right, wrong = DRILLS[name]._formulas[k]
    settings = [
        dict(zip(task.ranges, values, strict=True))
        for values in itertools.product(*(list(r) for r in task.ranges.values()))
    ]
    columns = {n: np.array([setting[n] for setting in settings]) for n in task.ranges}

    def values(of) -> np.ndarray:
        found = np.asarray(of(*(columns[s.name] for s in of.args)), float)
        return np.broadcast_to(found, len(settings))

    return settings, [values(of) for of in (right, *wrong)]


@pytest.mark.parametrize(("name", "k"), TASKS)
def test_no_slip_of_a_drill_passes_for_its_answer(name, k):
    task = DRILLS[name].tasks[k]
    settings, (answers, *slips) = grid_values(name, k)
    assert len(settings) >= 9, "hardly anything to draw"
    assert np.isfinite(answers).all() and (np.abs(answers) > 1e-3).all()
    for text, wrong in zip(task.slips, slips, strict=True):
        near = np.abs(wrong - answers) <= 2 * task.tolerance * np.abs(answers)
        assert not near.any(), (text, settings[int(near.argmax())])
    # Two slips may meet here and there; then the first is named.
    for one, other in itertools.combinations(slips, 2):
        assert np.mean(np.abs(one - other) <= task.tolerance * np.abs(one)) <= 0.05


@pytest.mark.parametrize(("name", "k"), TASKS)
def test_an_answer_to_three_digits_counts(name, k):
    task = DRILLS[name].tasks[k]
    _, (answers, *_) = grid_values(name, k)
    rounded = np.array([float(f"{value:.3g}") for value in answers])
    assert (np.abs(rounded - answers) <= task.tolerance * np.abs(answers)).all()


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_asks_the_same_on_the_page_and_here(name):
    drilled = DRILLS[name]
    rng = np.random.default_rng(7)
    seeds = [0, 1, SEEDS - 1, *map(int, rng.integers(SEEDS, size=500))]
    got = page(
        f"""return {json.dumps(seeds)}.map((seed) => {{
          const found = asked({json.dumps(drilled.describe())}, seed);
          const values = [found.right, ...found.slips].map((one) => one.values[0]);
          const tried = [...values, 1e9, 100 * values[0], ...values.map((value) => 1.004 * value)];
          const said = tried.map((value) => compare(() => value, [[]], found).text);
          return {{ ...found, values, said }};
        }});""",
        drilled.javascript(),
    )
    texts = set()
    for seed, found in zip(seeds, got, strict=True):
        mine = drilled.question(seed)
        texts.add(mine.text)
        assert (found["text"], found["shown"]) == (mine.text, mine.shown)
        wanted = [mine.answer, *mine.slips.values()]
        assert found["values"] == pytest.approx(wanted, rel=1e-12, abs=0.0)
        tried = (*wanted, 1e9, 100 * wanted[0], *(1.004 * value for value in wanted))
        assert found["said"] == [repr(mine.check(value)) for value in tried]
    assert len(texts) > 20
    for task in drilled.tasks:
        assert any(text.startswith(task.text.split("{")[0]) for text in texts)


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_checks_answers(name):
    rng = np.random.default_rng(3)
    for _ in range(20):
        asked = drill(name).ask(rng=rng)
        assert asked.check(asked.answer) and asked.check(float(f"{asked.answer:.4g}"))
        assert not asked.check(-asked.answer) and not asked.check(1e9)
        for text, wrong in asked.slips.items():
            assert not asked.check(wrong)
            assert "{" not in text + asked.text + asked.shown
    with pytest.raises(ValueError, match="answer is '3'"):
        asked.check("3")


def test_a_drill_is_drawn_from_its_generator_and_nothing_else():
    one, other = (drill("latch-neuron").ask(rng=np.random.default_rng(2)) for _ in range(2))
    assert one.text == other.text and one.numbers == other.numbers


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_is_made_of_formulas_of_its_own_symbols(name):
    for task in DRILLS[name].tasks:
        named = set(re.findall(r"\{(\w+)\}", task.text))
        assert named == set(task.ranges), "each number is said, and each is used"
        assert set(re.findall(r"\{(\w+)\}", task.why)) <= {*task.ranges, "answer"}


def test_the_numbers_of_a_range_are_the_decimals_one_reads():
    assert list(Range(0.1, 0.9, 0.1)) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert list(Range(-1, 1, 0.5)) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert list(Range(0.001, 0.003, 0.001)) == [0.001, 0.002, 0.003]


@pytest.mark.parametrize("values", [(0, 1, 0.3), (1, 0, 0.1), (0, 1, 0), (0, 1, -1), (1, 1, 1)])
def test_a_range_that_does_not_come_out_is_refused(values):
    with pytest.raises(ValueError, match="range is Range"):
        Range(*values)


def test_a_task_that_does_not_fit_is_refused():
    h_star = FORMULAS["h_star"].expr
    with pytest.raises(ValueError, match="ranges is"):
        Task("Which?", h_star, {"a": Range(1, 2, 1)}, "Because.")
    other = sp.Symbol("w")  # not the book's, which is positive
    with pytest.raises(ValueError, match="symbols of a task"):
        Drill(Task("Which?", other, {"w": Range(1, 2, 1)}, "Because.")).question(0)


@pytest.mark.parametrize("seed", [-1, SEEDS, 1.0, "1", None])
def test_a_seed_is_a_whole_number_of_32_bits(seed):
    with pytest.raises(ValueError, match="seed is"):
        DRILLS["latch-neuron"].question(seed)


def test_a_question_imports_its_own_chapter_alone():
    code = (
        "import sys; from latchbook.questions import check, drill, predict;"
        "predict('latch-neuron'), drill('latch-neuron'), check('ex-threshold-at-two', 1);"
        "print(*(name for name in sys.modules if name.startswith('latchbook.chapters.')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["latchbook.chapters.latch_neuron"]


def test_a_label_may_be_used_once(monkeypatch):
    chapter = import_module("latchbook.chapters.plateaus")
    monkeypatch.setitem(chapter.EXERCISES, "ex-threshold-at-two", None)
    with pytest.raises(ValueError, match="labels ex-threshold-at-two of plateaus"):
        exercises.__wrapped__()


@pytest.mark.parametrize("ask", [predict, drill])
@pytest.mark.parametrize("name", ["", "how-to-read", None])
def test_an_unknown_chapter_is_refused_with_the_known_ones(ask, name):
    with pytest.raises(ValueError, match=r"chapter is .*; accepted: additive-inputs, "):
        ask(name)


@pytest.mark.parametrize("path", sorted((ROOT / "book").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_uses_no_other_chapters_file(path):
    # Else a change there would leave what is stored of this one: see tools.build_book.
    module = path.stem.replace("-", "_")
    text = (ROOT / f"latchbook/chapters/{module}.py").read_text(encoding="utf-8")
    text += "\n".join(cell["source"] for cell in read_notebook(path)["cells"])
    named = set(re.findall(r"latchbook\.chapters(?:\.| import )(\w+)", text))
    assert named <= {module}
    assert set(re.findall(r'\b(?:predict|drill)\("([\w-]+)"', text)) <= {path.stem}
    own = getattr(import_module(f"latchbook.chapters.{module}"), "EXERCISES", {})
    assert set(re.findall(r'\bcheck\("([\w-]+)"', text)) <= set(own)
