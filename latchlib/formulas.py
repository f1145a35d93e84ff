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

_ALL = (
    Formula(
        "activation",
        r"f(a)",
        sp.tanh(a),
        (a,),
        "real a",
        _paper,
    ),
    Formula(
        "step",
        r"a_t",
        _step,
        (a, w, h),
        "real a and h, w > 0; a is the net input one step earlier",
        _paper,
        names={a: "a_{t-1}", h: "h_t"},
        order="rev-lex",
    ),
    Formula(
        "slope",
        r"M'(a)",
        _slope,
        (a, w),
        "M(a) = w tanh a, the autonomous map",
        "chapter latch-neuron",
        computed=_slope_computed,
    ),
    Formula(
        # Written with |a| and log1p-like terms so that it neither overflows nor underflows:
        # log sech^2 a = log 4 - 2|a| - 2 log(1 + exp(-2|a|)).
        "log_slope",
        r"\log M'(a)",
        _log_slope,
        (a, w),
        "w > 0; equals log(w sech^2 a)",
        "chapter latch-neuron",
        computed=_log_slope_computed,
    ),
    Formula(
        "curvature",
        r"M''(a)",
        sp.diff(w * sp.tanh(a), a, 2),
        (a, w),
        "w > 0",
        "chapter latch-neuron",
    ),
    Formula(
        "gap",
        r"M_h(a) - a",
        _step - a,
        (a, w, h),
        "w > 0; 0 at a fixed point under the constant input h",
        "chapter latch-neuron",
        order="rev-lex",
        computed=_gap_computed,
    ),
    Formula(
        "w_of_fixed_point",
        r"w(a_+)",
        a / sp.tanh(a),
        (a,),
        "a > 0, h = 0; the weight whose positive fixed point is a",
        "chapter latch-neuron",
        names={a: "a_+"},
        within={a: (0.01, 25)},
    ),
    Formula(
        "slope_at_fixed_point",
        r"M'(a_+)",
        2 * a / sp.sinh(2 * a),
        (a,),
        "a > 0, h = 0, a the positive fixed point",
        "chapter latch-neuron",
        names={a: "a_+"},
        within={a: (0.01, 25)},
    ),
    Formula(
        "a_star",
        r"a^*(w)",
        _a_star,
        (w,),
        "w >= 1; the point where M' crosses 1",
        "chapter latch-neuron",
        computed=_a_star_computed,
        within={w: (1.01, 30)},
    ),
    Formula(
        "h_star",
        r"h^*(w)",
        _h_star,
        (w,),
        "w >= 1; the saddle-node threshold",
        "chapter latch-neuron",
        computed=_h_star_computed,
        within={w: (1.01, 30)},
    ),
    Formula(
        "margin",
        r"h^*(w) - |h|",
        _h_star - sp.Abs(h),
        (h, w),
        "w >= 1; what is left of the threshold under a constant input",
        "chapter latch-neuron",
        computed=_h_star_computed - sp.Abs(h),
        within={w: (1.01, 30)},
    ),
    Formula(
        "h_star_derivative",
        r"\frac{\mathrm{d} h^*}{\mathrm{d} w}",
        sp.sqrt((w - 1) / w),
        (w,),
        "w >= 1",
        "chapter latch-neuron",
        within={w: (1.01, 30)},
    ),
    Formula(
        "h_star_near_one",
        r"h^*(w)",
        sp.Rational(2, 3) * (w - 1) ** sp.Rational(3, 2),
        (w,),
        "leading order as w -> 1+",
        "chapter latch-neuron",
        relation=r"\sim",
        within={w: (1.01, 30)},
    ),
    Formula(
        "half_life_near_one",
        r"t_{1/2}(w)",
        sp.log(2) / (2 * (w - 1)),
        (w,),
        "leading order as w -> 1+; in steps",
        "chapter latch-neuron",
        relation=r"\sim",
        within={w: (1.01, 30)},
    ),
    Formula(
        "half_life",
        r"t_{1/2}",
        -sp.log(2) / sp.log(x),
        (x,),
        "x = M'(a_+), 0 < x < 1; steps in which the gradient at the attractor halves",
        "chapter latch-neuron",
        names={x: "M'(a_+)"},
        within={x: (0.01, 0.99)},
    ),
    Formula(
        "tanh_a_star",
        r"\tanh a^*(w)",
        sp.sqrt(1 - 1 / w),
        (w,),
        "w >= 1; the output at a*, and the slope dh*/dw",
        "chapter latch-neuron",
        computed=_tanh_a_star_computed,
        within={w: (1.01, 30)},
    ),
    Formula(
        "transit_time",
        r"L_1",
        sp.pi / sp.sqrt((h - _h_star) * sp.sqrt(1 - 1 / w)),
        (h, w),
        "leading order as h -> h*(w)+, w > 1; in steps",
        "chapter latch-neuron",
        relation=r"\sim",
        computed=sp.pi / sp.sqrt((h - _h_star_computed) * _tanh_a_star_computed),
        within={h: (4, 9), w: (1.01, 5)},
    ),
    Formula(
        "noisy_input",
        r"h_t",
        h + sigma * xi,
        (h, sigma, xi),
        "xi a standard normal draw",
        "chapter minimal-task",
        names={xi: r"\xi_t"},
    ),
    # --- three conditions ----------------------------------------------------------------
    # The weight of a linear unit may be negative, so it is written x here: w stands for w > 0.
    Formula(
        "linear_step",
        r"a_t",
        x * a + h,
        (a, x, h),
        "real a, h and x; x the weight of a linear unit, a its state one step earlier",
        "chapter three-conditions",
        names={a: "a_{t-1}", h: "h_t", x: "w"},
    ),
    Formula(
        "walk_variance",
        r"\operatorname{Var} a_t",
        sigma**2 * t,
        (sigma, t),
        "linear unit of weight 1 with independent noise; t steps from a known state",
        "chapter three-conditions",
    ),
    Formula(
        # (1 - x) (1 + x) keeps the digits that 1 - x^2 loses near |x| = 1.
        "leaky_variance",
        r"\operatorname{Var} a_t",
        sigma**2 * (1 - sp.Abs(x) ** (2 * t)) / ((1 - x) * (1 + x)),
        (sigma, t, x),
        "linear unit of weight x, |x| < 1, with independent noise; t steps from a known state",
        "chapter three-conditions",
        names={x: "w"},
    ),
    Formula(
        "sensitivity_step",
        r"\frac{\partial a_t}{\partial w}",
        sp.tanh(a) + _slope * delta,
        (a, delta, w),
        "delta the derivative of the state a at time t - 1 with respect to w",
        "chapter three-conditions",
        names={a: "a_{t-1}", delta: r"\frac{\partial a_{t-1}}{\partial w}"},
        order="rev-lex",
    ),
    # --- the minimal task ----------------------------------------------------------------
    Formula(
        "cost",
        r"C",
        (x - d) ** 2 / 2,
        (x, d),
        "one pattern; x the output at time T, d its target",
        "Bengio, Simard and Frasconi (1994), section II",
        names={x: "x_T"},
        order="rev-lex",
    ),
    Formula(
        "cost_derivative",
        r"\frac{\partial C}{\partial x}",
        sp.diff((x - d) ** 2 / 2, x),
        (x, d),
        "one pattern",
        "chapter minimal-task",
        names={x: "x_T"},
        order="rev-lex",
    ),
    Formula(
        "delta_at_end",
        r"\delta_T",
        (sp.tanh(a) - d) * sp.diff(sp.tanh(a), a),
        (a, d),
        "delta_t = dC/da_t, one pattern, a the net input at time T",
        "chapter learning-to-latch",
        names={a: "a_T"},
        order="rev-lex",
    ),
    Formula(
        "delta_step",
        r"\delta_{t-1}",
        delta * _slope,
        (delta, a, w),
        "delta the error at time t, a the net input at time t - 1",
        "chapter learning-to-latch",
        names={a: "a_{t-1}", delta: r"\delta_t"},
    ),
    Formula(
        "weight_term",
        r"\frac{\partial^+ C}{\partial w_t}",
        delta * sp.tanh(a),
        (delta, a),
        "delta the error at time t, a the net input at time t - 1; summed over t it is dC/dw",
        "chapter learning-to-latch",
        names={a: "a_{t-1}", delta: r"\delta_t"},
    ),
    # --- the vanishing gradient ----------------------------------------------------------
    Formula(
        "noise_correction",
        r"\Lambda(\sigma) - \ln M'(a_+)",
        sigma**2 * x * (2 * w - 1 - x) / (w * (1 - x) ** 2 * (1 + x)),
        (sigma, w, x),
        "leading order as sigma -> 0, w > 1, x the slope M'(a+), 0 < x < 1; in 1/step",
        "chapter vanishing-gradient",
        relation=r"\sim",
        names={x: "m"},
        within={w: (1.01, 30)},
    ),
    # --- explorables of two units --------------------------------------------------------
    Formula(
        "weighted_sum",
        r"(W x)_i",
        w1 * x1 + w2 * x2,
        (x1, x2, w1, w2),
        "two units; w1 and w2 the weights into unit i",
        "explorable PhasePlane",
        names={w1: "W_{i1}", w2: "W_{i2}"},
    ),
    Formula(
        "network_step",
        r"a_{i,t}",
        w1 * sp.tanh(a1) + w2 * sp.tanh(a2) + h,
        (a1, a2, w1, w2, h),
        "two units; w1 and w2 the weights into unit i, h its input, a1 and a2 one step earlier",
        "Bengio, Simard and Frasconi (1994), section II",
        names={w1: "W_{i1}", w2: "W_{i2}", a1: "a_{1,t-1}", a2: "a_{2,t-1}", h: "u_{i,t}"},
        order="rev-lex",
    ),
    Formula(
        "jacobian_entry",
        r"M'_{ij}(a)",
        x * _sech_squared,
        (a, x),
        "x = W_ij, of either sign; equals W_ij sech^2 a_j",
        "explorable PhasePlane",
        names=_ENTRY,
    ),
    Formula(
        "slope_ceiling",
        r"\max_{|y - a| \le d} f'(y)",
        _sech_squared.subs(sp.Abs(a), _near),
        (a, d),
        "d >= 0",
        "explorable UncertaintyBall",
        within={d: (0, 5)},
    ),
    Formula(
        "chain_entry",
        r"(M^{l+1})'_{ij}",
        w1 * (1 - x1**2) * m11 + w2 * (1 - x2**2) * m21,
        (x1, x2, w1, w2, m11, m21),
        "m11 and m21 a column of (M^l)', x1 and x2 the outputs after l steps, w1 and w2 the "
        "weights into unit i",
        "explorable PhasePlane",
        names={w1: "W_{i1}", w2: "W_{i2}"},
    ),
    Formula(
        "pushed",
        r"a_i",
        a + h * (a - x) / d,
        (a, x, d, h),
        "d > 0 the distance from the centre, x the centre's coordinate: a push outwards by h",
        "explorable UncertaintyBall",
        within={d: (0.1, 5)},
    ),
    Formula(
        "eigenvalue_edge",
        r"B(p)",
        sp.acosh(sp.Max(1, w / sp.cosh(a))),
        (a, w),
        "a = p; beyond it w^2 sech^2 p sech^2 B < 1, for the cross-coupled pair",
        "explorable GradientSurvival",
        names={a: "p"},
    ),
    Formula(
        "half_trace",
        r"\tau",
        (m11 + m22) / 2,
        (m11, m22),
        "half the trace of a matrix of two rows",
        "explorable PhasePlane",
    ),
    Formula(
        "discriminant",
        r"\delta",
        ((m11 - m22) / 2) ** 2 + m12 * m21,
        _matrix,
        "the eigenvalues are tau +- sqrt(delta); this form subtracts less than tau^2 - det",
        "explorable PhasePlane",
    ),
    Formula(
        "eigenvalue_upper",
        r"\operatorname{Re} \lambda_1",
        x + sp.sqrt(sp.Max(delta, 0)),
        (x, delta),
        "x = tau half the trace, delta the discriminant; greater of the real parts",
        "explorable PhasePlane",
        names={x: r"\tau"},
    ),
    Formula(
        "eigenvalue_lower",
        r"\operatorname{Re} \lambda_2",
        x - sp.sqrt(sp.Max(delta, 0)),
        (x, delta),
        "x = tau half the trace, delta the discriminant; lesser of the real parts",
        "explorable PhasePlane",
        names={x: r"\tau"},
    ),
    Formula(
        "eigenvalue_imaginary",
        r"\operatorname{Im} \lambda_1",
        sp.sqrt(sp.Max(-delta, 0)),
        (delta,),
        "delta the discriminant",
        "explorable PhasePlane",
    ),
    Formula(
        "spectral_radius",
        r"\rho",
        sp.sqrt((sp.Abs(x) + sp.sqrt(sp.Max(delta, 0))) ** 2 + sp.Max(-delta, 0)),
        (x, delta),
        "x = tau half the trace, delta the discriminant of a matrix of two rows",
        "explorable PhasePlane",
        names={x: r"\tau"},
    ),
    Formula(
        # Half the sum of the lengths of the parts that do and do not keep orientation:
        # no difference of squares, so no cancellation.
        "spectral_norm",
        r"\lVert m \rVert_2",
        (
            sp.sqrt((m11 + m22) ** 2 + (m21 - m12) ** 2)
            + sp.sqrt((m11 - m22) ** 2 + (m21 + m12) ** 2)
        )
        / 2,
        _matrix,
        "greatest singular value of a matrix of two rows",
        "explorable PhasePlane",
    ),
    Formula(
        "determinant",
        r"\det m",
        _det,
        _matrix,
        "a matrix of two rows",
        "explorable PhasePlane",
    ),
    Formula(
        # (1 - p^2) (1 - q^2) for the singular values p and q.
        "norm_gap",
        r"(1 - p^2)(1 - q^2)",
        1 + _det**2 - (m11**2 + m12**2 + m21**2 + m22**2),
        _matrix,
        "p and q the singular values of a matrix of two rows; both are < 1 exactly if this is > 0 "
        "and |det| < 1",
        "explorable PhasePlane",
    ),
    Formula(
        "cramer_first",
        r"(m^{-1} x)_1",
        (m22 * x1 - m12 * x2) / _det,
        (*_matrix, x1, x2),
        "det m != 0",
        "explorable PhasePlane",
    ),
    Formula(
        "cramer_second",
        r"(m^{-1} x)_2",
        (m11 * x2 - m21 * x1) / _det,
        (*_matrix, x1, x2),
        "det m != 0",
        "explorable PhasePlane",
    ),
    Formula(
        "distance",
        r"|x|",
        sp.sqrt(x1**2 + x2**2),
        (x1, x2),
        "Euclidean length of a vector of two",
        "explorable UncertaintyBall",
    ),
    Formula(
        "circle_first",
        r"y_1",
        a + d * sp.cos(t),
        (a, d, t),
        "a point of the circle of radius d round a centre whose first coordinate is a",
        "explorable UncertaintyBall",
        names={t: r"\varphi", a: "a_1"},
    ),
    Formula(
        "circle_second",
        r"y_2",
        a + d * sp.sin(t),
        (a, d, t),
        "a point of the circle of radius d round a centre whose second coordinate is a",
        "explorable UncertaintyBall",
        names={t: r"\varphi", a: "a_2"},
    ),
    Formula(
        "contraction_gap",
        r"1 - M'(a)",
        1 - _slope,
        (a, w),
        "M(a) = w tanh a",
        "explorable Rectangle",
    ),
    Formula(
        "noise_borne",
        r"b",
        (1 - x) * d,
        (x, d),
        "x = lambda a bound on |M'| over a ball of radius d (Theorem 3)",
        "explorable UncertaintyBall",
        names={x: r"\lambda"},
        within={d: (0, 5)},
    ),
    Formula(
        "rectangle_bound",
        r"b(d)",
        _rectangle,
        (a, d, w),
        "a = a+ the positive fixed point, w > 1, 0 < d < a+",
        "explorable Rectangle",
        names={a: "a_+"},
        within={w: (1.01, 30), d: (0, 5)},
    ),
    Formula(
        "rectangle_bound_slope",
        r"b'(d)",
        sp.diff(_rectangle, d),
        (a, d, w),
        "a = a+ the positive fixed point, w > 1; 0 where the rectangle is largest",
        "explorable Rectangle",
        names={a: "a_+"},
        within={w: (1.01, 30), d: (0, 5)},
    ),
    Formula(
        "decades",
        r"\log_{10} x",
        sp.log(x) / sp.log(10),
        (x,),
        "x > 0",
        "explorable GradientSurvival",
        within={x: (0.01, 9)},
    ),
    Formula(
        "growth_per_step",
        r"\lVert m \rVert^{1/t}",
        10 ** (delta / t),
        (delta, t),
        "delta = log10 |m| after t >= 1 steps",
        "explorable GradientSurvival",
        names={delta: r"\log_{10} \lVert m \rVert"},
        within={t: (1, 200)},
    ),
    # --- reduced-attracting-set ----------------------------------------------------------
    Formula(
        "state_margin",
        r"h_c(a)",
        w * sp.tanh(a) - a,
        (a, w),
        "w > 1, 0 < a <= a*; the largest noise that the bit survives for ever from state a",
        "chapter reduced-attracting-set",
        order="rev-lex",
        within={w: (1.01, 30)},
    ),
    # --- outside-gamma -------------------------------------------------------------------
    Formula(
        "peak_ceiling",
        r"\max_t \frac{\partial a_t}{\partial a_0}",
        sp.sqrt(w * (w - 1)) / a,
        (a, w),
        "w > 1, 0 < a <= a*; the numerator is M(a*)",
        "chapter outside-gamma",
        relation=r"\le",
        names={a: "a_0"},
        within={w: (1.01, 30)},
    ),
    Formula(
        "peak_floor",
        r"\max_t \frac{\partial a_t}{\partial a_0}",
        _a_star / a * sp.exp(-2 * w * (w - 1) * _a_star**2 / (3 * (w * (w - 1) - _a_star**2))),
        (a, w),
        "w > 1, 0 < a <= a*; exp(-2 a*^2/(3 (1 - 1/g^2))) with g = M(a*)/a*",
        "chapter outside-gamma",
        relation=r"\ge",
        names={a: "a_0"},
        within={w: (1.01, 30)},
    ),
    Formula(
        "expansion_radius",
        r"\varepsilon_0",
        3 * sp.sqrt(3) * (sigma - 1) / (2 * x),
        (sigma, x),
        "sigma > 1 the greatest singular value of M'(x), here x = |W| its operator norm",
        "chapter outside-gamma",
        names={sigma: r"\sigma_1", x: r"\lVert W \rVert"},
    ),
    # --- bounded noise -------------------------------------------------------------------
    Formula(
        "tube_margin",
        r"m(d)",
        w * sp.tanh(a - d) - (a - d),
        (a, d, w),
        "a the positive fixed point, 0 < d < a: the largest noise that a tube of radius d bears",
        "chapter bounded-noise",
        names={a: "a_+"},
    ),
    # --- what a safe bit costs -----------------------------------------------------------
    Formula(
        "landscape",
        r"V(a)",
        a**2 / 2 - w * sp.log(sp.cosh(a)),
        (a, w),
        "the step M(a) - a is -V'(a)",
        "chapter safe-bit",
    ),
    Formula(
        "price_factor",
        r"1 - \frac{m + h_\tau}{a_\tau - p}",
        1 - (m + h) / x,
        (m, h, x),
        "margin m, input h >= -m, x = a_tau - p > 0: what a step leaves of the gradient",
        "chapter safe-bit",
        names={h: r"h_\tau", x: r"(a_\tau - p)"},
        within={x: (0.1, 9)},
    ),
    Formula(
        "price_at_rest",
        r"f'(x^*)",
        1 - m / d,
        (m, d),
        "margin m and room d = x* - p, 0 < m < d",
        "chapter safe-bit",
        relation=r"\le",
        within={m: (0.01, 1), d: (1, 9)},
    ),
    Formula(
        "shape",
        r"f(a)",
        d * (c * a / d + g / (2 * n) * _bend),
        (a, d, g, c, n),
        "scale d > 0, gain g, far slope c, sharpness n > 0: a unit that bends at -d and d",
        "explorable UnitShape",
        names=_SHAPE,
        within={d: (0.5, 9), g: (0.5, 3), c: (0, 0.9), n: (0.5, 6)},
    ),
    Formula(
        "shape_slope",
        r"f'(a)",
        c + g * sp.sinh(2 * n) / (sp.cosh(2 * n * a / d) + sp.cosh(2 * n)),
        (a, d, g, c, n),
        "scale d > 0, gain g, far slope c, sharpness n > 0",
        "explorable UnitShape",
        names=_SHAPE,
        within={d: (0.5, 9), g: (0.5, 3), c: (0, 0.9), n: (0.5, 6)},
    ),
    Formula(
        "shape_edge",
        r"p",
        d * sp.acosh(g * sp.sinh(2 * n) / (1 - c) - sp.cosh(2 * n)) / (2 * n),
        (d, g, c, n),
        "c < 1 < c + g tanh n: where the slope of the unit crosses 1",
        "explorable UnitShape",
        names=_SHAPE,
        within={d: (0.5, 9), g: (1.5, 3), c: (0.4, 0.9), n: (0.5, 6)},
    ),
    Formula(
        "edge_of_chaos",
        r"\Lambda_1",
        2 * (g - 1) ** 2 / 3,
        (g,),
        "leading order as g -> 1+; a large random network of gain g, by mean-field theory",
        "chapter other-gradients",
        relation=r"\sim",
    ),
    # --- attractors ----------------------------------------------------------------------
    Formula(
        "energy_term",
        r"G(x)",
        x * sp.atanh(x) + sp.log(1 - x**2) / 2,
        (x,),
        "-1 < x < 1; the integral of artanh from 0 to x",
        "chapter attractors, after Marcus and Westervelt (1989)",
    ),
    # --- pseudo-Newton -------------------------------------------------------------------
    Formula(
        "unit_gamma",
        r"\gamma",
        (1 - x**2) ** 2 * q - 2 * x * (1 - x**2) * e,
        (x, q, e),
        "gamma = d2C/da2; x = tanh a the output, e = dC/dx, q = d2C/dx2; f'^2 q + f'' e",
        "Becker and LeCun (1988)",
        order="rev-lex",
    ),
    Formula(
        "unit_gamma_gauss_newton",
        r"\gamma",
        (1 - x**2) ** 2 * q,
        (x, q),
        "as unit_gamma, without the term in f''; never negative where q is not",
        "Becker and LeCun (1988)",
        relation=r"\approx",
    ),
    Formula(
        "gamma_step",
        r"\gamma_{t-1}",
        _slope**2 * q + sp.diff(_step, a, 2) * delta,
        (q, a, w, delta),
        "one unit; q = gamma_t, delta = delta_t, a the net input at time t - 1; with delta = 0 it "
        "is the Gauss-Newton form",
        "chapter pseudo-newton",
        names={q: r"\gamma_t", delta: r"\delta_t", a: "a_{t-1}"},
    ),
    Formula(
        "pseudo_newton_step",
        r"\Delta w_i",
        -eta / (sp.Abs(c) + mu) * g,
        (g, c, eta, mu),
        "g = dC/dw_i and c = d2C/dw_i^2 for one sequence; eta, mu > 0",
        "Bengio, Simard and Frasconi (1994), time-weighted pseudo-Newton",
        names={
            g: r"\frac{\partial C}{\partial w_i}",
            c: r"\frac{\partial^2 C}{\partial w_i^2}",
        },
        order="rev-lex",
    ),
    Formula(
        "chain_gamma",
        r"\gamma_{T-n}",
        c * x ** (2 * n) + q * delta * x ** (n - 1) * (1 - x**n) / (1 - x),
        (c, q, delta, x, n),
        "one unit whose map has slope x, 0 < x < 1, and second derivative q at every step; c and "
        "delta the second and first derivative of the cost by a_T, n steps before the end",
        "chapter pseudo-newton",
        names={c: r"\gamma_T", q: "M''", delta: r"\delta_T", x: r"\rho"},
        within={x: (0.05, 0.95)},
    ),
    Formula(
        "gauss_newton_ceiling",
        r"\max_s \lvert \Delta w \rvert",
        eta * sp.Abs(e) / (2 * sp.sqrt(mu)),
        (e, eta, mu),
        "Gauss-Newton form: gradient e s and curvature s^2, e the error and s = dx_T/dw",
        "chapter pseudo-newton",
    ),
    Formula(
        "full_form_plateau",
        r"\lvert \Delta h \rvert",
        eta * (1 - x) / (2 * sp.Abs(x1)),
        (x, x1, eta),
        "full form, the neuron at rest on a_+: x = M'(a_+), 0 < x < 1, x1 = tanh a_+ not 0; n "
        "steps before the end, where 1 << n and |gamma| >> mu",
        "chapter pseudo-newton",
        relation=r"\approx",
        names={x: r"\rho", x1: "x_+"},
        within={x: (0.01, 0.99), x1: (0.1, 1)},
    ),
    Formula(
        "steps_gained",
        r"n",
        sp.log(mu) / sp.log(x),
        (mu, x),
        "0 < mu < 1, 0 < x < 1; steps in which a factor x a step eats up the gain 1/mu",
        "chapter pseudo-newton",
        names={x: r"\rho"},
        within={x: (0.01, 0.95)},
    ),
    Formula(
        "pseudo_newton_bound",
        r"\lvert \Delta w_i \rvert",
        eta * sp.Abs(g) / mu,
        (g, eta, mu),
        "g = dC/dw_i; equal where the second derivative is 0, in either form",
        "chapter pseudo-newton",
        relation=r"\leq",
        names={g: r"\frac{\partial C}{\partial w_i}"},
    ),
    Formula(
        "ceiling_by_reach",
        r"\max_s \lvert \Delta w \rvert",
        eta * sp.Abs(e) * x ** (-n / 2) / 2,
        (e, eta, x, n),
        "gauss_newton_ceiling with mu = x^n, which buys n steps at a factor x a step, 0 < x < 1",
        "chapter pseudo-newton",
        names={x: r"\rho"},
        within={x: (0.05, 0.95)},
    ),
    Formula(
        "inflection_output",
        r"x",
        (d - sp.sqrt(d**2 + 3)) / 3,
        (d,),
        "one unit, cost (tanh a - d)^2/2, -1 < d < 1: the output below d where d2C/da2 = 0",
        "chapter pseudo-newton",
    ),
    # --- clipping and what divides by its own size ---------------------------------------
    Formula(
        "clipped_length",
        r"\lVert \bar{g} \rVert",
        sp.Min(x, d),
        (x, d),
        "x >= 0 the length of a gradient, d > 0 the threshold",
        "Pascanu, Mikolov and Bengio (2013)",
        names={x: r"\lVert g \rVert", d: r"\theta"},
        within={x: (0, 30), d: (0.1, 9)},
    ),
    Formula(
        "echo",
        r"\sum_k \mu^k \eta \lVert g \rVert",
        eta * x / (1 - mu),
        (x, eta, mu),
        "x >= 0 the length of one gradient, whose step momentum repeats; 0 <= mu < 1",
        "chapter explosion",
        names={x: r"\lVert g \rVert"},
        within={x: (0, 30)},
    ),
    Formula(
        "steady_adam_step",
        r"\Delta w",
        -eta * g / (sp.Abs(g) + epsilon),
        (g, eta, epsilon),
        "Adam, or RMSProp after many updates, on a gradient g that stays as it is",
        "chapter explosion",
    ),
    Formula(
        "far_share",
        r"s_k",
        (x**n - x**t) / (1 - x**t),
        (x, n, t),
        "one term for each of t steps, the one of age j being x^j, x > 0 and not 1; the share of "
        "those of age n and more, n <= t",
        "chapter explosion",
        names={x: r"\rho", n: "k", t: "T"},
        within={x: (0.05, 0.95), n: (0, 5), t: (5, 200)},
    ),
    Formula(
        "updates_to_tell",
        r"K",
        (sigma / x) ** 2,
        (sigma, x),
        "x > 0 what an update has in common with all others, sigma the spread of the rest of it",
        "chapter explosion",
        names={x: "f"},
        within={x: (0.05, 1)},
    ),
    # --- discrete error propagation ------------------------------------------------------
    Formula(
        "threshold_output",
        r"y",
        sp.Piecewise((1, x > 0), (-1, True)),
        (x,),
        "x the net input; 0 counts as negative, so that the output is never 0",
        "Bengio, Simard and Frasconi (1994), discrete error propagation",
    ),
    Formula(
        "output_change",
        r"\Delta y",
        sp.Piecewise((2, (x <= 0) & (x + d > 0)), (-2, (x > 0) & (x + d <= 0)), (0, True)),
        (x, d),
        "x the net input, d the move of it",
        "Bengio, Simard and Frasconi (1994), discrete error propagation",
        names=_UNIT,
    ),
    Formula(
        "required_move",
        r"\Delta x",
        sp.Piecewise(
            (epsilon - x, (delta > 0) & (x <= 0)), (-epsilon - x, (delta < 0) & (x > 0)), (0, True)
        ),
        (x, delta, epsilon),
        "x the net input, delta the wanted change of the output, epsilon > 0 the margin",
        "Bengio, Simard and Frasconi (1994), discrete error propagation",
        names=_UNIT,
    ),
    Formula(
        "wish_chance",
        r"P(S(g){=}2)",
        (sp.Max(low, sp.Min(high, g)) - low) / (high - low),
        (g, low, high),
        "low = MIN < high = MAX, g != 0; g is clipped to [MIN, MAX]",
        "Bengio, Simard and Frasconi (1994), discrete error propagation",
        names=_WISH,
    ),
    Formula(
        "wish_mean",
        r"\operatorname{E} S(g)",
        2 * (2 * g - low - high) / (high - low),
        (g, low, high),
        "low = MIN <= g <= high = MAX",
        "chapter discrete-error",
        names=_WISH,
    ),
    Formula(
        "wish_variance",
        r"\operatorname{Var} S(g)",
        (g - low) * (high - g) * 16 / (high - low) ** 2,
        (g, low, high),
        "low = MIN <= g <= high = MAX",
        "chapter discrete-error",
        names=_WISH,
    ),
    Formula(
        "turning_move",
        r"\Delta x",
        -delta * (epsilon + sp.Abs(x)),
        (x, delta, epsilon),
        "delta = +1 or -1 the output; the one move other than 0 that the rule can ask for",
        "chapter discrete-error",
        names={delta: "y"},
    ),
    Formula(
        "kept_chance",
        r"p",
        sp.Min(1, (2 + w * (w + epsilon)) / 4),
        (w, epsilon),
        "a bit held without input by a threshold unit, MIN = -2, MAX = 2; a step",
        "chapter discrete-error",
    ),
    Formula(
        "sure_weight",
        r"w_\varepsilon",
        (sp.sqrt(epsilon**2 + 8) - epsilon) / 2,
        (epsilon,),
        "the self-loop from which on the discrete error arrives for sure, without input",
        "chapter discrete-error",
    ),
    # --- plateaus ------------------------------------------------------------------------
    Formula(
        "output_rise",
        r"\frac{\mathrm{d} x_+}{\mathrm{d} w}",
        2 * sp.tanh(a) ** 2 / (sp.sinh(2 * a) - 2 * a),
        (a,),
        "a > 0 the positive fixed point, x_+ = tanh a the output on it, h = 0",
        "chapter plateaus",
        names={a: "a_+"},
        order="rev-lex",
        within={a: (0.1, 25)},
    ),
    Formula(
        "cliff_height",
        r"C_- - C_+",
        2 * d * x,
        (x, d),
        "x = x_+ the output on the attractor, d the target; wrong side minus right side",
        "chapter plateaus",
        names={x: "x_+"},
    ),
    Formula(
        "cliff_slope",
        r"\left.\frac{\partial C}{\partial u}\right|_{u=0}",
        -d * w ** (t - 1),
        (w, d, t),
        "w > 0, t = T >= 1 the length, no noise; u the first input, d its target",
        "chapter plateaus",
        names={t: "T"},
    ),
    Formula(
        "forgetting_bound",
        r"\lvert \nabla C \rvert",
        (1 + sp.Abs(d)) * w ** (t - 2) * (w + (t - 1) * sp.Abs(h)),
        (w, h, d, t),
        "0 < w <= 1, t = T >= 2 the length, h = u the first input, no noise; one sequence",
        "chapter plateaus",
        relation=r"\le",
        names={h: "u", t: "T"},
        within={w: (0.05, 1), t: (2, 200)},
    ),
    Formula(
        "one_wrong",
        r"C",
        x**2 + d**2,
        (x, d),
        "two sequences of targets d and -d, both outputs at x: one right, one wrong",
        "chapter plateaus",
        names={x: "x_+"},
        order="rev-lex",
    ),
    Formula(
        "descent",
        r"\theta_{k+1}",
        x - eta * g,
        (x, g, eta),
        "one update of gradient descent; x = theta_k a parameter, g its derivative, eta > 0",
        "chapter plateaus",
        names={x: r"\theta_k", g: r"\frac{\partial C}{\partial \theta}", eta: r"\eta"},
        order="rev-lex",
    ),
    Formula(
        # Training near a cliff is chaotic: a difference in the last bit of one tanh grows to
        # 1e-6 within 300 updates. On a grid it is rounded away before it can grow.
        "descent_on_grid",
        r"\theta_{k+1}",
        sp.floor((x - eta * g) * 2**20 + sp.Rational(1, 2)) / 2**20,
        (x, g, eta),
        "as descent, rounded to a multiple of 2^-20, about a millionth",
        "explorable LearningLive",
        names={x: r"\theta_k", g: r"\frac{\partial C}{\partial \theta}", eta: r"\eta"},
    ),
    # --- searches ------------------------------------------------------------------------
    Formula(
        # With the maximum the exponential never overflows, however far down the move leads.
        "metropolis_chance",
        r"P(\text{accept})",
        sp.exp(-sp.Max(delta, 0) / temp),
        (delta, temp),
        "delta the rise of the cost by the move, temp > 0 the temperature; 1 if it does not rise",
        "Metropolis et al. (1953)",
        names={delta: r"\Delta C"},
    ),
    Formula(
        "boltzmann_weight",
        r"\pi(x)",
        sp.exp(-c / temp),
        (c, temp),
        "c = C(x) the cost, temp > 0 the temperature; up to a factor that makes the sum 1",
        "Metropolis et al. (1953)",
        relation=r"\propto",
        names={c: "C(x)"},
    ),
    Formula(
        "step_factor",
        r"\frac{v_{\mathrm{new}}}{v}",
        sp.Piecewise(
            (1 + c * (5 * x - 3) / 2, x > sp.Rational(3, 5)),
            (1 / (1 + c * (2 - 5 * x) / 2), x < sp.Rational(2, 5)),
            (1, True),
        ),
        (x, c),
        "x the share of moves accepted, 0 to 1; c > 0",
        "Corana et al. (1987)",
        names={x: "r"},
        within={x: (0, 1), c: (0.1, 3)},
    ),
    Formula(
        "vee_acceptance",
        "r(v)",
        2 * temp / d * (1 - sp.exp(-d / (2 * temp))),
        (d, temp),
        "cost |x| in equilibrium at the temperature temp, moves uniform on [-d, d], d > 0",
        "chapter simulated-annealing",
        names={d: "v"},
        within={d: (0.1, 5)},
    ),
    Formula(
        "escape_time",
        r"\operatorname{E} \tau",
        sp.exp(d / temp) / x,
        (d, x, temp),
        "moves until one that leads out of a hole is accepted: d its depth, x the chance that such "
        "a move is proposed, 0 < x <= 1",
        "chapter simulated-annealing",
        names={d: "D", x: "q"},
        within={d: (0, 1), x: (0.05, 1)},
    ),
    Formula(
        "uniform_between",
        "y",
        x1 + x * (x2 - x1),
        (x, x1, x2),
        "x uniform on [0, 1): y is uniform between x1 and x2",
        "explorable SurfaceSearch",
    ),
    Formula(
        "box_after",
        r"\ell_k",
        d * x**n,
        (d, x, n),
        "half-width of the box after n improvements; d > 0 the first, 0 < x < 1 its factor",
        "Bengio, Simard and Frasconi (1994), multigrid random search",
        names={d: r"\ell_0", x: r"\kappa", n: "k"},
        within={d: (0.1, 5), x: (0.05, 0.95)},
    ),
    Formula(
        "box_reach",
        r"\sum_{j=0}^{k-1} \ell_j",
        d * (1 - x**n) / (1 - x),
        (d, x, n),
        "how far n improvements can lead in one variable; d > 0, 0 < x < 1 as in box_after",
        "chapter multigrid",
        names={d: r"\ell_0", x: r"\kappa", n: "k"},
        within={d: (0.1, 5), x: (0.05, 0.95)},
    ),
    Formula(
        "line_improvement",
        "p_1",
        sp.Min(sp.Rational(1, 2), x / d),
        (x, d),
        "one variable, the cost grows with the distance from its least point: x >= 0 that "
        "distance, d > 0 the half-width of the box",
        "chapter multigrid",
        names={x: "R", d: r"\ell"},
        within={d: (0.1, 5), x: (0, 5)},
    ),
    Formula(
        "ball_share",
        "q_n",
        sp.pi / (2 * n) * q,
        (q, n),
        "share of a ball in the cube round it, in n >= 2 variables, from q that in n - 2; "
        "q_0 = q_1 = 1",
        "chapter multigrid",
        names={q: "q_{n-2}"},
        within={n: (2, 50)},
    ),
    Formula(
        "ball_improvement",
        "p_n",
        q * (x / d) ** n,
        (q, x, d, n),
        "n variables, q the share of a ball in its cube, x the distance from the least point, "
        "d >= 2 x the half-width of the box",
        "chapter multigrid",
        names={q: "q_n", x: "R", d: r"\ell"},
        within={d: (1, 5), x: (0.01, 0.5), n: (1, 30)},
    ),
    Formula(
        "wide_box_exponent",
        r"\frac{\mathrm{d} \ln R}{\mathrm{d} \ln N}",
        -1 / (n * (1 + n * sp.log(x))),
        (n, x),
        "N evaluations, n < -1/log(x) variables, 0 < x < 1 the factor of the box, which stays wide",
        "chapter multigrid",
        relation=r"\approx",
        names={x: r"\kappa"},
        within={n: (0.5, 4), x: (0.85, 0.99)},
    ),
    # --- experiments ---------------------------------------------------------------------
    Formula(
        "mean_error_variance",
        r"\operatorname{Var} \bar{e}",
        q * (1 - q) * (1 + (m - 1) * c) / (m * n),
        (q, c, m, n),
        "n independent trials, each of m sequences wrong with probability q; c the correlation of "
        "two of them",
        "chapter experiments",
        names={c: r"\rho"},
        within={n: (2, 200)},
    ),
    Formula(
        "majority_error",
        r"e_m",
        sp.Rational(1, 2) - 1 / sp.sqrt(2 * sp.pi * m),
        (m,),
        "leading order for large m: mean error of the best constant answer to m independent coins",
        "chapter experiments",
        relation=r"\approx",
    ),
    Formula(
        "error_reach",
        r"\lvert \bar{e} - \bar{e}\,' \rvert",
        t * sigma * sp.sqrt(1 / n + 1 / m),
        (t, sigma, n, m),
        "t a quantile, sigma the spread of a trial, n and m the trials on both sides",
        "chapter experiments",
        relation=r"\le",
        names={t: r"t_{0.975}", sigma: "s", m: "n'"},
        within={n: (2, 200)},
    ),
    Formula(
        "passes_presentations",
        r"\operatorname{E} P",
        m * (1 - (1 - q) ** n) / q,
        (q, m, n),
        "passes of m presentations, each the last with probability 0 < q < 1, n at most",
        "chapter experiments",
        names={n: "K"},
        within={q: (0.01, 0.99)},
    ),
    Formula(
        "stopped_share",
        r"\lambda",
        (high - c) / (high - low),
        (c, low, high),
        "c the mean of the presentations, low those of a trial that stops early, high the budget",
        "chapter experiments",
        names={c: r"\bar{P}", low: "a", high: "B"},
        order="rev-lex",
    ),
    # --- the three problems again ------------------------------------------------------------
    Formula(
        "luck_of_adding",
        r"P(\lvert s \rvert < d)",
        d * (2 - d),
        (d,),
        "s the sum of two independent numbers, uniform on [-1/2, 1/2]; 0 <= d <= 1",
        "chapter three-problems-again",
        within={d: (0, 1)},
    ),
    Formula(
        "left_of_bit",
        r"r",
        2 ** (-t / n),
        (t, n),
        "t steps, T or a multiple of it; n > 0 the half-life of a state that decays",
        "chapter three-problems-again",
        names={t: "T", n: "k"},
        within={n: (1, 200)},
    ),
    # --- random guessing ---------------------------------------------------------------------
    Formula(
        "geometric_tail",
        r"P(N > n)",
        (1 - x) ** n,
        (x, n),
        "N the guesses until the first success, x = p the chance of one, 0 < p < 1",
        "chapter random-guessing",
        names={x: "p"},
        within={x: (0.01, 0.99)},
    ),
    Formula(
        "geometric_variance",
        r"\operatorname{Var} N",
        (1 - x) / x**2,
        (x,),
        "0 < x = p < 1",
        "chapter random-guessing",
        names={x: "p"},
        within={x: (0.01, 0.99)},
    ),
    Formula(
        "guesses_gap",
        r"\operatorname{E} \frac{1}{p} - \frac{1}{\operatorname{E} p}",
        q * (1 - q) * (x1 - x2) ** 2 / (x1 * x2 * (q * x1 + (1 - q) * x2)),
        (q, x1, x2),
        "a share q of the training sets has the chance x1, the others x2; 0 < x1, x2",
        "chapter random-guessing",
        names={x1: "p_1", x2: "p_2"},
        within={q: (0, 1), x1: (0.01, 1), x2: (0.01, 1)},
    ),
    Formula(
        "held_weight",
        r"w_c",
        (a + h) / sp.tanh(a),
        (a, h),
        "a = c > 0; the weight with w tanh c - b = c, h = b >= 0 the bound of the noise",
        "chapter random-guessing",
        names={a: "c", h: "b"},
        within={a: (0.05, 9), h: (0, 5)},
    ),
    Formula(
        "box_share",
        r"p",
        (m - w) * (m - x) ** 2 / (8 * m**3),
        (w, x, m),
        "w = held_weight(c, b), x = c > 0, m = B the bound of the weights, B >= w and B >= c",
        "chapter random-guessing",
        relation=r"\geq",
        names={w: "w_c", x: "c", m: "B"},
        within={w: (1, 19), x: (0, 9), m: (20, 200)},
    ),
    # --- a token on a few states, chapter em ---------------------------------------------
    Formula(
        "move_credit",
        r"P(\text{moved} \mid \text{class})",
        m * x / (m * x + w * (1 - x)),
        (x, m, w),
        "two ways: the token moves with chance x = p, from where the class has the chance m, or "
        "stays, from where it has the chance w",
        "chapter em",
        names={x: "p", m: r"\beta_1", w: r"\beta_0"},
        within={x: (0.01, 0.99), m: (0.01, 1), w: (0.01, 1)},
    ),
    Formula(
        "two_state_coefficient",
        r"\tau",
        sp.Abs(1 - x1 - x2),
        (x1, x2),
        "two states; the token leaves one with chance x1 = p, the other with chance x2 = q",
        "chapter em",
        names={x1: "p", x2: "q"},
        within={x1: (0, 1), x2: (0, 1)},
    ),
    Formula(
        "credit_left",
        r"\frac{\operatorname{osc} \beta_{T - t}}{\operatorname{osc} \beta_T}",
        (1 - n * epsilon) ** t,
        (n, epsilon, t),
        "n states, t steps, every move at every step with a chance of at least epsilon <= 1/n",
        "chapter em",
        relation=r"\leq",
        order="rev-lex",
        within={n: (2, 9), epsilon: (0.001, 0.1)},
    ),
    # --- another clock -----------------------------------------------------------------------
    Formula(
        "leaky_step",
        r"x_t",
        (1 - z) * x + z * sp.tanh(w * x + h),
        (x, w, h, z),
        "w > 0, 0 < z <= 1; x the state, which is an output, one step earlier",
        "chapter another-clock",
        names={x: "x_{t-1}", h: "h_t"},
        order="rev-lex",
    ),
    Formula(
        "leaky_slope",
        r"\lambda_z",
        1 - z * (1 - x),
        (x, z),
        "x = lambda the slope of the latch at the same state, 0 < z <= 1",
        "chapter another-clock",
        names={x: r"\lambda"},
        order="rev-lex",
    ),
    Formula(
        "least_write_steps",
        r"n",
        -sp.log(1 + x) / sp.log(1 - z),
        (x, z),
        "steps from -x_+ above 0, x = x_+ = tanh a_+, 0 < z < 1; whatever the input",
        "chapter another-clock",
        relation=r"\ge",
        names={x: "x_+"},
        within={x: (0, 1)},
    ),
    Formula(
        "leaky_margin",
        r"m_z",
        z * _h_star / w,
        (w, z),
        "w >= 1, 0 < z <= 1; what the edge bears of noise that is added to the state",
        "chapter another-clock",
        computed=z * _h_star_computed / w,
        within={w: (1.01, 30)},
    ),
    Formula(
        "skip_slope",
        r"r",
        x ** (1 / n),
        (x, n),
        "n the longest delay, x = lambda the sum of the slopes of all delays, 0 < x < 1; per step",
        "chapter another-clock",
        relation=r"\le",
        names={x: r"\lambda", n: "D"},
        within={x: (0.05, 0.95), n: (1, 50)},
    ),
    Formula(
        "residual_step",
        r"x_t",
        x + z * sp.tanh(w * x + h),
        (x, w, h, z),
        "w > 0, z > 0; x the state one step earlier, all of which is kept",
        "chapter another-clock",
        names={x: "x_{t-1}", h: "h_t"},
        order="rev-lex",
    ),
    # --- gates -------------------------------------------------------------------------------
    Formula(
        "gate_leak",
        r"1 - \sigma(g)",
        1 / (1 + sp.exp(g)),
        (g,),
        "g the bias of a forget gate; what it leaks at a step",
        "chapter gates",
        within={g: (-5, 12)},
    ),
    Formula(
        "gate_half_life",
        r"t_{1/2}",
        sp.log(2) / sp.log(1 + sp.exp(-g)),
        (g,),
        "g the bias of a forget gate; in steps",
        "chapter gates",
        # ln(1 + y) = 2 artanh(y/(2 + y)), for a gate that leaks little
        computed=sp.log(2) / (2 * sp.atanh(sp.exp(-g) / (2 + sp.exp(-g)))),
        within={g: (-5, 12)},
    ),
    Formula(
        "gate_kept",
        r"\sigma(g)^T",
        (1 + sp.exp(-g)) ** (-n),
        (g, n),
        "g the bias of a forget gate, n = T steps",
        "chapter gates",
        names={n: "T"},
        within={g: (-5, 12)},
    ),
    Formula(
        "gate_slope",
        r"\frac{\mathrm{d}}{\mathrm{d} g} \sigma(g)^T",
        n * (1 + sp.exp(-g)) ** (-n) / (1 + sp.exp(g)),
        (g, n),
        "g the bias of a forget gate, n = T steps",
        "chapter gates",
        names={n: "T"},
        within={g: (-5, 12)},
    ),
    Formula(
        "gate_best_bias",
        r"g",
        sp.log(n),
        (n,),
        "where gate_slope is largest; n = T > 0 steps",
        "chapter gates",
        names={n: "T"},
        within={n: (1, 200)},
    ),
    Formula(
        "gate_kept_at_best",
        r"\sigma(\ln T)^T",
        (n / (n + 1)) ** n,
        (n,),
        "n = T > 0 steps; tends to 1/e",
        "chapter gates",
        names={n: "T"},
        within={n: (1, 200)},
    ),
    Formula(
        "gate_slope_at_best",
        r"\max_g \frac{\mathrm{d}}{\mathrm{d} g} \sigma(g)^T",
        (n / (n + 1)) ** (n + 1),
        (n,),
        "n = T > 0 steps; tends to 1/e",
        "chapter gates",
        names={n: "T"},
        within={n: (1, 200)},
    ),
    Formula(
        "write_and_keep",
        r"\frac{\partial x_T}{\partial n_1}",
        z * (1 - z) ** (n - 1),
        (z, n),
        "z the constant leak, 0 < z < 1, n = T >= 1 steps; what is left of something new at step 1",
        "chapter gates",
        names={n: "T"},
        within={n: (1, 200)},
    ),
    Formula(
        "gate_price",
        r"f'(x^*)",
        1 - z * h / d,
        (h, z, d),
        "of inputs of size up to h = b > 0 the share z arrives at the state; d > 0 the room",
        "chapter gates",
        relation=r"\le",
        names={h: "b"},
        within={d: (0.1, 9)},
    ),
    Formula(
        "gate_noise",
        r"\sqrt{\operatorname{Var} x_T}",
        sigma * sp.sqrt(z * (1 - (1 - z) ** (2 * n)) / (2 - z)),
        (z, n, sigma),
        "noise of standard deviation sigma, of which each of n = T steps lets in the share z, and "
        "keeps 1 - z of what there is; 0 < z <= 1",
        "chapter gates",
        names={n: "T"},
    ),
    # --- lines and rotations: a state that is multiplied by a slope x, or turned by an angle x ----
    Formula(
        "line_margin",
        r"b_T",
        sp.Piecewise((d / n, sp.Eq(x, 1)), (d * x**n * (1 - x) / (1 - x**n), True)),
        (d, x, n),
        "d the distance of the state from the border, x > 0 the slope, n = T >= 1 steps",
        "chapter lines-and-rotations",
        names={n: "T", x: r"\lambda"},
        within={x: (0.5, 1.2), n: (1, 200)},
    ),
    Formula(
        "line_reads",
        r"r_T",
        sp.Piecewise(
            (d / (sigma * sp.sqrt(n)), sp.Eq(x, 1)),
            (d * x**n / sigma * sp.sqrt((1 - x**2) / (1 - x ** (2 * n))), True),
        ),
        (d, x, n, sigma),
        "as line_margin; independent noise of standard deviation sigma > 0",
        "chapter lines-and-rotations",
        names={n: "T", x: r"\lambda"},
        within={x: (0.5, 1.2), n: (1, 200), sigma: (0.1, 2)},
    ),
    Formula(
        "line_memory",
        r"J(k)",
        x ** (2 * n) * (1 - x**2),
        (x, n),
        "x the slope, 0 < x < 1, n = k the age of an input in steps",
        "chapter lines-and-rotations",
        names={n: "k", x: r"\lambda"},
        within={x: (0.5, 1)},
    ),
    Formula(
        "turned_sway",
        r"s",
        h / sp.sin(x / 2),
        (h, x),
        "h = b the size of a steady push, 0 < x < 2 pi the angle of a turn",
        "chapter lines-and-rotations",
        names={h: "b", x: r"\theta"},
        within={x: (0.1, 6)},
    ),
    Formula(
        "line_noise",
        r"s_T",
        sp.Piecewise(
            (sigma * sp.sqrt(n), sp.Eq(x, 1)),
            (sigma * sp.sqrt((1 - x ** (2 * n)) / (1 - x**2)), True),
        ),
        (x, n, sigma),
        "standard deviation of the sum of noise of sigma a step over n = T steps; x > 0 the slope",
        "chapter lines-and-rotations",
        names={n: "T", x: r"\lambda"},
        within={x: (0.5, 1.2)},
    ),
    Formula(
        "turned_first",
        r"c_t",
        x * (x1 * sp.cos(t) - x2 * sp.sin(t)) + h,
        (x1, x2, x, t, h),
        "x1 + i x2 the state one step earlier, x and t modulus and angle of a turn, h an input",
        "chapter lines-and-rotations",
        names={x1: "c_{t-1}", x2: "q_{t-1}", x: r"\lambda", t: r"\theta", h: "h_t"},
    ),
    Formula(
        "turned_second",
        r"q_t",
        x * (x1 * sp.sin(t) + x2 * sp.cos(t)) + h,
        (x1, x2, x, t, h),
        "as turned_first",
        "chapter lines-and-rotations",
        names={x1: "c_{t-1}", x2: "q_{t-1}", x: r"\lambda", t: r"\theta", h: "h_t"},
    ),
    Formula(
        "turned_back",
        r"y",
        x1 * sp.cos(t) + x2 * sp.sin(t),
        (x1, x2, t),
        "the part of a state that lies along 1, after it is turned back by the angle t",
        "chapter lines-and-rotations",
        names={x1: "c", x2: "q", t: r"\varphi"},
    ),
    Formula(
        "plateau_life",
        r"\operatorname{E} \tau",
        (d - h) ** 2 / sigma**2,
        (d, h, sigma),
        "d the distance from the middle of a room to its walls, inputs of size up to h = b < d, of "
        "mean 0 and standard deviation sigma > 0, independent",
        "chapter lines-and-rotations",
        relation=r">",
        names={h: "b"},
        within={d: (1, 9), h: (0.1, 0.9), sigma: (0.1, 2)},
    ),
    # --- the price list: T steps, each with a push that is added to the state ------------------
    Formula(
        "price_for_steps",
        r"\frac{b}{d}",
        (1 - x) / (1 - x**n),
        (x, n),
        "n = T steps; x = lambda < 1 the slope at rest of a unit that is concave from its edge on, "
        "d the room; in the limit x -> 1 it is 1/T",
        "chapter price-list",
        relation=r"\le",
        names={x: r"\lambda", n: "T"},
        order="rev-lex",
        within={x: (0.01, 0.99), n: (1, 200)},
    ),
    Formula(
        "gate_step",
        r"c_t",
        (1 - z) * x + z * h,
        (x, h, z),
        "0 <= z <= 1 what the gate leaks, x the state one step earlier, h what comes in",
        "chapter price-list",
        names={x: "c_{t-1}", h: "u_t"},
        order="rev-lex",
    ),
    # --- attention: one position of T is marked, with a logit g above all others -----------------
    Formula(
        "attention_weight",
        r"p",
        1 / (1 + (t - 1) * sp.exp(-g)),
        (g, t),
        "T >= 1 positions, whose logits are equal but for one, which is g higher",
        "chapter looking-back",
        names=_POSITIONS,
        within={t: (1, 200)},
    ),
    Formula(
        "attention_slope",
        r"\frac{\partial p}{\partial g}",
        x * (1 - x),
        (x,),
        "p = x the weight of one position, g its logit, all others fixed",
        "chapter looking-back",
        names={x: "p"},
    ),
    Formula(
        "attention_gap",
        r"g",
        sp.log((t - 1) * (1 - epsilon) / epsilon),
        (t, epsilon),
        "T > 1; the gap at which the marked position has the weight 1 - epsilon",
        "chapter looking-back",
        names=_POSITIONS,
        within={t: (3, 200), epsilon: (0.001, 0.3)},
    ),
    Formula(
        "attention_cap",
        r"p",
        1 / (1 + (t - 1) * sp.exp(-2 * x)),
        (x, t),
        "every logit in [-B, B], B = x",
        "chapter looking-back",
        relation=r"\le",
        names=_POSITIONS | {x: "B"},
        within={x: (0, 8), t: (1, 200)},
    ),
    Formula(
        "attention_margin",
        r"b^*",
        sp.exp(g) / (t - 1),
        (g, t),
        "T > 1; the marked input is 1 or -1, the others at most b in size",
        "chapter looking-back",
        names=_POSITIONS,
        within={t: (2, 200)},
    ),
    Formula(
        "attention_plateau",
        r"\tau",
        t - 1 - 1 / (t - 1) + 2 * sp.log(t - 1),
        (t,),
        "T > 1; dg/dtau = p (1 - p) from g = 0 to p = 1/2",
        "chapter looking-back",
        names=_POSITIONS,
        within={t: (2.1, 200)},
    ),
)

FORMULAS: Mapping[str, Formula] = MappingProxyType({f.name: f for f in _ALL})


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
