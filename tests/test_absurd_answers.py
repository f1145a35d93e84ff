"""Answers that nobody should give: an answer in words comes back, soon, in cell and page."""

import json
import time

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_questions import page

from latchbook.questions import Feedback, check, exercises
from latchbook.questions._evaluate import names, values

NUMBER, EXPRESSION = "ex-threshold-at-two", "ex-read-derivative"
#: Seconds of the processor; a right answer takes some hundredths.
SOON = 5.0

w = sp.Symbol("w")


def tower(*exponents):
    """Return a tower of powers that SymPy has not evaluated."""
    last, *rest = [sp.sympify(value) for value in reversed(exponents)]
    for base in rest:
        last = sp.Pow(base, last, evaluate=False)
    return last


def shared(depth, step):
    """Return an expression that is small in memory and huge on paper."""
    expression = w
    for _ in range(depth):
        expression = step(expression)
    return expression


ABSURD = {
    "tower": tower(10, 10, 10),
    "high tower": tower(*[9] * 12),
    "tower of w": tower(w, w, w, 10**9),
    "tower below": sp.Pow(tower(10, 10, 10), -1, evaluate=False),
    "negative tower": sp.Pow(-1, tower(10, 10, 10), evaluate=False),
    "no number": sp.nan,
    "infinite": sp.oo,
    "less than everything": -sp.oo,
    "complex infinity": sp.zoo,
    "zoo of w": sp.Mul(sp.zoo, w, evaluate=False),
    "pole": sp.Pow(sp.Add(w, -w, evaluate=False), -1, evaluate=False),
    "logarithm of 0": sp.log(0, evaluate=False),
    "exponential of exponentials": sp.exp(sp.exp(sp.exp(sp.exp(w)))),
    "cosh of a tower": sp.cosh(tower(10, 10, w), evaluate=False),
    "tanh of a tower": sp.tanh(tower(10, 10, w), evaluate=False),
    "sine of a tower": sp.sin(tower(10, 10, 10), evaluate=False),
    "factorial": sp.factorial(sp.Symbol("w", integer=True)),
    "large factorial": sp.factorial(10**9, evaluate=False),
    "gamma": sp.gamma(w**100),
    "zeta": sp.zeta(w),
    "integral": sp.Integral(sp.exp(-(w**2)), (w, 0, sp.oo)),
    "sum": sp.Sum(1 / w**2, (w, 1, sp.oo)),
    "product": sp.Product(w, (w, 1, 10**9)),
    "limit": sp.Limit(sp.sin(w) / w, w, 0),
    "derivative": sp.Derivative(sp.tanh(w), (w, 3)),
    "unknown function": sp.Function("f")(w),
    "root of a polynomial": sp.CRootOf(w**5 - w - 1, 0),
    "shared sum": shared(200, lambda x: sp.Add(x, sp.sin(x), evaluate=False)),
    "shared power": shared(60, lambda x: sp.Pow(x, x, evaluate=False)),
    "nested": shared(90, sp.sin),
    "nested too deep": shared(150, sp.cos),
    "long sum": sp.Add(*[w**k for k in range(3000)], evaluate=False),
    "wide product": sp.Mul(*[sp.Symbol(f"x{k}") for k in range(3000)], evaluate=False),
    "high power": (1 + w) ** 5000,
    "power of a float": w ** sp.Float("1e300"),
    "large integer": sp.Integer(7) ** 100_000,
    "python integer": 10**5000,
    "thin fraction": sp.Rational(1, 7**30_000),
    "digits": sp.Float("0.5", 5000),
    "other letter": sp.Symbol("λ"),
    "other script": sp.Symbol("ω") + sp.Symbol("\U0001d498"),
    "blank": sp.Symbol(" "),
    "code": sp.Symbol("__import__('os')"),
    "conditions": sp.Piecewise((w, w < 2), (sp.zoo, True)),
    "no condition": sp.Piecewise((w, w < -10)),
    "imaginary": sp.I**w,
    "float nan": float("nan"),
    "float inf": float("-inf"),
    "complex": complex("nan+infj"),
    "numpy": np.float64("inf"),
    "mpmath": mpmath.mpf("1e100000"),
    "zero dimensions": np.float32(1e-45),
}


