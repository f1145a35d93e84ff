"""Every formula of the book, once, in SymPy.

A :class:`Formula` has three lives: :meth:`Formula.latex` is what the page shows,
:meth:`Formula.numpy` is what the tests compare against, and :meth:`Formula.javascript`
is what an explorable runs in a page without a kernel. None of the three is typed by hand.

Where the form that reads best loses digits in floats, a formula carries another one that does not
(:attr:`Formula.computed`), again in SymPy, and NumPy and JavaScript are printed from that. The
tests hold the two forms equal at high precision.

Symbols are plain ASCII, because the JavaScript printer uses their names as they are;
``LATEX_NAMES`` says how each one is set on the page.

Notes
-----
All quantities are dimensionless; time is counted in steps.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp

__all__ = ["FORMULAS", "SYMBOLS", "Formula", "formula", "javascript_module", "latex"]

# --- symbols -----------------------------------------------------------------------------

a, h = sp.symbols("a h", real=True)
w = sp.Symbol("w", positive=True)
sigma = sp.Symbol("sigma", nonnegative=True)
xi = sp.Symbol("xi", real=True)
x, d = sp.symbols("x d", real=True)
t = sp.Symbol("t", nonnegative=True)
delta = sp.Symbol("delta", real=True)
epsilon = sp.Symbol("epsilon", positive=True)
# Two units: states, outputs, the weights into one unit, and the entries of a matrix.
a1, a2, x1, x2, w1, w2 = sp.symbols("a1 a2 x1 x2 w1 w2", real=True)
m11, m12, m21, m22 = sp.symbols("m11 m12 m21 m22", real=True)
# Second derivatives: rate and least divisor of a step, a first and two second derivatives, an age.
eta, mu = sp.symbols("eta mu", positive=True)
e, g, c, q = sp.symbols("e g c q", real=True)
n = sp.Symbol("n", nonnegative=True)
# Discrete errors: the ends MIN and MAX of a wish.
low, high = sp.symbols("low high", real=True)
# Searches: the temperature of annealing.
temp = sp.Symbol("temp", positive=True)
# Experiments: sequences in a training set, or trials on the other side.
m = sp.Symbol("m", positive=True)
# After 1994: a leak, or the share that a gate lets through.
z = sp.Symbol("z", positive=True)

#: Where the lives of a formula are compared, symbol by symbol; `a` reaches far into saturation.
#: :attr:`Formula.within` narrows it.
RANGES: Mapping[sp.Symbol, tuple[float, float]] = MappingProxyType(
    {
        a: (-25, 25), w: (0.05, 30), h: (-5, 5), sigma: (0, 2), xi: (-4, 4), x: (-1, 1),
        d: (-1, 1), t: (0, 200), delta: (-2, 2), epsilon: (0.001, 1),
        **dict.fromkeys((a1, a2), (-25, 25)),
        **dict.fromkeys((x1, x2), (-1, 1)),
        **dict.fromkeys((w1, w2, m11, m12, m21, m22), (-6, 6)),
        eta: (0.001, 1), mu: (1e-4, 0.9),
        **dict.fromkeys((e, g, c, q), (-3, 3)),
        n: (0, 200), low: (-4, -0.5), high: (0.5, 4), temp: (0.05, 5), m: (2, 200),
        z: (0.01, 0.99),
    }
)  # fmt: skip

SYMBOLS: Mapping[str, sp.Symbol] = MappingProxyType({s.name: s for s in RANGES})

LATEX_NAMES = {
    sigma: r"\sigma",
    xi: r"\xi",
    delta: r"\delta",
    epsilon: r"\varepsilon",
    temp: r"\vartheta",
}


@dataclass(frozen=True)
class Formula:
    """One formula of the book.

    Parameters
    ----------
    name : str
        Key in :data:`FORMULAS`, and the name of the JavaScript function.
    lhs : str
        Left-hand side, in LaTeX.
    expr : sympy.Expr
        Right-hand side.
    args : tuple of sympy.Symbol
        Free symbols, in the order in which the compiled functions take them.
    assumes : str
        Range on which the formula holds, in words.
    source : str
        Where it comes from: an equation of the paper, or the chapter that derives it.
    relation : str
        LaTeX between the two sides: ``=``, or ``\\sim`` for a leading order.
    names : mapping of sympy.Symbol to str
        How a symbol is set in this formula, where that differs from :data:`LATEX_NAMES`.
    order : str or None
        Order of terms on the page: SymPy's own, or ``rev-lex``.
    computed : sympy.Expr or None
        The same number written so that floats keep their digits, where `expr` loses them.
    within : mapping of sympy.Symbol to (float, float)
        Narrower than :data:`RANGES`, where `assumes` asks for it.
    """

    name: str
    lhs: str
    expr: sp.Expr
    args: tuple[sp.Symbol, ...]
    assumes: str
    source: str
    relation: str = "="
    names: Mapping[sp.Symbol, str] = field(default_factory=dict)
    order: str | None = None
    computed: sp.Expr | None = field(default=None, repr=False)
    within: Mapping[sp.Symbol, tuple[float, float]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for expr in (self.expr, self._in_floats):
            free = expr.free_symbols
            if free != set(self.args):
                raise ValueError(
                    f"args of formula {self.name!r} are {self.args}; "
                    f"accepted are exactly the free symbols {sorted(map(str, free))}"
                )
        if unknown := set(self.within) - set(self.args):
            raise ValueError(
                f"within of formula {self.name!r} names {sorted(map(str, unknown))}; "
                f"accepted are its args {self.args}"
            )

    @property
    def ranges(self) -> list[tuple[float, float]]:
        """The least and the greatest value of each of :attr:`args` to try."""
        return [self.within.get(s, RANGES[s]) for s in self.args]

    @property
    def _in_floats(self) -> sp.Expr:
        return self.expr if self.computed is None else self.computed

    def latex(self) -> str:
        """Return the equation as LaTeX, without dollar signs."""
        right = sp.latex(
            self.expr,
            symbol_names={**LATEX_NAMES, **self.names},
            order=self.order,
            inv_trig_style="full",
            fold_func_brackets=True,
            ln_notation=True,
        )
        return f"{self.lhs} {self.relation} {right}"

    @cached_property
    def _compiled(self) -> Callable:
        compiled = sp.lambdify(self.args, self._in_floats, modules="numpy", cse=True)
        if not self._in_floats.has(sp.Piecewise):
            return compiled

        def piecewise(*values):
            # SymPy stacks conditions that it joins by "and", which must then be of one shape.
            # NumPy evaluates every branch, so those not taken may overflow.
            with np.errstate(all="ignore"):
                return compiled(*np.broadcast_arrays(*values))[()]

        return piecewise

    @cached_property
    def scalar(self) -> Callable:
        """The same function of single numbers; without arrays it takes a tenth of the time."""
        # The tanh of the trajectories: Python's own differs in the last bit.
        return sp.lambdify(self.args, self._in_floats, [{"tanh": np.tanh}, "math"])

    def numpy(self) -> Callable:
        """Return a vectorised NumPy function of :attr:`args`, in that order."""
        return self._compiled

    def __call__(self, *values):
        """Evaluate the NumPy life of the formula."""
        return self._compiled(*values)

    def javascript(self) -> str:
        """Return the JavaScript arrow function of :attr:`args`, in that order."""
        arguments = ", ".join(s.name for s in self.args)
        if self.computed is None:
            return f"({arguments}) => {sp.jscode(self.expr)}"
        shared, (result,) = sp.cse(self.computed)
        lines = [f"const {name} = {sp.jscode(value)};" for name, value in shared]
        lines.append(f"return {sp.jscode(result)};")
        return f"({arguments}) => {{\n" + textwrap.indent("\n".join(lines), "  ") + "\n}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


# --- the latch neuron --------------------------------------------------------------------

_step = w * sp.tanh(a) + h
_slope = sp.diff(w * sp.tanh(a), a)
_h_star = sp.sqrt(w * (w - 1)) - sp.acosh(sp.sqrt(w))
_a_star = sp.acosh(sp.sqrt(w))
_paper = "Bengio, Simard and Frasconi (1994), section III"


def _series(z: sp.Expr, ratios: tuple[int, ...]) -> sp.Expr:
    """Return z^2/r_1 (1 + z^2/r_2 (1 + ...)): terms of one sign, so that nothing cancels."""
    total = sp.Integer(0)
    for ratio in reversed(ratios):
        total = z**2 / ratio * (1 + total)
    return total


# The same in floats. A difference of two nearly equal numbers is summed as a series instead, which
# is cut where the next term is below the last bit.
_a_star_computed = sp.asinh(sp.sqrt(w - 1))
_twice = 2 * _a_star_computed
_h_star_computed = sp.Piecewise(
    # h* = (sinh 2a* - 2a*) / 2
    (_twice / 2 * _series(_twice, (6, 20, 42, 72, 110, 156)), w < sp.Rational(33, 32)),
    (sp.sqrt(w) * sp.sqrt(w - 1) - _a_star_computed, True),
)
_tanh_a_star_computed = sp.sqrt((w - 1) / w)
# a - tanh a = (a cosh a - sinh a) / cosh a
_lag = a * _series(a, (3, 10, 28, 54, 88, 130)) / sp.cosh(a)
_gap_computed = sp.Piecewise(
    ((w - 1) * sp.tanh(a) - _lag + h, sp.Abs(a) < sp.Rational(1, 4)),
    (_step - a, True),
)
# sech a = exp(-|a|) (1 + tanh |a|). Of its square one factor stands apart, or it would underflow
# before w sech^2 a does.
_sech = sp.exp(-sp.Abs(a)) + sp.exp(-sp.Abs(a)) * sp.tanh(sp.Abs(a))
_slope_computed = sp.Piecewise(
    (_slope, sp.Abs(a) < 1),
    (w * sp.exp(-sp.Abs(a)) * (1 + sp.tanh(sp.Abs(a))) * _sech, True),
)
_log_slope = sp.log(w) + 2 * sp.log(2) - 2 * sp.Abs(a) - 2 * sp.log(1 + sp.exp(-2 * sp.Abs(a)))
_log_slope_computed = sp.Piecewise(
    # log x = 2 artanh((x - 1) / (x + 1)), for x near 1
    (
        2 * sp.atanh(((w - 1) * (1 - sp.tanh(a) ** 2) - sp.tanh(a) ** 2) / (1 + _slope)),
        (sp.Abs(a) < 1) & (w > sp.Rational(1, 2)) & (w < 2),
    ),
    (_log_slope, True),
)

# sech^2 from exp(-2|a|): 1 - tanh^2 a has lost its digits long before it is 0.
_decay = sp.exp(-2 * sp.Abs(a))
_sech_squared = 4 * _decay / (1 + _decay) ** 2
_near = sp.Max(sp.Abs(a) - d, 0)  # the least |y| on [a - d, a + d]
_rectangle = d * (1 - _slope.subs(a, a - d))
_matrix = (m11, m12, m21, m22)
_det = m11 * m22 - m12 * m21
_ENTRY = {x: "W_{ij}", a: "a_j"}
_WISH = {low: r"\mathrm{MIN}", high: r"\mathrm{MAX}"}
_UNIT = {d: r"\Delta x", delta: r"\Delta y"}
# A straight line that is cut off at -d and d, with corners as sharp as n.
_bend = sp.log(sp.cosh(n * (a / d + 1)) / sp.cosh(n * (a / d - 1)))
_SHAPE = {d: "s", n: "k"}
_POSITIONS = {t: "T"}

_FORMULAS: dict[str, Formula] = {}


def _define(source: str, **formulas: dict[str, Any]) -> None:
    """Take in formulas, by name, as fields of :class:`Formula`.

    They are of one source, but for those that have their own. The one symbol of a formula that has
    no other is its argument.
    """
    for name, given in formulas.items():
        args = {"args": tuple(given["expr"].free_symbols)} if "args" not in given else {}
        _FORMULAS[name] = Formula(name, **{"source": source} | args | given)


_define(
    "chapter latch-neuron",
    activation=dict(
        lhs=r"f(a)",
        expr=sp.tanh(a),
        assumes="real a",
        source=_paper,
    ),
    step=dict(
        lhs=r"a_t",
        expr=_step,
        args=(a, w, h),
        assumes="real a and h, w > 0; a is the net input one step earlier",
        source=_paper,
        names={a: "a_{t-1}", h: "h_t"},
        order="rev-lex",
    ),
    slope=dict(
        lhs=r"M'(a)",
        expr=_slope,
        args=(a, w),
        assumes="M(a) = w tanh a, the autonomous map",
        computed=_slope_computed,
    ),
    # Written with |a| and log1p-like terms so that it neither overflows nor underflows:
    # log sech^2 a = log 4 - 2|a| - 2 log(1 + exp(-2|a|)).
    log_slope=dict(
        lhs=r"\log M'(a)",
        expr=_log_slope,
        args=(a, w),
        assumes="w > 0; equals log(w sech^2 a)",
        computed=_log_slope_computed,
    ),
    curvature=dict(
        lhs=r"M''(a)",
        expr=sp.diff(w * sp.tanh(a), a, 2),
        args=(a, w),
        assumes="w > 0",
    ),
    gap=dict(
        lhs=r"M_h(a) - a",
        expr=_step - a,
        args=(a, w, h),
        assumes="w > 0; 0 at a fixed point under the constant input h",
        order="rev-lex",
        computed=_gap_computed,
    ),
    w_of_fixed_point=dict(
        lhs=r"w(a_+)",
        expr=a / sp.tanh(a),
        assumes="a > 0, h = 0; the weight whose positive fixed point is a",
        names={a: "a_+"},
        within={a: (0.01, 25)},
    ),
    slope_at_fixed_point=dict(
        lhs=r"M'(a_+)",
        expr=2 * a / sp.sinh(2 * a),
        assumes="a > 0, h = 0, a the positive fixed point",
        names={a: "a_+"},
        within={a: (0.01, 25)},
    ),
    a_star=dict(
        lhs=r"a^*(w)",
        expr=_a_star,
        assumes="w >= 1; the point where M' crosses 1",
        computed=_a_star_computed,
        within={w: (1.01, 30)},
    ),
    h_star=dict(
        lhs=r"h^*(w)",
        expr=_h_star,
        assumes="w >= 1; the saddle-node threshold",
        computed=_h_star_computed,
        within={w: (1.01, 30)},
    ),
    margin=dict(
        lhs=r"h^*(w) - |h|",
        expr=_h_star - sp.Abs(h),
        args=(h, w),
        assumes="w >= 1; what is left of the threshold under a constant input",
        computed=_h_star_computed - sp.Abs(h),
        within={w: (1.01, 30)},
    ),
    h_star_derivative=dict(
        lhs=r"\frac{\mathrm{d} h^*}{\mathrm{d} w}",
        expr=sp.sqrt((w - 1) / w),
        assumes="w >= 1",
        within={w: (1.01, 30)},
    ),
    h_star_near_one=dict(
        lhs=r"h^*(w)",
        expr=sp.Rational(2, 3) * (w - 1) ** sp.Rational(3, 2),
        assumes="leading order as w -> 1+",
        relation=r"\sim",
        within={w: (1.01, 30)},
    ),
    half_life_near_one=dict(
        lhs=r"t_{1/2}(w)",
        expr=sp.log(2) / (2 * (w - 1)),
        assumes="leading order as w -> 1+; in steps",
        relation=r"\sim",
        within={w: (1.01, 30)},
    ),
    half_life=dict(
        lhs=r"t_{1/2}",
        expr=-sp.log(2) / sp.log(x),
        assumes="x = M'(a_+), 0 < x < 1; steps in which the gradient at the attractor halves",
        names={x: "M'(a_+)"},
        within={x: (0.01, 0.99)},
    ),
    tanh_a_star=dict(
        lhs=r"\tanh a^*(w)",
        expr=sp.sqrt(1 - 1 / w),
        assumes="w >= 1; the output at a*, and the slope dh*/dw",
        computed=_tanh_a_star_computed,
        within={w: (1.01, 30)},
    ),
    transit_time=dict(
        lhs=r"L_1",
        expr=sp.pi / sp.sqrt((h - _h_star) * sp.sqrt(1 - 1 / w)),
        args=(h, w),
        assumes="leading order as h -> h*(w)+, w > 1; in steps",
        relation=r"\sim",
        computed=sp.pi / sp.sqrt((h - _h_star_computed) * _tanh_a_star_computed),
        within={h: (4, 9), w: (1.01, 5)},
    ),
    noisy_input=dict(
        lhs=r"h_t",
        expr=h + sigma * xi,
        args=(h, sigma, xi),
        assumes="xi a standard normal draw",
        source="chapter minimal-task",
        names={xi: r"\xi_t"},
    ),
)

_define(
    "chapter three-conditions",
    # The weight of a linear unit may be negative, so it is written x here: w stands for w > 0.
    linear_step=dict(
        lhs=r"a_t",
        expr=x * a + h,
        args=(a, x, h),
        assumes="real a, h and x; x the weight of a linear unit, a its state one step earlier",
        names={a: "a_{t-1}", h: "h_t", x: "w"},
    ),
    walk_variance=dict(
        lhs=r"\operatorname{Var} a_t",
        expr=sigma**2 * t,
        args=(sigma, t),
        assumes="linear unit of weight 1 with independent noise; t steps from a known state",
    ),
    # (1 - x) (1 + x) keeps the digits that 1 - x^2 loses near |x| = 1.
    leaky_variance=dict(
        lhs=r"\operatorname{Var} a_t",
        expr=sigma**2 * (1 - sp.Abs(x) ** (2 * t)) / ((1 - x) * (1 + x)),
        args=(sigma, t, x),
        assumes=(
            "linear unit of weight x, |x| < 1, with independent noise; t steps from a known state"
        ),
        names={x: "w"},
    ),
    deviation=dict(
        lhs=r"\operatorname{sd} a_t",
        expr=sp.sqrt(x),
        assumes="x >= 0 a variance, or the mean of the squares in several runs",
        source="explorable ThreeSystems",
        names={x: r"\operatorname{Var} a_t"},
        within={x: (0, 9)},
    ),
    sensitivity_step=dict(
        lhs=r"\frac{\partial a_t}{\partial w}",
        expr=sp.tanh(a) + _slope * delta,
        args=(a, delta, w),
        assumes="delta the derivative of the state a at time t - 1 with respect to w",
        names={a: "a_{t-1}", delta: r"\frac{\partial a_{t-1}}{\partial w}"},
        order="rev-lex",
    ),
)

# The minimal task.
_define(
    "chapter learning-to-latch",
    cost=dict(
        lhs=r"C",
        expr=(x - d) ** 2 / 2,
        args=(x, d),
        assumes="one pattern; x the output at time T, d its target",
        source="Bengio, Simard and Frasconi (1994), section II",
        names={x: "x_T"},
        order="rev-lex",
    ),
    cost_derivative=dict(
        lhs=r"\frac{\partial C}{\partial x}",
        expr=sp.diff((x - d) ** 2 / 2, x),
        args=(x, d),
        assumes="one pattern",
        source="chapter minimal-task",
        names={x: "x_T"},
        order="rev-lex",
    ),
    delta_at_end=dict(
        lhs=r"\delta_T",
        expr=(sp.tanh(a) - d) * sp.diff(sp.tanh(a), a),
        args=(a, d),
        assumes="delta_t = dC/da_t, one pattern, a the net input at time T",
        names={a: "a_T"},
        order="rev-lex",
    ),
    delta_step=dict(
        lhs=r"\delta_{t-1}",
        expr=delta * _slope,
        args=(delta, a, w),
        assumes="delta the error at time t, a the net input at time t - 1",
        names={a: "a_{t-1}", delta: r"\delta_t"},
    ),
    weight_term=dict(
        lhs=r"\frac{\partial^+ C}{\partial w_t}",
        expr=delta * sp.tanh(a),
        args=(delta, a),
        assumes=(
            "delta the error at time t, a the net input at time t - 1; summed over t it is dC/dw"
        ),
        names={a: "a_{t-1}", delta: r"\delta_t"},
    ),
)

_define(
    "chapter vanishing-gradient",
    noise_correction=dict(
        lhs=r"\Lambda(\sigma) - \ln M'(a_+)",
        expr=sigma**2 * x * (2 * w - 1 - x) / (w * (1 - x) ** 2 * (1 + x)),
        args=(sigma, w, x),
        assumes="leading order as sigma -> 0, w > 1, x the slope M'(a+), 0 < x < 1; in 1/step",
        relation=r"\sim",
        names={x: "m"},
        within={w: (1.01, 30)},
    ),
)

# Explorables of two units.
_define(
    "explorable PhasePlane",
    weighted_sum=dict(
        lhs=r"(W x)_i",
        expr=w1 * x1 + w2 * x2,
        args=(x1, x2, w1, w2),
        assumes="two units; w1 and w2 the weights into unit i",
        names={w1: "W_{i1}", w2: "W_{i2}"},
    ),
    network_step=dict(
        lhs=r"a_{i,t}",
        expr=w1 * sp.tanh(a1) + w2 * sp.tanh(a2) + h,
        args=(a1, a2, w1, w2, h),
        assumes=(
            "two units; w1 and w2 the weights into unit i, h its input, a1 and a2 one step earlier"
        ),
        source="Bengio, Simard and Frasconi (1994), section II",
        names={w1: "W_{i1}", w2: "W_{i2}", a1: "a_{1,t-1}", a2: "a_{2,t-1}", h: "u_{i,t}"},
        order="rev-lex",
    ),
    jacobian_entry=dict(
        lhs=r"M'_{ij}(a)",
        expr=x * _sech_squared,
        args=(a, x),
        assumes="x = W_ij, of either sign; equals W_ij sech^2 a_j",
        names=_ENTRY,
    ),
    slope_ceiling=dict(
        lhs=r"\max_{|y - a| \le d} f'(y)",
        expr=_sech_squared.subs(sp.Abs(a), _near),
        args=(a, d),
        assumes="d >= 0",
        source="explorable UncertaintyBall",
        within={d: (0, 5)},
    ),
    chain_entry=dict(
        lhs=r"(M^{l+1})'_{ij}",
        expr=w1 * (1 - x1**2) * m11 + w2 * (1 - x2**2) * m21,
        args=(x1, x2, w1, w2, m11, m21),
        assumes=(
            "m11 and m21 a column of (M^l)', x1 and x2 the outputs after l steps, w1 and w2 the "
            "weights into unit i"
        ),
        names={w1: "W_{i1}", w2: "W_{i2}"},
    ),
    pushed=dict(
        lhs=r"a_i",
        expr=a + h * (a - x) / d,
        args=(a, x, d, h),
        assumes=(
            "d > 0 the distance from the centre, x the centre's coordinate: a push outwards by h"
        ),
        source="explorable UncertaintyBall",
        within={d: (0.1, 5)},
    ),
    eigenvalue_edge=dict(
        lhs=r"B(p)",
        expr=sp.acosh(sp.Max(1, w / sp.cosh(a))),
        args=(a, w),
        assumes="a = p; beyond it w^2 sech^2 p sech^2 B < 1, for the cross-coupled pair",
        source="explorable GradientSurvival",
        names={a: "p"},
    ),
    half_trace=dict(
        lhs=r"\tau",
        expr=(m11 + m22) / 2,
        args=(m11, m22),
        assumes="half the trace of a matrix of two rows",
    ),
    discriminant=dict(
        lhs=r"\delta",
        expr=((m11 - m22) / 2) ** 2 + m12 * m21,
        args=_matrix,
        assumes="the eigenvalues are tau +- sqrt(delta); this form subtracts less than tau^2 - det",
    ),
    eigenvalue_upper=dict(
        lhs=r"\operatorname{Re} \lambda_1",
        expr=x + sp.sqrt(sp.Max(delta, 0)),
        args=(x, delta),
        assumes="x = tau half the trace, delta the discriminant; greater of the real parts",
        names={x: r"\tau"},
    ),
    eigenvalue_lower=dict(
        lhs=r"\operatorname{Re} \lambda_2",
        expr=x - sp.sqrt(sp.Max(delta, 0)),
        args=(x, delta),
        assumes="x = tau half the trace, delta the discriminant; lesser of the real parts",
        names={x: r"\tau"},
    ),
    eigenvalue_imaginary=dict(
        lhs=r"\operatorname{Im} \lambda_1",
        expr=sp.sqrt(sp.Max(-delta, 0)),
        assumes="delta the discriminant",
    ),
    spectral_radius=dict(
        lhs=r"\rho",
        expr=sp.sqrt((sp.Abs(x) + sp.sqrt(sp.Max(delta, 0))) ** 2 + sp.Max(-delta, 0)),
        args=(x, delta),
        assumes="x = tau half the trace, delta the discriminant of a matrix of two rows",
        names={x: r"\tau"},
    ),
    # Half the sum of the lengths of the parts that do and do not keep orientation:
    # no difference of squares, so no cancellation.
    spectral_norm=dict(
        lhs=r"\lVert m \rVert_2",
        expr=(
            (
                sp.sqrt((m11 + m22) ** 2 + (m21 - m12) ** 2)
                + sp.sqrt((m11 - m22) ** 2 + (m21 + m12) ** 2)
            )
            / 2
        ),
        args=_matrix,
        assumes="greatest singular value of a matrix of two rows",
    ),
    determinant=dict(
        lhs=r"\det m",
        expr=_det,
        args=_matrix,
        assumes="a matrix of two rows",
    ),
    # (1 - p^2) (1 - q^2) for the singular values p and q.
    norm_gap=dict(
        lhs=r"(1 - p^2)(1 - q^2)",
        expr=1 + _det**2 - (m11**2 + m12**2 + m21**2 + m22**2),
        args=_matrix,
        assumes=(
            "p and q the singular values of a matrix of two rows; both are < 1 exactly if this is "
            "> 0 and |det| < 1"
        ),
    ),
    cramer_first=dict(
        lhs=r"(m^{-1} x)_1",
        expr=(m22 * x1 - m12 * x2) / _det,
        args=(*_matrix, x1, x2),
        assumes="det m != 0",
    ),
    cramer_second=dict(
        lhs=r"(m^{-1} x)_2",
        expr=(m11 * x2 - m21 * x1) / _det,
        args=(*_matrix, x1, x2),
        assumes="det m != 0",
    ),
    distance=dict(
        lhs=r"|x|",
        expr=sp.sqrt(x1**2 + x2**2),
        args=(x1, x2),
        assumes="Euclidean length of a vector of two",
        source="explorable UncertaintyBall",
    ),
    circle_first=dict(
        lhs=r"y_1",
        expr=a + d * sp.cos(t),
        args=(a, d, t),
        assumes="a point of the circle of radius d round a centre whose first coordinate is a",
        source="explorable UncertaintyBall",
        names={t: r"\varphi", a: "a_1"},
    ),
    circle_second=dict(
        lhs=r"y_2",
        expr=a + d * sp.sin(t),
        args=(a, d, t),
        assumes="a point of the circle of radius d round a centre whose second coordinate is a",
        source="explorable UncertaintyBall",
        names={t: r"\varphi", a: "a_2"},
    ),
    contraction_gap=dict(
        lhs=r"1 - M'(a)",
        expr=1 - _slope,
        args=(a, w),
        assumes="M(a) = w tanh a",
        source="explorable Rectangle",
    ),
    noise_borne=dict(
        lhs=r"b",
        expr=(1 - x) * d,
        args=(x, d),
        assumes="x = lambda a bound on |M'| over a ball of radius d (Theorem 3)",
        source="explorable UncertaintyBall",
        names={x: r"\lambda"},
        within={d: (0, 5)},
    ),
    rectangle_bound=dict(
        lhs=r"b(d)",
        expr=_rectangle,
        args=(a, d, w),
        assumes="a = a+ the positive fixed point, w > 1, 0 < d < a+",
        source="explorable Rectangle",
        names={a: "a_+"},
        within={w: (1.01, 30), d: (0, 5)},
    ),
    rectangle_bound_slope=dict(
        lhs=r"b'(d)",
        expr=sp.diff(_rectangle, d),
        args=(a, d, w),
        assumes="a = a+ the positive fixed point, w > 1; 0 where the rectangle is largest",
        source="explorable Rectangle",
        names={a: "a_+"},
        within={w: (1.01, 30), d: (0, 5)},
    ),
    decades=dict(
        lhs=r"\log_{10} x",
        expr=sp.log(x) / sp.log(10),
        assumes="x > 0",
        source="explorable GradientSurvival",
        within={x: (0.01, 9)},
    ),
    growth_per_step=dict(
        lhs=r"\lVert m \rVert^{1/t}",
        expr=10 ** (delta / t),
        args=(delta, t),
        assumes="delta = log10 |m| after t >= 1 steps",
        source="explorable GradientSurvival",
        names={delta: r"\log_{10} \lVert m \rVert"},
        within={t: (1, 200)},
    ),
)

_define(
    "chapter reduced-attracting-set",
    state_margin=dict(
        lhs=r"h_c(a)",
        expr=w * sp.tanh(a) - a,
        args=(a, w),
        assumes="w > 1, 0 < a <= a*; the largest noise that the bit survives for ever from state a",
        order="rev-lex",
        within={w: (1.01, 30)},
    ),
)

_define(
    "chapter outside-gamma",
    peak_ceiling=dict(
        lhs=r"\max_t \frac{\partial a_t}{\partial a_0}",
        expr=sp.sqrt(w * (w - 1)) / a,
        args=(a, w),
        assumes="w > 1, 0 < a <= a*; the numerator is M(a*)",
        relation=r"\le",
        names={a: "a_0"},
        within={w: (1.01, 30)},
    ),
    peak_floor=dict(
        lhs=r"\max_t \frac{\partial a_t}{\partial a_0}",
        expr=_a_star / a * sp.exp(-2 * w * (w - 1) * _a_star**2 / (3 * (w * (w - 1) - _a_star**2))),
        args=(a, w),
        assumes="w > 1, 0 < a <= a*; exp(-2 a*^2/(3 (1 - 1/g^2))) with g = M(a*)/a*",
        relation=r"\ge",
        names={a: "a_0"},
        within={w: (1.01, 30)},
    ),
    expansion_radius=dict(
        lhs=r"\varepsilon_0",
        expr=3 * sp.sqrt(3) * (sigma - 1) / (2 * x),
        args=(sigma, x),
        assumes="sigma > 1 the greatest singular value of M'(x), here x = |W| its operator norm",
        names={sigma: r"\sigma_1", x: r"\lVert W \rVert"},
    ),
)

_define(
    "chapter bounded-noise",
    tube_margin=dict(
        lhs=r"m(d)",
        expr=w * sp.tanh(a - d) - (a - d),
        args=(a, d, w),
        assumes=(
            "a the positive fixed point, 0 < d < a: the largest noise that a tube of radius d bears"
        ),
        names={a: "a_+"},
    ),
)

_define(
    "chapter safe-bit",
    landscape=dict(
        lhs=r"V(a)",
        expr=a**2 / 2 - w * sp.log(sp.cosh(a)),
        args=(a, w),
        assumes="the step M(a) - a is -V'(a)",
    ),
    price_factor=dict(
        lhs=r"1 - \frac{m + h_\tau}{a_\tau - p}",
        expr=1 - (m + h) / x,
        args=(m, h, x),
        assumes="margin m, input h >= -m, x = a_tau - p > 0: what a step leaves of the gradient",
        names={h: r"h_\tau", x: r"(a_\tau - p)"},
        within={x: (0.1, 9)},
    ),
    price_at_rest=dict(
        lhs=r"f'(x^*)",
        expr=1 - m / d,
        args=(m, d),
        assumes="margin m and room d = x* - p, 0 < m < d",
        relation=r"\le",
        within={m: (0.01, 1), d: (1, 9)},
    ),
    shape=dict(
        lhs=r"f(a)",
        expr=d * (c * a / d + g / (2 * n) * _bend),
        args=(a, d, g, c, n),
        assumes="scale d > 0, gain g, far slope c, sharpness n > 0: a unit that bends at -d and d",
        source="explorable UnitShape",
        names=_SHAPE,
        within={d: (0.5, 9), g: (0.5, 3), c: (0, 0.9), n: (0.5, 6)},
    ),
    shape_slope=dict(
        lhs=r"f'(a)",
        expr=c + g * sp.sinh(2 * n) / (sp.cosh(2 * n * a / d) + sp.cosh(2 * n)),
        args=(a, d, g, c, n),
        assumes="scale d > 0, gain g, far slope c, sharpness n > 0",
        source="explorable UnitShape",
        names=_SHAPE,
        within={d: (0.5, 9), g: (0.5, 3), c: (0, 0.9), n: (0.5, 6)},
    ),
    shape_edge=dict(
        lhs=r"p",
        expr=d * sp.acosh(g * sp.sinh(2 * n) / (1 - c) - sp.cosh(2 * n)) / (2 * n),
        args=(d, g, c, n),
        assumes="c < 1 < c + g tanh n: where the slope of the unit crosses 1",
        source="explorable UnitShape",
        names=_SHAPE,
        within={d: (0.5, 9), g: (1.5, 3), c: (0.4, 0.9), n: (0.5, 6)},
    ),
    edge_of_chaos=dict(
        lhs=r"\Lambda_1",
        expr=2 * (g - 1) ** 2 / 3,
        assumes="leading order as g -> 1+; a large random network of gain g, by mean-field theory",
        source="chapter other-gradients",
        relation=r"\sim",
    ),
)

# Attractors.
_define(
    "chapter attractors, after Marcus and Westervelt (1989)",
    energy_term=dict(
        lhs=r"G(x)",
        expr=x * sp.atanh(x) + sp.log(1 - x**2) / 2,
        assumes="-1 < x < 1; the integral of artanh from 0 to x",
    ),
)

_define(
    "chapter pseudo-newton",
    unit_gamma=dict(
        lhs=r"\gamma",
        expr=(1 - x**2) ** 2 * q - 2 * x * (1 - x**2) * e,
        args=(x, q, e),
        assumes="gamma = d2C/da2; x = tanh a the output, e = dC/dx, q = d2C/dx2; f'^2 q + f'' e",
        source="Becker and LeCun (1988)",
        order="rev-lex",
    ),
    unit_gamma_gauss_newton=dict(
        lhs=r"\gamma",
        expr=(1 - x**2) ** 2 * q,
        args=(x, q),
        assumes="as unit_gamma, without the term in f''; never negative where q is not",
        source="Becker and LeCun (1988)",
        relation=r"\approx",
    ),
    gamma_step=dict(
        lhs=r"\gamma_{t-1}",
        expr=_slope**2 * q + sp.diff(_step, a, 2) * delta,
        args=(q, a, w, delta),
        assumes="one unit; q = gamma_t, delta = delta_t, a the net input at time t - 1; with "
        "delta = 0 it is the Gauss-Newton form",
        names={q: r"\gamma_t", delta: r"\delta_t", a: "a_{t-1}"},
    ),
    pseudo_newton_step=dict(
        lhs=r"\Delta w_i",
        expr=-eta / (sp.Abs(c) + mu) * g,
        args=(g, c, eta, mu),
        assumes="g = dC/dw_i and c = d2C/dw_i^2 for one sequence; eta, mu > 0",
        source="Bengio, Simard and Frasconi (1994), time-weighted pseudo-Newton",
        names={
            g: r"\frac{\partial C}{\partial w_i}",
            c: r"\frac{\partial^2 C}{\partial w_i^2}",
        },
        order="rev-lex",
    ),
    chain_gamma=dict(
        lhs=r"\gamma_{T-n}",
        expr=c * x ** (2 * n) + q * delta * x ** (n - 1) * (1 - x**n) / (1 - x),
        args=(c, q, delta, x, n),
        assumes=(
            "one unit whose map has slope x, 0 < x < 1, and second derivative q at every step; c "
            "and delta the second and first derivative of the cost by a_T, n steps before the end"
        ),
        names={c: r"\gamma_T", q: "M''", delta: r"\delta_T", x: r"\rho"},
        within={x: (0.05, 0.95)},
    ),
    gauss_newton_ceiling=dict(
        lhs=r"\max_s \lvert \Delta w \rvert",
        expr=eta * sp.Abs(e) / (2 * sp.sqrt(mu)),
        args=(e, eta, mu),
        assumes="Gauss-Newton form: gradient e s and curvature s^2, e the error and s = dx_T/dw",
    ),
    full_form_plateau=dict(
        lhs=r"\lvert \Delta h \rvert",
        expr=eta * (1 - x) / (2 * sp.Abs(x1)),
        args=(x, x1, eta),
        assumes=(
            "full form, the neuron at rest on a_+: x = M'(a_+), 0 < x < 1, x1 = tanh a_+ not 0; n "
            "steps before the end, where 1 << n and |gamma| >> mu"
        ),
        relation=r"\approx",
        names={x: r"\rho", x1: "x_+"},
        within={x: (0.01, 0.99), x1: (0.1, 1)},
    ),
    steps_gained=dict(
        lhs=r"n",
        expr=sp.log(mu) / sp.log(x),
        args=(mu, x),
        assumes="0 < mu < 1, 0 < x < 1; steps in which a factor x a step eats up the gain 1/mu",
        names={x: r"\rho"},
        within={x: (0.01, 0.95)},
    ),
    pseudo_newton_bound=dict(
        lhs=r"\lvert \Delta w_i \rvert",
        expr=eta * sp.Abs(g) / mu,
        args=(g, eta, mu),
        assumes="g = dC/dw_i; equal where the second derivative is 0, in either form",
        relation=r"\leq",
        names={g: r"\frac{\partial C}{\partial w_i}"},
    ),
    ceiling_by_reach=dict(
        lhs=r"\max_s \lvert \Delta w \rvert",
        expr=eta * sp.Abs(e) * x ** (-n / 2) / 2,
        args=(e, eta, x, n),
        assumes=(
            "gauss_newton_ceiling with mu = x^n, which buys n steps at a factor x a step, 0 < x < 1"
        ),
        names={x: r"\rho"},
        within={x: (0.05, 0.95)},
    ),
    inflection_output=dict(
        lhs=r"x",
        expr=(d - sp.sqrt(d**2 + 3)) / 3,
        assumes="one unit, cost (tanh a - d)^2/2, -1 < d < 1: the output below d where d2C/da2 = 0",
    ),
)

# Clipping and what divides by its own size.
_define(
    "chapter explosion",
    clipped_length=dict(
        lhs=r"\lVert \bar{g} \rVert",
        expr=sp.Min(x, d),
        args=(x, d),
        assumes="x >= 0 the length of a gradient, d > 0 the threshold",
        source="Pascanu, Mikolov and Bengio (2013)",
        names={x: r"\lVert g \rVert", d: r"\theta"},
        within={x: (0, 30), d: (0.1, 9)},
    ),
    echo=dict(
        lhs=r"\sum_k \mu^k \eta \lVert g \rVert",
        expr=eta * x / (1 - mu),
        args=(x, eta, mu),
        assumes="x >= 0 the length of one gradient, whose step momentum repeats; 0 <= mu < 1",
        names={x: r"\lVert g \rVert"},
        within={x: (0, 30)},
    ),
    steady_adam_step=dict(
        lhs=r"\Delta w",
        expr=-eta * g / (sp.Abs(g) + epsilon),
        args=(g, eta, epsilon),
        assumes="Adam, or RMSProp after many updates, on a gradient g that stays as it is",
    ),
    far_share=dict(
        lhs=r"s_k",
        expr=(x**n - x**t) / (1 - x**t),
        args=(x, n, t),
        assumes=(
            "one term for each of t steps, the one of age j being x^j, x > 0 and not 1; the share "
            "of those of age n and more, n <= t"
        ),
        names={x: r"\rho", n: "k", t: "T"},
        within={x: (0.05, 0.95), n: (0, 5), t: (5, 200)},
    ),
    updates_to_tell=dict(
        lhs=r"K",
        expr=(sigma / x) ** 2,
        args=(sigma, x),
        assumes=(
            "x > 0 what an update has in common with all others, sigma the spread of the rest of it"
        ),
        names={x: "f"},
        within={x: (0.05, 1)},
    ),
)

_define(
    "chapter discrete-error",
    threshold_output=dict(
        lhs=r"y",
        expr=sp.Piecewise((1, x > 0), (-1, True)),
        assumes="x the net input; 0 counts as negative, so that the output is never 0",
        source="Bengio, Simard and Frasconi (1994), discrete error propagation",
    ),
    output_change=dict(
        lhs=r"\Delta y",
        expr=sp.Piecewise((2, (x <= 0) & (x + d > 0)), (-2, (x > 0) & (x + d <= 0)), (0, True)),
        args=(x, d),
        assumes="x the net input, d the move of it",
        source="Bengio, Simard and Frasconi (1994), discrete error propagation",
        names=_UNIT,
    ),
    required_move=dict(
        lhs=r"\Delta x",
        expr=(
            sp.Piecewise(
                (epsilon - x, (delta > 0) & (x <= 0)),
                (-epsilon - x, (delta < 0) & (x > 0)),
                (0, True),
            )
        ),
        args=(x, delta, epsilon),
        assumes="x the net input, delta the wanted change of the output, epsilon > 0 the margin",
        source="Bengio, Simard and Frasconi (1994), discrete error propagation",
        names=_UNIT,
    ),
    wish_chance=dict(
        lhs=r"P(S(g){=}2)",
        expr=(sp.Max(low, sp.Min(high, g)) - low) / (high - low),
        args=(g, low, high),
        assumes="low = MIN < high = MAX, g != 0; g is clipped to [MIN, MAX]",
        source="Bengio, Simard and Frasconi (1994), discrete error propagation",
        names=_WISH,
    ),
    wish_mean=dict(
        lhs=r"\operatorname{E} S(g)",
        expr=2 * (2 * g - low - high) / (high - low),
        args=(g, low, high),
        assumes="low = MIN <= g <= high = MAX",
        names=_WISH,
    ),
    wish_variance=dict(
        lhs=r"\operatorname{Var} S(g)",
        expr=(g - low) * (high - g) * 16 / (high - low) ** 2,
        args=(g, low, high),
        assumes="low = MIN <= g <= high = MAX",
        names=_WISH,
    ),
    turning_move=dict(
        lhs=r"\Delta x",
        expr=-delta * (epsilon + sp.Abs(x)),
        args=(x, delta, epsilon),
        assumes="delta = +1 or -1 the output; the one move other than 0 that the rule can ask for",
        names={delta: "y"},
    ),
    kept_chance=dict(
        lhs=r"p",
        expr=sp.Min(1, (2 + w * (w + epsilon)) / 4),
        args=(w, epsilon),
        assumes="a bit held without input by a threshold unit, MIN = -2, MAX = 2; a step",
    ),
    sure_weight=dict(
        lhs=r"w_\varepsilon",
        expr=(sp.sqrt(epsilon**2 + 8) - epsilon) / 2,
        assumes="the self-loop from which on the discrete error arrives for sure, without input",
    ),
)

_define(
    "chapter plateaus",
    output_rise=dict(
        lhs=r"\frac{\mathrm{d} x_+}{\mathrm{d} w}",
        expr=2 * sp.tanh(a) ** 2 / (sp.sinh(2 * a) - 2 * a),
        assumes="a > 0 the positive fixed point, x_+ = tanh a the output on it, h = 0",
        names={a: "a_+"},
        order="rev-lex",
        within={a: (0.1, 25)},
    ),
    cliff_height=dict(
        lhs=r"C_- - C_+",
        expr=2 * d * x,
        args=(x, d),
        assumes="x = x_+ the output on the attractor, d the target; wrong side minus right side",
        names={x: "x_+"},
    ),
    cliff_slope=dict(
        lhs=r"\left.\frac{\partial C}{\partial u}\right|_{u=0}",
        expr=-d * w ** (t - 1),
        args=(w, d, t),
        assumes="w > 0, t = T >= 1 the length, no noise; u the first input, d its target",
        names={t: "T"},
    ),
    forgetting_bound=dict(
        lhs=r"\lvert \nabla C \rvert",
        expr=(1 + sp.Abs(d)) * w ** (t - 2) * (w + (t - 1) * sp.Abs(h)),
        args=(w, h, d, t),
        assumes="0 < w <= 1, t = T >= 2 the length, h = u the first input, no noise; one sequence",
        relation=r"\le",
        names={h: "u", t: "T"},
        within={w: (0.05, 1), t: (2, 200)},
    ),
    one_wrong=dict(
        lhs=r"C",
        expr=x**2 + d**2,
        args=(x, d),
        assumes="two sequences of targets d and -d, both outputs at x: one right, one wrong",
        names={x: "x_+"},
        order="rev-lex",
    ),
    descent=dict(
        lhs=r"\theta_{k+1}",
        expr=x - eta * g,
        args=(x, g, eta),
        assumes=(
            "one update of gradient descent; x = theta_k a parameter, g its derivative, eta > 0"
        ),
        names={x: r"\theta_k", g: r"\frac{\partial C}{\partial \theta}", eta: r"\eta"},
        order="rev-lex",
    ),
    # Training near a cliff is chaotic: a difference in the last bit of one tanh grows to
    # 1e-6 within 300 updates. On a grid it is rounded away before it can grow.
    descent_on_grid=dict(
        lhs=r"\theta_{k+1}",
        expr=sp.floor((x - eta * g) * 2**20 + sp.Rational(1, 2)) / 2**20,
        args=(x, g, eta),
        assumes="as descent, rounded to a multiple of 2^-20, about a millionth",
        source="explorable LearningLive",
        names={x: r"\theta_k", g: r"\frac{\partial C}{\partial \theta}", eta: r"\eta"},
    ),
)

# Searches.
_define(
    "chapter multigrid",
    # With the maximum the exponential never overflows, however far down the move leads.
    metropolis_chance=dict(
        lhs=r"P(\text{accept})",
        expr=sp.exp(-sp.Max(delta, 0) / temp),
        args=(delta, temp),
        assumes=(
            "delta the rise of the cost by the move, temp > 0 the temperature; 1 if it does not "
            "rise"
        ),
        source="Metropolis et al. (1953)",
        names={delta: r"\Delta C"},
    ),
    boltzmann_weight=dict(
        lhs=r"\pi(x)",
        expr=sp.exp(-c / temp),
        args=(c, temp),
        assumes="c = C(x) the cost, temp > 0 the temperature; up to a factor that makes the sum 1",
        source="Metropolis et al. (1953)",
        relation=r"\propto",
        names={c: "C(x)"},
    ),
    step_factor=dict(
        lhs=r"\frac{v_{\mathrm{new}}}{v}",
        expr=(
            sp.Piecewise(
                (1 + c * (5 * x - 3) / 2, x > sp.Rational(3, 5)),
                (1 / (1 + c * (2 - 5 * x) / 2), x < sp.Rational(2, 5)),
                (1, True),
            )
        ),
        args=(x, c),
        assumes="x the share of moves accepted, 0 to 1; c > 0",
        source="Corana et al. (1987)",
        names={x: "r"},
        within={x: (0, 1), c: (0.1, 3)},
    ),
    vee_acceptance=dict(
        lhs="r(v)",
        expr=2 * temp / d * (1 - sp.exp(-d / (2 * temp))),
        args=(d, temp),
        assumes="cost |x| in equilibrium at the temperature temp, moves uniform on [-d, d], d > 0",
        source="chapter simulated-annealing",
        names={d: "v"},
        within={d: (0.1, 5)},
    ),
    escape_time=dict(
        lhs=r"\operatorname{E} \tau",
        expr=sp.exp(d / temp) / x,
        args=(d, x, temp),
        assumes=(
            "moves until one that leads out of a hole is accepted: d its depth, x the chance that "
            "such a move is proposed, 0 < x <= 1"
        ),
        source="chapter simulated-annealing",
        names={d: "D", x: "q"},
        within={d: (0, 1), x: (0.05, 1)},
    ),
    uniform_between=dict(
        lhs="y",
        expr=x1 + x * (x2 - x1),
        args=(x, x1, x2),
        assumes="x uniform on [0, 1): y is uniform between x1 and x2",
        source="explorable SurfaceSearch",
    ),
    box_after=dict(
        lhs=r"\ell_k",
        expr=d * x**n,
        args=(d, x, n),
        assumes="half-width of the box after n improvements; d > 0 the first, 0 < x < 1 its factor",
        source="Bengio, Simard and Frasconi (1994), multigrid random search",
        names={d: r"\ell_0", x: r"\kappa", n: "k"},
        within={d: (0.1, 5), x: (0.05, 0.95)},
    ),
    box_reach=dict(
        lhs=r"\sum_{j=0}^{k-1} \ell_j",
        expr=d * (1 - x**n) / (1 - x),
        args=(d, x, n),
        assumes="how far n improvements can lead in one variable; d > 0, 0 < x < 1 as in box_after",
        names={d: r"\ell_0", x: r"\kappa", n: "k"},
        within={d: (0.1, 5), x: (0.05, 0.95)},
    ),
    line_improvement=dict(
        lhs="p_1",
        expr=sp.Min(sp.Rational(1, 2), x / d),
        args=(x, d),
        assumes=(
            "one variable, the cost grows with the distance from its least point: x >= 0 that "
            "distance, d > 0 the half-width of the box"
        ),
        names={x: "R", d: r"\ell"},
        within={d: (0.1, 5), x: (0, 5)},
    ),
    ball_share=dict(
        lhs="q_n",
        expr=sp.pi / (2 * n) * q,
        args=(q, n),
        assumes=(
            "share of a ball in the cube round it, in n >= 2 variables, from q that in n - 2; q_0 "
            "= q_1 = 1"
        ),
        names={q: "q_{n-2}"},
        within={n: (2, 50)},
    ),
    ball_improvement=dict(
        lhs="p_n",
        expr=q * (x / d) ** n,
        args=(q, x, d, n),
        assumes=(
            "n variables, q the share of a ball in its cube, x the distance from the least point, "
            "d >= 2 x the half-width of the box"
        ),
        names={q: "q_n", x: "R", d: r"\ell"},
        within={d: (1, 5), x: (0.01, 0.5), n: (1, 30)},
    ),
    wide_box_exponent=dict(
        lhs=r"\frac{\mathrm{d} \ln R}{\mathrm{d} \ln N}",
        expr=-1 / (n * (1 + n * sp.log(x))),
        args=(n, x),
        assumes=(
            "N evaluations, n < -1/log(x) variables, 0 < x < 1 the factor of the box, which stays "
            "wide"
        ),
        relation=r"\approx",
        names={x: r"\kappa"},
        within={n: (0.5, 4), x: (0.85, 0.99)},
    ),
)

_define(
    "chapter experiments",
    mean_error_variance=dict(
        lhs=r"\operatorname{Var} \bar{e}",
        expr=q * (1 - q) * (1 + (m - 1) * c) / (m * n),
        args=(q, c, m, n),
        assumes=(
            "n independent trials, each of m sequences wrong with probability q; c the correlation "
            "of two of them"
        ),
        names={c: r"\rho"},
        within={n: (2, 200)},
    ),
    majority_error=dict(
        lhs=r"e_m",
        expr=sp.Rational(1, 2) - 1 / sp.sqrt(2 * sp.pi * m),
        assumes=(
            "leading order for large m: mean error of the best constant answer to m independent "
            "coins"
        ),
        relation=r"\approx",
    ),
    error_reach=dict(
        lhs=r"\lvert \bar{e} - \bar{e}\,' \rvert",
        expr=t * sigma * sp.sqrt(1 / n + 1 / m),
        args=(t, sigma, n, m),
        assumes="t a quantile, sigma the spread of a trial, n and m the trials on both sides",
        relation=r"\le",
        names={t: r"t_{0.975}", sigma: "s", m: "n'"},
        within={n: (2, 200)},
    ),
    passes_presentations=dict(
        lhs=r"\operatorname{E} P",
        expr=m * (1 - (1 - q) ** n) / q,
        args=(q, m, n),
        assumes="passes of m presentations, each the last with probability 0 < q < 1, n at most",
        names={n: "K"},
        within={q: (0.01, 0.99)},
    ),
    stopped_share=dict(
        lhs=r"\lambda",
        expr=(high - c) / (high - low),
        args=(c, low, high),
        assumes=(
            "c the mean of the presentations, low those of a trial that stops early, high the "
            "budget"
        ),
        names={c: r"\bar{P}", low: "a", high: "B"},
        order="rev-lex",
    ),
)

_define(
    "chapter three-problems-again",
    luck_of_adding=dict(
        lhs=r"P(\lvert s \rvert < d)",
        expr=d * (2 - d),
        assumes="s the sum of two independent numbers, uniform on [-1/2, 1/2]; 0 <= d <= 1",
        within={d: (0, 1)},
    ),
    left_of_bit=dict(
        lhs=r"r",
        expr=2 ** (-t / n),
        args=(t, n),
        assumes="t steps, T or a multiple of it; n > 0 the half-life of a state that decays",
        names={t: "T", n: "k"},
        within={n: (1, 200)},
    ),
)

_define(
    "chapter random-guessing",
    geometric_tail=dict(
        lhs=r"P(N > n)",
        expr=(1 - x) ** n,
        args=(x, n),
        assumes="N the guesses until the first success, x = p the chance of one, 0 < p < 1",
        names={x: "p"},
        within={x: (0.01, 0.99)},
    ),
    geometric_variance=dict(
        lhs=r"\operatorname{Var} N",
        expr=(1 - x) / x**2,
        assumes="0 < x = p < 1",
        names={x: "p"},
        within={x: (0.01, 0.99)},
    ),
    guesses_gap=dict(
        lhs=r"\operatorname{E} \frac{1}{p} - \frac{1}{\operatorname{E} p}",
        expr=q * (1 - q) * (x1 - x2) ** 2 / (x1 * x2 * (q * x1 + (1 - q) * x2)),
        args=(q, x1, x2),
        assumes="a share q of the training sets has the chance x1, the others x2; 0 < x1, x2",
        names={x1: "p_1", x2: "p_2"},
        within={q: (0, 1), x1: (0.01, 1), x2: (0.01, 1)},
    ),
    held_weight=dict(
        lhs=r"w_c",
        expr=(a + h) / sp.tanh(a),
        args=(a, h),
        assumes="a = c > 0; the weight with w tanh c - b = c, h = b >= 0 the bound of the noise",
        names={a: "c", h: "b"},
        within={a: (0.05, 9), h: (0, 5)},
    ),
    box_share=dict(
        lhs=r"p",
        expr=(m - w) * (m - x) ** 2 / (8 * m**3),
        args=(w, x, m),
        assumes=(
            "w = held_weight(c, b), x = c > 0, m = B the bound of the weights, B >= w and B >= c"
        ),
        relation=r"\geq",
        names={w: "w_c", x: "c", m: "B"},
        within={w: (1, 19), x: (0, 9), m: (20, 200)},
    ),
)

_define(
    "chapter em",
    move_credit=dict(
        lhs=r"P(\text{moved} \mid \text{class})",
        expr=m * x / (m * x + w * (1 - x)),
        args=(x, m, w),
        assumes=(
            "two ways: the token moves with chance x = p, from where the class has the chance m, "
            "or stays, from where it has the chance w"
        ),
        names={x: "p", m: r"\beta_1", w: r"\beta_0"},
        within={x: (0.01, 0.99), m: (0.01, 1), w: (0.01, 1)},
    ),
    two_state_coefficient=dict(
        lhs=r"\tau",
        expr=sp.Abs(1 - x1 - x2),
        args=(x1, x2),
        assumes="two states; the token leaves one with chance x1 = p, the other with chance x2 = q",
        names={x1: "p", x2: "q"},
        within={x1: (0, 1), x2: (0, 1)},
    ),
    credit_left=dict(
        lhs=r"\frac{\operatorname{osc} \beta_{T - t}}{\operatorname{osc} \beta_T}",
        expr=(1 - n * epsilon) ** t,
        args=(n, epsilon, t),
        assumes=(
            "n states, t steps, every move at every step with a chance of at least epsilon <= 1/n"
        ),
        relation=r"\leq",
        order="rev-lex",
        within={n: (2, 9), epsilon: (0.001, 0.1)},
    ),
)

_define(
    "chapter another-clock",
    leaky_step=dict(
        lhs=r"x_t",
        expr=(1 - z) * x + z * sp.tanh(w * x + h),
        args=(x, w, h, z),
        assumes="w > 0, 0 < z <= 1; x the state, which is an output, one step earlier",
        names={x: "x_{t-1}", h: "h_t"},
        order="rev-lex",
    ),
    leaky_slope=dict(
        lhs=r"\lambda_z",
        expr=1 - z * (1 - x),
        args=(x, z),
        assumes="x = lambda the slope of the latch at the same state, 0 < z <= 1",
        names={x: r"\lambda"},
        order="rev-lex",
    ),
    least_write_steps=dict(
        lhs=r"n",
        expr=-sp.log(1 + x) / sp.log(1 - z),
        args=(x, z),
        assumes="steps from -x_+ above 0, x = x_+ = tanh a_+, 0 < z < 1; whatever the input",
        relation=r"\ge",
        names={x: "x_+"},
        within={x: (0, 1)},
    ),
    leaky_margin=dict(
        lhs=r"m_z",
        expr=z * _h_star / w,
        args=(w, z),
        assumes="w >= 1, 0 < z <= 1; what the edge bears of noise that is added to the state",
        computed=z * _h_star_computed / w,
        within={w: (1.01, 30)},
    ),
    skip_slope=dict(
        lhs=r"r",
        expr=x ** (1 / n),
        args=(x, n),
        assumes=(
            "n the longest delay, x = lambda the sum of the slopes of all delays, 0 < x < 1; per "
            "step"
        ),
        relation=r"\le",
        names={x: r"\lambda", n: "D"},
        within={x: (0.05, 0.95), n: (1, 50)},
    ),
    residual_step=dict(
        lhs=r"x_t",
        expr=x + z * sp.tanh(w * x + h),
        args=(x, w, h, z),
        assumes="w > 0, z > 0; x the state one step earlier, all of which is kept",
        names={x: "x_{t-1}", h: "h_t"},
        order="rev-lex",
    ),
)

_define(
    "chapter gates",
    gate_leak=dict(
        lhs=r"1 - \sigma(g)",
        expr=1 / (1 + sp.exp(g)),
        assumes="g the bias of a forget gate; what it leaks at a step",
        within={g: (-5, 12)},
    ),
    gate_half_life=dict(
        lhs=r"t_{1/2}",
        expr=sp.log(2) / sp.log(1 + sp.exp(-g)),
        assumes="g the bias of a forget gate; in steps",
        # ln(1 + y) = 2 artanh(y/(2 + y)), for a gate that leaks little
        computed=sp.log(2) / (2 * sp.atanh(sp.exp(-g) / (2 + sp.exp(-g)))),
        within={g: (-5, 12)},
    ),
    gate_kept=dict(
        lhs=r"\sigma(g)^T",
        expr=(1 + sp.exp(-g)) ** (-n),
        args=(g, n),
        assumes="g the bias of a forget gate, n = T steps",
        names={n: "T"},
        within={g: (-5, 12)},
    ),
    gate_slope=dict(
        lhs=r"\frac{\mathrm{d}}{\mathrm{d} g} \sigma(g)^T",
        expr=n * (1 + sp.exp(-g)) ** (-n) / (1 + sp.exp(g)),
        args=(g, n),
        assumes="g the bias of a forget gate, n = T steps",
        names={n: "T"},
        within={g: (-5, 12)},
    ),
    gate_best_bias=dict(
        lhs=r"g",
        expr=sp.log(n),
        assumes="where gate_slope is largest; n = T > 0 steps",
        names={n: "T"},
        within={n: (1, 200)},
    ),
    gate_kept_at_best=dict(
        lhs=r"\sigma(\ln T)^T",
        expr=(n / (n + 1)) ** n,
        assumes="n = T > 0 steps; tends to 1/e",
        names={n: "T"},
        within={n: (1, 200)},
    ),
    gate_slope_at_best=dict(
        lhs=r"\max_g \frac{\mathrm{d}}{\mathrm{d} g} \sigma(g)^T",
        expr=(n / (n + 1)) ** (n + 1),
        assumes="n = T > 0 steps; tends to 1/e",
        names={n: "T"},
        within={n: (1, 200)},
    ),
    write_and_keep=dict(
        lhs=r"\frac{\partial x_T}{\partial n_1}",
        expr=z * (1 - z) ** (n - 1),
        args=(z, n),
        assumes=(
            "z the constant leak, 0 < z < 1, n = T >= 1 steps; what is left of something new at "
            "step 1"
        ),
        names={n: "T"},
        within={n: (1, 200)},
    ),
    gate_price=dict(
        lhs=r"f'(x^*)",
        expr=1 - z * h / d,
        args=(h, z, d),
        assumes=(
            "of inputs of size up to h = b > 0 the share z arrives at the state; d > 0 the room"
        ),
        relation=r"\le",
        names={h: "b"},
        within={d: (0.1, 9)},
    ),
    gate_noise=dict(
        lhs=r"\sqrt{\operatorname{Var} x_T}",
        expr=sigma * sp.sqrt(z * (1 - (1 - z) ** (2 * n)) / (2 - z)),
        args=(z, n, sigma),
        assumes=(
            "noise of standard deviation sigma, of which each of n = T steps lets in the share z, "
            "and keeps 1 - z of what there is; 0 < z <= 1"
        ),
        names={n: "T"},
    ),
)

# Lines and rotations: a state that is multiplied by a slope x, or turned by an angle x.
_define(
    "chapter lines-and-rotations",
    line_margin=dict(
        lhs=r"b_T",
        expr=sp.Piecewise((d / n, sp.Eq(x, 1)), (d * x**n * (1 - x) / (1 - x**n), True)),
        args=(d, x, n),
        assumes="d the distance of the state from the border, x > 0 the slope, n = T >= 1 steps",
        names={n: "T", x: r"\lambda"},
        within={x: (0.5, 1.2), n: (1, 200)},
    ),
    line_reads=dict(
        lhs=r"r_T",
        expr=(
            sp.Piecewise(
                (d / (sigma * sp.sqrt(n)), sp.Eq(x, 1)),
                (d * x**n / sigma * sp.sqrt((1 - x**2) / (1 - x ** (2 * n))), True),
            )
        ),
        args=(d, x, n, sigma),
        assumes="as line_margin; independent noise of standard deviation sigma > 0",
        names={n: "T", x: r"\lambda"},
        within={x: (0.5, 1.2), n: (1, 200), sigma: (0.1, 2)},
    ),
    line_memory=dict(
        lhs=r"J(k)",
        expr=x ** (2 * n) * (1 - x**2),
        args=(x, n),
        assumes="x the slope, 0 < x < 1, n = k the age of an input in steps",
        names={n: "k", x: r"\lambda"},
        within={x: (0.5, 1)},
    ),
    turned_sway=dict(
        lhs=r"s",
        expr=h / sp.sin(x / 2),
        args=(h, x),
        assumes="h = b the size of a steady push, 0 < x < 2 pi the angle of a turn",
        names={h: "b", x: r"\theta"},
        within={x: (0.1, 6)},
    ),
    line_noise=dict(
        lhs=r"s_T",
        expr=sp.Piecewise(
            (sigma * sp.sqrt(n), sp.Eq(x, 1)),
            (sigma * sp.sqrt((1 - x ** (2 * n)) / (1 - x**2)), True),
        ),
        args=(x, n, sigma),
        assumes="standard deviation of the sum of noise of sigma a step over n = T steps; x > 0 "
        "the slope",
        names={n: "T", x: r"\lambda"},
        within={x: (0.5, 1.2)},
    ),
    turned_first=dict(
        lhs=r"c_t",
        expr=x * (x1 * sp.cos(t) - x2 * sp.sin(t)) + h,
        args=(x1, x2, x, t, h),
        assumes="x1 + i x2 the state one step earlier, x and t modulus and angle of a turn, h an "
        "input",
        names={x1: "c_{t-1}", x2: "q_{t-1}", x: r"\lambda", t: r"\theta", h: "h_t"},
    ),
    turned_second=dict(
        lhs=r"q_t",
        expr=x * (x1 * sp.sin(t) + x2 * sp.cos(t)) + h,
        args=(x1, x2, x, t, h),
        assumes="as turned_first",
        names={x1: "c_{t-1}", x2: "q_{t-1}", x: r"\lambda", t: r"\theta", h: "h_t"},
    ),
    turned_back=dict(
        lhs=r"y",
        expr=x1 * sp.cos(t) + x2 * sp.sin(t),
        args=(x1, x2, t),
        assumes="the part of a state that lies along 1, after it is turned back by the angle t",
        names={x1: "c", x2: "q", t: r"\varphi"},
    ),
    plateau_life=dict(
        lhs=r"\operatorname{E} \tau",
        expr=(d - h) ** 2 / sigma**2,
        args=(d, h, sigma),
        assumes=(
            "d the distance from the middle of a room to its walls, inputs of size up to h = b < "
            "d, of mean 0 and standard deviation sigma > 0, independent"
        ),
        relation=r">",
        names={h: "b"},
        within={d: (1, 9), h: (0.1, 0.9), sigma: (0.1, 2)},
    ),
)

# The price list: T steps, each with a push that is added to the state.
_define(
    "chapter price-list",
    price_for_steps=dict(
        lhs=r"\frac{b}{d}",
        expr=(1 - x) / (1 - x**n),
        args=(x, n),
        assumes=(
            "n = T steps; x = lambda < 1 the slope at rest of a unit that is concave from its edge "
            "on, d the room; in the limit x -> 1 it is 1/T"
        ),
        relation=r"\le",
        names={x: r"\lambda", n: "T"},
        order="rev-lex",
        within={x: (0.01, 0.99), n: (1, 200)},
    ),
    gate_step=dict(
        lhs=r"c_t",
        expr=(1 - z) * x + z * h,
        args=(x, h, z),
        assumes="0 <= z <= 1 what the gate leaks, x the state one step earlier, h what comes in",
        names={x: "c_{t-1}", h: "u_t"},
        order="rev-lex",
    ),
)

# Attention: one position of T is marked, with a logit g above all others.
_define(
    "chapter looking-back",
    attention_weight=dict(
        lhs=r"p",
        expr=1 / (1 + (t - 1) * sp.exp(-g)),
        args=(g, t),
        assumes="T >= 1 positions, whose logits are equal but for one, which is g higher",
        names=_POSITIONS,
        within={t: (1, 200)},
    ),
    attention_slope=dict(
        lhs=r"\frac{\partial p}{\partial g}",
        expr=x * (1 - x),
        assumes="p = x the weight of one position, g its logit, all others fixed",
        names={x: "p"},
    ),
    attention_gap=dict(
        lhs=r"g",
        expr=sp.log((t - 1) * (1 - epsilon) / epsilon),
        args=(t, epsilon),
        assumes="T > 1; the gap at which the marked position has the weight 1 - epsilon",
        names=_POSITIONS,
        within={t: (3, 200), epsilon: (0.001, 0.3)},
    ),
    attention_cap=dict(
        lhs=r"p",
        expr=1 / (1 + (t - 1) * sp.exp(-2 * x)),
        args=(x, t),
        assumes="every logit in [-B, B], B = x",
        relation=r"\le",
        names=_POSITIONS | {x: "B"},
        within={x: (0, 8), t: (1, 200)},
    ),
    attention_margin=dict(
        lhs=r"b^*",
        expr=sp.exp(g) / (t - 1),
        args=(g, t),
        assumes="T > 1; the marked input is 1 or -1, the others at most b in size",
        names=_POSITIONS,
        within={t: (2, 200)},
    ),
    attention_plateau=dict(
        lhs=r"\tau",
        expr=t - 1 - 1 / (t - 1) + 2 * sp.log(t - 1),
        assumes="T > 1; dg/dtau = p (1 - p) from g = 0 to p = 1/2",
        names=_POSITIONS,
        within={t: (2.1, 200)},
    ),
)

FORMULAS: Mapping[str, Formula] = MappingProxyType(_FORMULAS)


def formula(name: str) -> Formula:
    """Return the formula called `name`.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    try:
        return FORMULAS[name]
    except KeyError:
        raise ValueError(f"name is {name!r}; accepted are {', '.join(FORMULAS)}") from None


def latex(name: str) -> str:
    """Return the LaTeX of the formula called `name`."""
    return formula(name).latex()


@cache
def javascript_module(names: tuple[str, ...] | None = None) -> str:
    """Return JavaScript source that declares one object ``FORMULAS`` with a function a formula.

    Parameters
    ----------
    names : tuple of str, optional
        Formulas to include; all by default.

    Returns
    -------
    str
        ``const FORMULAS = {step: (a, w, h) => ..., ...};``
    """
    chosen = FORMULAS if names is None else {name: formula(name) for name in names}
    return javascript_object(chosen.values())


def javascript_object(formulas: Iterable[Formula]) -> str:
    """Return JavaScript source that declares one object ``FORMULAS`` of these formulas."""
    body = ",\n".join(f"  {f.name}: {f.javascript()}" for f in formulas)
    return f"const FORMULAS = {{\n{body}\n}};\n"
