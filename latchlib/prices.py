"""The price list: what each idea for keeping a bit costs, by one set of questions.

An idea is one entry of :data:`IDEAS`. The table of the chapter, its picture, its data file and its
explorable are all made from it, so a new idea is a new entry and nothing else.

The bit is to be kept for T steps. Every gate, leak or logit is set for this T, as its idea has it;
the latch beneath the leak and the gate has the weight :data:`WEIGHT`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from math import tanh
from types import MappingProxyType

import numpy as np
import pandas as pd
import sympy as sp

from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import a_star, fixed_points, h_star
from latchlib.validation import integer

__all__ = ["IDEAS", "LOOP", "QUANTITIES", "WEIGHT", "Entry", "Idea", "price_list"]

#: Loop weight of the latches, and that of the bistable unit, whose weight 1 + tanh a is below 2.
WEIGHT = 2.0
LOOP = 1.0 + tanh(2.0)

T, m, d, lam = (SYMBOLS[name] for name in "n m d x".split())
_rest = sp.Symbol("q", positive=True)  # x_+, the state at rest of a leaky unit

#: How the symbols of an entry are set.
NAMES = {T: "T", lam: r"\lambda", _rest: "x_+"}

#: A formula of more operations is shown by its leading order.
SHORT = 5

#: What is asked of each idea, with its unit; the names are fields of :class:`Idea`.
QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "lasts": "1 if it withstands some noise at every step for ever, 0 if none",
        "added": "noise added to the state at every step, below which the bit is kept, over room",
        "arriving": "noise that comes with the inputs, below which the bit is kept, over room",
        "life": "half-life of the gradient, in steps",
        "logit": "size of the bias or logit that T requires",
        "memory": "numbers kept",
        "write": "least number of steps in which the bit can be written",
    }
)


@dataclass(frozen=True)
class Entry:
    """One answer.

    Parameters
    ----------
    expr : sympy.Expr
        The number, in T, the margin m and room d of the latch, its slope lambda and its state x_+.
    claim : str
        The claim of the ledger that says it, which knows verdict and cell.
    note : str
        What limits the answer, if its column does not say it; it stands in the table and the data.
    """

    expr: sp.Expr
    claim: str
    note: str = ""

    def latex(self) -> str:
        """Return the number as LaTeX, without dollar signs; a long one as it is for large T."""

        def say(expr, order=None):
            return sp.latex(expr, symbol_names=NAMES, ln_notation=True, order=order)

        if self.expr.count_ops() <= SHORT:
            return say(self.expr)
        large = sp.Symbol("T", positive=True)
        for power in (1, 0, -1):
            leading = sp.limit((self.expr / T**power).subs(T, large), large, sp.oo)
            if leading not in (0, sp.oo):
                if leading.free_symbols:
                    return rf"\sim {say(leading * T**power)}"
                return rf"\sim {say(sp.simplify(leading) * T**power, 'rev-lex')}"  # e - 1
        raise ValueError(f"expr is {self.expr}; accepted is one that grows like T, 1 or 1/T")


@dataclass(frozen=True)
class Idea:
    """One row of the list; its fields from `lasts` on are the :data:`QUANTITIES`.

    Parameters
    ----------
    key : str
        Its name in addresses and data.
    name : str
        Its name in the table.
    short : str
        Its name in the picture.
    chapter : str
        The chapter that is about it.
    outside : str
        Which hypothesis of the price it steps outside, for noise that comes with the inputs; "" if
        none.
    loop : float
        Weight of its latch.
    """

    key: str
    name: str
    short: str
    chapter: str
    outside: str
    lasts: Entry
    added: Entry
    arriving: Entry
    life: Entry
    logit: Entry
    memory: Entry
    write: Entry
    loop: float = WEIGHT

    @cached_property
    def _latch(self) -> dict[sp.Symbol, float]:
        top = fixed_points(self.loop)[-1]
        room = top.a - a_star(self.loop)
        return {m: h_star(self.loop), d: room, lam: top.slope, _rest: tanh(top.a)}

    def note(self, quantity: str) -> str:
        """Return what is to be said of an answer: for how long noise is borne, and its own note."""
        said = [getattr(self, quantity).note]
        if quantity in ("added", "arriving"):
            said.insert(0, "for ever" if self.lasts.expr == 1 else "for T steps")
        return ", ".join(filter(None, said))

    def number(self, quantity: str, steps: int) -> float:
        """Return what it answers to one of :data:`QUANTITIES` for T = `steps`; inf for "for ever".

        Raises
        ------
        ValueError
            If `steps` is no integer above 1.
        """
        steps = integer("steps", steps, at_least=2)
        expr = getattr(self, quantity).expr
        found = float(expr.subs({T: steps, **self._latch}))
        return float(np.ceil(found)) if quantity == "write" else found


def _fixed(value, claim: str) -> Entry:
    return Entry(sp.sympify(value), claim)


def _of(name: str, claim: str, **values) -> Entry:
    found = formula(name).expr.subs({SYMBOLS[key]: v for key, v in values.items()})
    return Entry(sp.sympify(found), claim)


_gate = 1 / T  # what a gate leaks that is set for T steps: its bias is -ln(T - 1)
_shut = sp.log(T - 1)
_best = T / (T + 1)  # what a gate keeps whose bias is ln T
_decay = sp.exp(-1 / T)  # a modulus exp(-e^nu) that is learned, at its best nu = -ln T
_life = formula("half_life").expr
_fading = formula("line_margin").expr.args[-1].expr / d  # of a line with a slope other than 1
_slow_slope = formula("leaky_slope").expr.subs(SYMBOLS["z"], _gate)
_none = _fixed(0, "price-logits")
_one = _fixed(1, "price-memory")
_at_once = _fixed(1, "price-writes")

#: The ideas, in the order in which the book meets them.
IDEAS: tuple[Idea, ...] = (
    Idea(
        "tanh-latch", "tanh latch", "latch", "latch-neuron", "",
        lasts=_fixed(1, "bounded-inputs-keep-the-bit"),
        added=Entry(m / d, "price-latch-share"),
        arriving=Entry(m / d, "price-latch-share"),
        life=Entry(_life, "price-latch-share"),
        logit=_none,
        memory=_one,
        write=_at_once,
    ),
    Idea(
        "slow-clock", "slow clock, a leak of 1/T", "slow clock",
        "another-clock", "the noise passes the leak",
        lasts=_fixed(1, "leak-keeps-margin"),
        added=Entry(m / d * _gate, "leak-pays-the-price"),
        arriving=Entry(m / d, "leak-keeps-margin"),
        life=Entry(_life.subs(lam, _slow_slope), "leak-stretches-life"),
        logit=Entry(_shut, "price-logits", "as a gate"),
        memory=_one,
        write=Entry(
            formula("least_write_steps").expr.subs({lam: _rest, SYMBOLS["z"]: _gate}),
            "leak-stretches-write",
        ),
    ),
    Idea(
        "carousel", "carousel of 1997", "carousel", "gates",
        "the noise passes the write gate",
        lasts=_fixed(0, "price-integrators"),
        added=Entry(1 / T, "price-integrators"),
        arriving=_fixed(1, "price-logits"),
        life=_fixed(sp.oo, "price-integrators"),
        logit=Entry(_shut, "price-logits"),
        memory=_one,
        write=_at_once,
    ),
    Idea(
        "forget-gate", "forget gate (LSTM)", "forget gate", "gates",
        "the noise passes the write gate",
        lasts=_fixed(0, "linear-one-attractor"),
        added=Entry(_fading.subs(lam, _best), "line-bears"),
        arriving=Entry(_best**T / (1 - _best**T), "price-decay"),
        life=_of("half_life", "gate-best-bias", x=_best),
        logit=_of("gate_best_bias", "gate-best-bias"),
        memory=_one,
        write=_at_once,
    ),
    Idea(
        "gru", "GRU", "GRU", "gates", "the noise passes the gate",
        lasts=_fixed(1, "update-gate-keeps-rest"),
        added=Entry(m / d * _gate, "leak-pays-the-price"),
        arriving=Entry(m / d, "update-gate-keeps-rest"),
        life=Entry(_life.subs(lam, _slow_slope), "update-gate-keeps-rest"),
        logit=Entry(_shut, "price-logits"),
        memory=_one,
        write=_at_once,
    ),
    Idea(
        "bistable", "bistable cell", "bistable", "gates",
        "the noise passes the gate",
        lasts=_fixed(1, "price-bistable"),
        added=Entry(m / d * _gate, "leak-pays-the-price"),
        arriving=Entry(m / d, "update-gate-keeps-rest"),
        life=Entry(_life.subs(lam, _slow_slope), "update-gate-keeps-rest"),
        logit=Entry(_shut, "price-logits"),
        memory=_one,
        write=_at_once,
        loop=LOOP,
    ),
    Idea(
        "rotations", "rotations: orthogonal, unitary", "rotations",
        "lines-and-rotations", "",
        lasts=_fixed(0, "linear-one-attractor"),
        added=Entry(1 / T, "price-integrators"),
        arriving=Entry(1 / T, "price-integrators"),
        life=_fixed(sp.oo, "price-integrators"),
        logit=_none,
        memory=_fixed(2, "price-memory"),
        write=_at_once,
    ),
    Idea(
        "lines", "lines: state space", "lines", "lines-and-rotations", "",
        lasts=_fixed(0, "linear-one-attractor"),
        added=Entry(_fading.subs(lam, _decay), "line-bears"),
        arriving=Entry(_fading.subs(lam, _decay), "line-bears"),
        life=Entry(T * sp.log(2), "price-logits"),
        logit=Entry(sp.log(T), "price-logits"),
        memory=_one,
        write=_at_once,
    ),
    Idea(
        "attention", "attention", "attention", "looking-back",
        "the memory grows",
        lasts=_fixed(0, "attention-not-latched"),
        added=Entry(1 / T, "price-integrators", "on the marked number alone"),
        arriving=_of("attention_margin", "attention-margin", g=_shut, t=T),
        life=_fixed(sp.oo, "attention-path"),
        logit=Entry(_shut, "attention-gap"),
        memory=Entry(T, "price-memory"),
        write=_at_once,
    ),
)  # fmt: skip


def price_list(steps: int = 100) -> pd.DataFrame:
    """Return the list in numbers: a row an idea, a column each of :data:`QUANTITIES`.

    Parameters
    ----------
    steps : int
        T, for how many steps the bit is to be kept, above 1.

    Raises
    ------
    ValueError
        If `steps` is no integer above 1.
    """
    rows = [{name: idea.number(name, steps) for name in QUANTITIES} for idea in IDEAS]
    return pd.DataFrame(rows, index=pd.Index([idea.key for idea in IDEAS], name="idea"))


assert set(QUANTITIES) < {field.name for field in fields(Idea)}