@pytest.mark.parametrize("label", [NUMBER, EXPRESSION])
@pytest.mark.parametrize("name", ABSURD)
def test_an_absurd_answer_gets_a_word_soon(label, name):
    began = time.process_time()
    feedback = check(label, ABSURD[name])
    assert time.process_time() - began < SOON
    assert isinstance(feedback, Feedback) and not feedback
    assert repr(feedback).startswith("Not yet. ") and len(repr(feedback)) < 300


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("integral", "Integral is not evaluated here"),
        ("unknown function", "f is not evaluated here"),
        ("nested too deep", "too long"),
        ("shared sum", "too long"),
    ],
)
def test_what_cannot_be_evaluated_is_named(name, reason):
    # Once more times w, so that its symbols are those of the expected answer.
    text = repr(check(EXPRESSION, sp.Mul(ABSURD[name], w, evaluate=False)))
    assert reason in text and "Give a number" in text


@pytest.mark.parametrize(
    "answer",
    ["10**10**10", "((", "zoo", "1" * 100_000, "\ud800", "λ", b"1", {1: 2}, lambda: 0, sp.S.true],
    ids=range(10),
)
def test_what_is_no_expression_is_refused_at_once(answer):
    began = time.process_time()
    with pytest.raises(ValueError, match="accepted"):
        check(NUMBER, answer)
    assert time.process_time() - began < SOON


def operations():
    """Return a strategy for expressions in w, built without evaluation and without mercy."""
    leaves = st.one_of(
        st.just(w),
        st.sampled_from([sp.pi, sp.E, sp.I, sp.oo, sp.zoo, sp.nan, sp.S.Half, sp.S.Zero]),
        st.integers(-(10**12), 10**12).map(sp.Integer),
        st.floats(allow_nan=False, allow_infinity=False).map(sp.Float),
    )
    functions = [sp.exp, sp.log, sp.tanh, sp.cosh, sp.atanh, sp.sin, sp.tan, sp.Abs, sp.LambertW]

    def larger(inner):
        two = st.tuples(inner, inner)
        return st.one_of(
            two.map(lambda t: sp.Add(*t, evaluate=False)),
            two.map(lambda t: sp.Mul(*t, evaluate=False)),
            two.map(lambda t: sp.Pow(*t, evaluate=False)),
            st.tuples(st.sampled_from(functions), inner).map(lambda t: t[0](t[1], evaluate=False)),
        )

    return st.recursive(leaves, larger, max_leaves=12)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(operations())
def test_no_expression_takes_long_or_raises(expression):
    began = time.process_time()
    for label in (NUMBER, EXPRESSION):
        assert isinstance(check(label, expression), Feedback)
    assert time.process_time() - began < SOON


# --- the values themselves ---------------------------------------------------------------

POINTS = np.array([[1.2], [1.9], [2.7]])


@pytest.mark.parametrize(
    "expression",
    [
        sp.sqrt(w - 1) / w,
        sp.log(w, 10) + sp.exp(-w) * sp.pi,
        sp.acosh(sp.sqrt(w)) + sp.asinh(w) - sp.atanh(1 / w),
        sp.tanh(w) + 1 / sp.cosh(w) - sp.coth(w) + sp.sech(w) + sp.csch(w),
        sp.sin(w) + sp.cos(w) * sp.tan(w) + sp.cot(w) + sp.atan(w) + sp.asin(1 / w),
        sp.Abs(1 - w) + sp.sign(1 - w) + sp.floor(w) + sp.ceiling(w) + sp.Max(w, 2) - sp.Min(w, 2),
        sp.re(w + sp.I) + sp.im(w * sp.I) + sp.conjugate(sp.I * w),
        sp.Piecewise((w, w < 1.5), (2 * w, sp.And(w > 1.5, w < 2)), (3 * w, True)),
        sp.LambertW(w) + sp.atan2(w, -1) + w ** sp.Rational(1, 3) + w**-70,
        sp.Float("1.5", 40) * w + sp.GoldenRatio + sp.EulerGamma,
        (1 - w) ** sp.Rational(1, 3),
    ],
)
def test_values_are_those_of_sympy(expression):
    for found, (point,) in zip(values(expression, ["w"], POINTS), POINTS, strict=True):
        assert found == pytest.approx(complex(expression.subs(w, point).evalf()), rel=1e-13)


