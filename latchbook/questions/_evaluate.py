"""Values of expressions that somebody typed: bounded in time and size, whatever they hold.

SymPy's own evaluation is not: ``subs``, ``evalf`` and ``simplify`` expand a tower of powers, or
walk a shared part once for each of its places.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

import mpmath
import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

__all__ = ["Unreadable", "names", "values"]

#: Different parts that an answer may have, and how deep they may be nested.
LARGEST = 2000
DEEPEST = 100
#: Decimal digits of the arithmetic: twice what two answers that differ would show.
DIGITS = 30
#: Decades beyond which a number counts as infinite, or as 0.
DECADES = 400

_mp = mpmath.mp.clone()
_mp.dps = DIGITS
_HUGE = _mp.mpf(10) ** DECADES
_NOTHING = _mp.mpc("nan", "nan")


class Unreadable(Exception):
    """An expression that is not evaluated here; its message says why."""


def _exp(z: mpmath.mpc) -> mpmath.mpc:
    if z.real > DECADES * 2.3026:
        return _NOTHING
    return _mp.mpc(0) if z.real < -DECADES * 2.3026 else _mp.exp(z)


def _power(base: mpmath.mpc, exponent: mpmath.mpc) -> mpmath.mpc:
    if exponent == 0:
        return _mp.mpc(1)
    if base == 0:
        return _mp.mpc(0) if exponent.real > 0 else _NOTHING
    if exponent == 0.5:
        return _mp.sqrt(base)
    if exponent.imag == 0 and exponent.real == int(exponent.real) and abs(exponent.real) <= 64:
        return base ** int(exponent.real)
    return _exp(exponent * _mp.log(base))


def _hyperbolic(even: bool) -> Callable:
    def value(z: mpmath.mpc) -> mpmath.mpc:
        if abs(z.real) > DECADES * 2.3026:
            return _NOTHING
        return _mp.cosh(z) if even else _mp.sinh(z)

    return value


def _tanh(z: mpmath.mpc) -> mpmath.mpc:
    if abs(z.real) > DECADES:  # 1 to far more digits than are kept
        return _mp.mpc(1 if z.real > 0 else -1)
    return _mp.tanh(z)


def _circular(of: Callable) -> Callable:
    """Refuse what would need more digits than there are, or grows beyond bounds."""

    def value(z: mpmath.mpc) -> mpmath.mpc:
        return of(z) if abs(z.real) < 1e15 and abs(z.imag) < DECADES else _NOTHING

    return value


def _sign(z: mpmath.mpc) -> mpmath.mpc:
    return z / abs(z) if z != 0 else z


def _largest(choose: Callable) -> Callable:
    return lambda *all_: choose(all_, key=lambda z: z.real)


_FUNCTIONS: dict[type, Callable] = {
    sp.exp: _exp,
    sp.log: lambda z, *base: _mp.log(z) / (_mp.log(base[0]) if base else 1),
    sp.sinh: _hyperbolic(even=False),
    sp.cosh: _hyperbolic(even=True),
    sp.tanh: _tanh,
    sp.coth: lambda z: 1 / _tanh(z),
    sp.sech: lambda z: _mp.mpc(0) if abs(z.real) > DECADES * 2.3 else _mp.sech(z),
    sp.csch: lambda z: _mp.mpc(0) if abs(z.real) > DECADES * 2.3 else _mp.csch(z),
    **{
        getattr(sp, name): _circular(getattr(_mp, name))
        for name in ("sin", "cos", "tan", "cot", "sec", "csc")
    },
    **{
        getattr(sp, name): getattr(_mp, name)
        for name in "asin acos atan acot asec acsc asinh acosh atanh acoth asech acsch".split()
    },
    sp.atan2: lambda y, x: _mp.mpc(_mp.atan2(y.real, x.real)),
    sp.Abs: lambda z: _mp.mpc(abs(z)),
    sp.sign: _sign,
    sp.re: lambda z: _mp.mpc(z.real),
    sp.im: lambda z: _mp.mpc(z.imag),
    sp.conjugate: lambda z: _mp.conj(z),
    sp.floor: lambda z: _mp.mpc(_mp.floor(z.real), _mp.floor(z.imag)),
    sp.ceiling: lambda z: _mp.mpc(_mp.ceil(z.real), _mp.ceil(z.imag)),
    sp.Max: _largest(max),
    sp.Min: _largest(min),
    sp.LambertW: lambda z, *branch: _mp.lambertw(z, int(branch[0].real) if branch else 0),
}

_RELATIONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _number(node: sp.Expr) -> mpmath.mpc:
    if node is sp.I:
        return _mp.mpc(0, 1)
    if node.is_Rational:
        return _mp.mpc(_mp.mpf(node.p) / _mp.mpf(node.q))
    if node.is_Float:
        return _mp.mpc(_mp.mpf(node._mpf_))
    if node.is_NumberSymbol:  # pi, E and the like
        return _mp.mpc(_mp.mpf(node.evalf(DIGITS)._mpf_))
    return _NOTHING  # infinities, and nan


class _Reader:
    """Evaluates one expression at one point, each of its different parts once."""

    def __init__(self, at: Mapping[str, float]) -> None:
        self._at = at
        self._known: dict[int, mpmath.mpc] = {}

    def value(self, node: sp.Basic, depth: int = 0) -> mpmath.mpc:
        # By identity: to compare two large parts, or to hash them, may take long.
        if id(node) in self._known:
            return self._known[id(node)]
        if depth > DEEPEST or len(self._known) > LARGEST:
            raise Unreadable("It is too long to be read.")
        found = self._value(node, depth + 1)
        if not _mp.isfinite(found) or max(abs(found.real), abs(found.imag)) > _HUGE:
            found = _NOTHING
        self._known[id(node)] = found
        return found

    def _value(self, node: sp.Basic, depth: int) -> mpmath.mpc:
        if isinstance(node, sp.Symbol):
            return _mp.mpc(self._at[node.name])
        if node.is_Atom and node.is_number:
            return _number(node)
        if isinstance(node, sp.Piecewise):
            for value, condition in (pair.args for pair in node.args):
                if self._holds(condition, depth + 1):
                    return self.value(value, depth)
            return _NOTHING
        make = self._arithmetic(node) or _FUNCTIONS.get(node.func)
        if make is None:
            raise Unreadable(f"{node.func.__name__} is not evaluated here.")
        parts = [self.value(part, depth) for part in node.args]
        if not all(map(_mp.isfinite, parts)):
            return _NOTHING
        try:
            return _mp.mpc(make(*parts))
        except (ValueError, ArithmeticError, _mp.NoConvergence):
            return _NOTHING  # a pole

    @staticmethod
    def _arithmetic(node: sp.Basic) -> Callable | None:
        if node.is_Add:
            return lambda *parts: _mp.fsum(parts)
        if node.is_Mul:
            return lambda *parts: _mp.fprod(parts)
        return _power if node.is_Pow else None

    def _holds(self, condition: sp.Basic, depth: int) -> bool:
        if depth > DEEPEST:
            raise Unreadable("It is too long to be read.")
        if isinstance(condition, (BooleanTrue, BooleanFalse)):
            return bool(condition)
        if isinstance(condition, (And, Or)):
            every = (self._holds(part, depth + 1) for part in condition.args)
            return all(every) if isinstance(condition, And) else any(every)
        if isinstance(condition, Not):
            return not self._holds(condition.args[0], depth + 1)
        if isinstance(condition, Relational):
            one, other = (self.value(part, depth).real for part in condition.args)
            return _RELATIONS[condition.rel_op](one, other)
        raise Unreadable(f"{condition.func.__name__} is not evaluated here.")


def names(expression: sp.Basic) -> set[str]:
    """Return the names of the symbols in an expression.

    Raises
    ------
    Unreadable
        If it has more than 2000 different parts.
    """
    found, seen, waiting = set(), set(), [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, sp.Symbol):
            found.add(node.name)
        if id(node) in seen:
            continue
        seen.add(id(node))
        if len(seen) > LARGEST:
            raise Unreadable("It is too long to be read.")
        waiting.extend(node.args)
    return found


def values(expression: sp.Expr, symbols: Sequence[str], points: np.ndarray) -> list[complex | None]:
    """Evaluate an expression at each of the points.

    Parameters
    ----------
    expression : sympy.Expr
        The expression; its symbols are told apart by their names alone.
    symbols : sequence of str
        Names of the symbols.
    points : numpy.ndarray
        Their values, shape (count, number of symbols).

    Returns
    -------
    list of complex or None
        The values; None where there is none, or none below 1e400.

    Raises
    ------
    Unreadable
        If the expression is too long or too deep, or holds what is no elementary function.
    """
    found = []
    for point in points:
        try:
            value = _Reader(dict(zip(symbols, point, strict=True))).value(expression)
        except RecursionError:
            raise Unreadable("It is too long to be read.") from None
        small = _mp.isfinite(value) and abs(value) < 1e300
        found.append(complex(value) if small else None)
    return found
