"""What a cell is, and how SymPy's derivatives of it become NumPy code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce

import numpy as np
import sympy as sp

from latchlib.formulas import Formula
from latchlib.validation import refuse

__all__ = ["Cell", "sigmoid"]

#: What a row of preactivations may read: outputs one step earlier, inputs, a bias.
READS = "WU1"


def sigmoid(x: sp.Expr) -> sp.Expr:
    """Return the logistic function; by tanh, whose derivative shares it and does not overflow."""
    return (1 + sp.tanh(x / 2)) / 2


@dataclass(frozen=True, eq=False)
class Cell:
    """An architecture: k preactivations a unit, then one elementwise update.

    With y the outputs one step earlier and u the inputs,

        p = W y + U u + b,   s' = phi(s, p),   y' = psi(s', p)

    Parameters
    ----------
    name : str
        Key in :data:`latchlib.cells.CELLS`.
    rows : mapping of sympy.Symbol to str
        The preactivations p, and which of "W", "U" and "1" (the bias) each one reads.
    psi : sympy.Expr
        Output; a state in it is the new one.
    phi : mapping of sympy.Symbol to sympy.Expr
        The states s, if any, and what each one becomes.
    source : str
        Where it comes from.

    Notes
    -----
    The page's formula and JavaScript are printed from the same expressions: :attr:`formulas`.
    """

    name: str
    rows: Mapping[sp.Symbol, str]
    psi: sp.Expr
    phi: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        known = {*self.rows, *self.phi}
        for what, update in (("psi", self.psi), *((f"phi of {s}", e) for s, e in self.phi.items())):
            if not update.free_symbols <= known:
                raise refuse(what, update, f"symbols of rows and states: {sorted(map(str, known))}")
        for row, reads in self.rows.items():
            if not reads or not set(reads) <= set(READS):
                raise refuse(f"rows[{row}]", reads, f"some of the letters {READS}")

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """What each state becomes, then the output: for the page, NumPy and JavaScript."""
        parts = {**{str(s): e for s, e in self.phi.items()}, "y": self.psi}
        order = (*self.phi, *self.rows)
        return tuple(
            Formula(
                f"{self.name}: {left}",
                f"{left}_t",
                update,
                tuple(s for s in order if s in update.free_symbols),
                "real numbers; in y a state is the new one",
                self.source,
            )
            for left, update in parts.items()
        )

    @cached_property
    def step(self) -> Callable:
        """(s..., p...) -> [s'..., y]."""
        output = self.psi.xreplace(dict(self.phi))
        return _compiled([*self.phi, *self.rows], [*self.phi.values(), output])

    @cached_property
    def pullback(self) -> Callable:
        """(s..., p..., s'..., e..., e_y) -> [e..., e_p...]: the transposed Jacobian of a step.

        Given dC/ds' of what comes later as e and dC/dy as e_y; the e returned are dC/ds.
        """
        fresh = {s: sp.Dummy(f"{s}_new", real=True) for s in self.phi}
        later = {s: sp.Dummy(f"e_{s}", real=True) for s in self.phi}
        by_output, output = sp.Dummy("e_y", real=True), self.psi.xreplace(fresh)
        total = {s: later[s] + by_output * sp.diff(output, fresh[s]) for s in self.phi}

        def through(x):
            # e^l e^(-e^l) as one power: two would be infinity times 0 for a large l.
            slopes = {s: sp.powsimp(sp.diff(e, x), combine="exp") for s, e in self.phi.items()}
            return sum((total[s] * slope for s, slope in slopes.items()), sp.Integer(0))

        parts = [through(s) for s in self.phi]
        parts += [through(p) + by_output * sp.diff(output, p) for p in self.rows]
        arguments = [*self.phi, *self.rows, *fresh.values(), *later.values(), by_output]
        return _compiled(arguments, parts)

    @cached_property
    def by_output(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """First and second derivative of psi as polynomials of the output, highest power first.

        None where they are none, or the cell has states or several rows. A cell that has them need
        not keep its preactivations, and has second derivatives.
        """
        if self.phi or len(self.rows) > 1:
            return None
        [p], y = self.rows, sp.Dummy("y", real=True)
        found = [sp.diff(self.psi, p, order).subs(self.psi, y) for order in (1, 2)]
        if any(expr.free_symbols != {y} or not expr.is_polynomial(y) for expr in found):
            return None
        return tuple(tuple(map(float, sp.Poly(expr, y).all_coeffs())) for expr in found)

    @cached_property
    def activate(self) -> Callable:
        """psi of a cell of one row and no states, with the argument ``out`` of a ufunc."""
        ufunc = getattr(np, self.psi.func.__name__, None)
        if self.psi.args == tuple(self.rows) and isinstance(ufunc, np.ufunc):
            return ufunc
        return lambda p, out: np.copyto(out, self.step(p)[0])

    @cached_property
    def rests(self) -> bool:
        """Whether nothing comes of nothing: states and output stay 0 under preactivations of 0."""
        nothing = dict.fromkeys((*self.phi, *self.rows), 0)
        return not any(e.xreplace(nothing) for e in (*self.phi.values(), self.psi))


def _compiled(arguments, expressions):
    # np.select, which SymPy prints for cases, costs several times as much as np.where.
    return sp.lambdify(arguments, expressions, [{"select": _select}, "numpy"], cse=True)


def _select(conditions, values, default):
    if len(values) == 2 and conditions[1] is True:
        return np.where(conditions[0], *values)
    pairs = zip(reversed(conditions), reversed(values), strict=True)
    return reduce(lambda rest, case: np.where(case[0], case[1], rest), pairs, default)