def test_every_expected_answer_and_slip_has_a_value():
    for exercise in exercises().values():
        for make in (exercise.expected, *exercise.slips.values()):
            if not exercise.choices:
                expression = sp.sympify(make())
                symbols = sorted(names(expression))
                points = np.full((1, len(symbols)), 2.0)
                assert None not in values(expression, symbols, points)


# --- on the page -------------------------------------------------------------------------

TYPED = [
    "10^10^10", "10**10**10", "9^9^9^9^9^9", "-(10^10^10)", "1/0", "0/0", "0^-1", "ln(0)",
    "ln(-1)", "exp(exp(exp(exp(9))))", "1e400", "-1e400", "1e-400", "1e999999999999",
    "tan(1e300)", "((((((((((", "))))", "(" * 199, "-" * 199 + "1", "+" * 200,
    "sqrt(" * 39 + "2", ")(", "()", "(", "2^" * 99 + "2", "1" * 200, "1" * 201, "zoo", "oo",
    "nan", "NaN", "Infinity", "undefined", "constructor", "__proto__", "toString",
    "hasOwnProperty(1)", "alert(1)", "w.w", "w[0]", "`w`", "\"w\"", "'w'", "w;w", "w=1", "w==w",
    "w=>w", "//", "/**/", "\\", "$", "#", "%", "50%", "2!", "|2|", "λ", "ω", "∞", "½", "٣",
    "\uff12", "−−2", "\u20112", "\u20132", "−2", "²", "2²³", "√", "√√4", "π", "ππ", "e", "E",
    "i", "I", "😀", "2😀", "\ud800", "\u0000", "\u200b2", "\ufeff2", "\u00a02\u00a0", "2\u2028",
    "\u202e2", "é", "é", "1,2,3", "1.2.3", ",", ".", "..", "1,", "1,000", "1.000,5", "1e",
    "1e+", "e5", "0x10", "0b1", "1_000", "", " ", "\n", "\t2\n", "sqrt", "sqrt 2", "sqrt()",
    "sqrt(2", "sqrt(2,3)", "sin", "2sin(2)", "w w",
]  # fmt: skip


def test_whatever_is_typed_gets_a_word_or_a_number():
    began = time.process_time()
    found = page(
        f"""return {json.dumps(TYPED)}.map((typed) => tried(() => {{
            const answer = read(typed, ["w"]);
            const said = compare(answer, [[1.5]], {{
                right: {{ values: [0.123], text: "Right." }}, slips: [], otherwise: "Not yet.",
                relative: 1e-3, smallest: 1e-12,
            }});
            return [String(answer([1.5])), said.text];
        }}));"""
    )
    assert time.process_time() - began < SOON
    numbers = {}
    for typed, said in zip(TYPED, found, strict=True):
        if isinstance(said, str):
            # Every reason is a sentence of the page's own, not of the JavaScript engine.
            assert said.endswith((".", "?")) and "undefined" not in said.replace(typed, "")
            assert "\ufffd" not in said, f"{typed!r} is cut in the middle of a character"
            assert not any("\ud800" <= c <= "\udfff" for c in said)
        else:
            numbers[typed] = said
    for typed in ("10^10^10", "1e400", "1/0", "0^-1", "ln(0)", "ln(-1)", "exp(exp(exp(exp(9))))"):
        assert numbers[typed][1] == "That has no finite real value."
    for typed in ("zoo", "nan", "constructor", "__proto__", "😀", "(" * 10, "1" * 201, "1,000"):
        assert typed not in numbers
    assert {numbers[typed][0] for typed in ("\u20132", "\u20112", "\u22122")} == {"-2"}
    assert numbers["\u200b2"][0] == numbers["\ufeff2"][0] == "2"
    assert numbers["π"][0].startswith("3.14") and numbers["½"][0] == "0.5"
    assert numbers["٣"][0] == "3" and numbers["\uff12"][0] == "2"
    assert found[TYPED.index("\u0000")] == "I cannot read the character U+0000 here."
    assert found[TYPED.index("2😀")] == "I cannot read “😀” (U+1F600) here."
