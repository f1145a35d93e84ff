"""A drill: tasks whose numbers are drawn from a seed, the same here and on the page."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

import numpy as np
import sympy as sp
import traitlets

from latchbook.questions.judging import (
    NEAR,
    NEAR_NUMBER,
    NEAR_WHOLE,
    PERCENT,
    RIGHT,
    SLIP,
    SMALLEST,
    THREE_DIGITS,
    WHOLE,
    Exercise,
    Feedback,
    compare,
    of_slips,
)
from latchbook.questions.widget import WIDTH, Question
from latchlib.formulas import SYMBOLS, Formula, javascript_object
from latchlib.validation import integer, refuse

__all__ = ["Asked", "Drill", "DrillQuestion", "Range", "Task"]

#: Seeds are whole numbers below this.
SEEDS = 2**32
#: The seed of the first question, which is also the one in print.
FIRST = 1994
_OTHERWISE = "Not yet. Try again, or ask for the answer."
_SHOWN = "The answer is {answer}. "
_HELP = (
    "A number to three significant digits, such as 45.6 or 0.00123, or an expression such as "
    "sqrt(2)."
)


def _draws(seed: int) -> Callable[[int], int]:
    """Return a function that draws a whole number below its argument, as the page does.

    It is Mulberry32, which is short in both languages and exact in both.
    """
    state = seed

    def draw(count: int) -> int:
        nonlocal state
        state = (state + 0x6D2B79F5) % SEEDS
        mixed = (state ^ state >> 15) * (state | 1) % SEEDS
        mixed ^= (mixed + (mixed ^ mixed >> 7) * (mixed | 61)) % SEEDS
        return (mixed ^ mixed >> 14) * count // SEEDS

    return draw


def _shown(value: float) -> str:
    return f"{value:.10g}".replace("-", "−")


@dataclass(frozen=True)
class Range:
    """The numbers `least`, `least` + `step`, ..., `largest` that a parameter is drawn from."""

    least: float
    largest: float
    step: float

    def __post_init__(self) -> None:
        _, stride, count, _ = self.grid
        if stride <= 0 or count < 2 or self[count - 1] != self.largest:
            raise refuse("range", self, "two or more numbers, from least to largest by step")

    @cached_property
    def grid(self) -> tuple[int, int, int, int]:
        """First number, stride and how many there are, in units; and how many units make 1.

        A whole number over a power of ten is the double nearest to the decimal, in Python and in
        JavaScript; a sum of steps would not be.
        """
        ends = [Decimal(str(value)) for value in (self.least, self.largest, self.step)]
        scale = 10 ** max(0, *(-int(end.as_tuple().exponent) for end in ends))
        first, last, stride = (int(end * scale) for end in ends)
        return first, stride, (last - first) // max(stride, 1) + 1, scale

    def __getitem__(self, k: int) -> float:
        first, stride, count, scale = self.grid
        if not 0 <= k < count:
            raise IndexError(k)
        return (first + stride * k) / scale

    def __len__(self) -> int:
        return self.grid[2]


@dataclass(frozen=True)
class Task:
    """A question whose numbers are drawn.

    Parameters
    ----------
    text : str
        The question, with ``{w}`` where the number of the symbol w goes.
    answer : sympy.Expr
        Its answer: an expression of formulas, in the symbols of `ranges`.
    ranges : mapping of str to Range
        Where each parameter is drawn from, by the name of its symbol.
    why : str
        How one finds the answer; said when it is right or shown. May hold the same ``{w}``.
    slips : mapping of str to sympy.Expr
        Feedback for a typical wrong answer, and that answer.
    tolerance : float
        Relative tolerance of an answer; three digits are enough, but a whole number is exact.
    share : bool
        Whether the answer is a share or a chance, which some would give in per cent.
    """

    text: str
    answer: sp.Expr
    ranges: Mapping[str, Range]
    why: str
    slips: Mapping[str, sp.Expr] = field(default_factory=dict)
    tolerance: float = THREE_DIGITS
    share: bool = False

    def __post_init__(self) -> None:
        wanted = sorted(symbol.name for symbol in self.answer.free_symbols)
        if wanted != sorted(self.ranges):
            raise refuse("ranges", sorted(self.ranges), f"one for each of {', '.join(wanted)}")

    @property
    def near(self) -> str:
        """What is said to an answer that is close, and not near enough."""
        return NEAR_WHOLE if self.tolerance <= WHOLE else NEAR_NUMBER.format("three")


class Asked:
    """A task with its numbers.

    Attributes
    ----------
    text : str
        The question.
    numbers : dict of str to float
        The numbers drawn, by symbol.
    answer : float
        The answer.
    slips : dict of str to float
        Typical wrong answers, by the feedback on each.
    """

    def __init__(
        self, task: Task, numbers: dict[str, float], right: Formula, wrong: list[Formula]
    ) -> None:
        def value(of: Formula) -> float:
            return float(of(*(numbers[symbol.name] for symbol in of.args)))

        self.numbers = numbers
        self.answer = value(right)
        shown = {name: _shown(drawn) for name, drawn in numbers.items()}
        shown["answer"] = _shown(float(f"{self.answer:.4g}"))
        self.text = task.text.format(**shown)
        self.slips = {
            text.format(**shown): value(of) for text, of in zip(task.slips, wrong, strict=True)
        }
        self._why = task.why.format(**shown)
        self.shown = _SHOWN.format(**shown) + self._why
        self._task = task

    def __repr__(self) -> str:
        return self.text

    def check(self, answer: Any) -> Feedback:
        """Compare an answer, as one to an exercise; ValueError if it is neither number nor term."""
        exercise = Exercise(
            expected=lambda: self.answer,
            why=self._why,
            slips={text: partial(float, wrong) for text, wrong in self.slips.items()},
            tolerance=self._task.tolerance,
            share=self._task.share,
            otherwise=_OTHERWISE,
        )
        return compare(exercise, answer)


class Drill:
    """The tasks of a chapter.

    Parameters
    ----------
    *tasks : Task
        Each call of :meth:`question` takes one of them.
    """

    def __init__(self, *tasks: Task) -> None:
        self.tasks = tasks

    @cached_property
    def _formulas(self) -> list[tuple[Formula, list[Formula]]]:
        """Answer and slips of each task as formulas, which have a NumPy and a JavaScript life."""
        return [
            (
                _formula(f"answer_{k}", task.answer),
                [_formula(f"slip_{k}_{n}", wrong) for n, wrong in enumerate(task.slips.values())],
            )
            for k, task in enumerate(self.tasks)
        ]

    def question(self, seed: int) -> Asked:
        """Return what the drill asks for a seed, here and on the page.

        Raises
        ------
        ValueError
            If `seed` is no whole number from 0 to 2**32 - 1.
        """
        seed = integer("seed", seed, at_least=0)
        if seed >= SEEDS:
            raise refuse("seed", seed, f"an integer < {SEEDS}")
        draw = _draws(seed)
        k = draw(len(self.tasks))
        numbers = {name: r[draw(len(r))] for name, r in self.tasks[k].ranges.items()}
        return Asked(self.tasks[k], numbers, *self._formulas[k])

    def ask(self, *, rng: np.random.Generator) -> Asked:
        """Draw a question; its ``check(answer)`` says whether an answer is right."""
        return self.question(int(rng.integers(SEEDS)))

    def describe(self) -> dict[str, Any]:
        """Return all that the page needs, as plain data."""
        return {
            "kind": "drill",
            "help": _HELP,
            "otherwise": _OTHERWISE,
            "relative_near": NEAR,
            "smallest": SMALLEST,
            "tasks": [
                {
                    "text": task.text,
                    "shown": _SHOWN + task.why,
                    "ranges": [[name, *r.grid] for name, r in task.ranges.items()],
                    "right": _call(right, RIGHT.format(task.why)),
                    "slips": [
                        _call(of, SLIP.format(text))
                        for text, of in zip(task.slips, wrong, strict=True)
                    ],
                    "relative": task.tolerance,
                    "relative_slip": of_slips(task.tolerance),
                    "percent": PERCENT if task.share else None,
                    "near": task.near,
                }
                for task, (right, wrong) in zip(self.tasks, self._formulas, strict=True)
            ],
        }

    def javascript(self) -> str:
        """Return the answers and slips as JavaScript."""
        return javascript_object(of for right, wrong in self._formulas for of in (right, *wrong))


def _formula(name: str, expr: sp.Expr) -> Formula:
    expr = sp.sympify(expr)
    args = sorted(expr.free_symbols, key=lambda symbol: symbol.name)
    if unknown := [s.name for s in args if SYMBOLS.get(s.name) != s]:
        raise refuse("symbols of a task", unknown, "symbols of latchlib.formulas")
    return Formula(name, name, expr, tuple(args), "the ranges of its task", "a drill")


def _call(of: Formula, text: str) -> dict[str, Any]:
    return {"formula": of.name, "names": [symbol.name for symbol in of.args], "text": text}


class DrillQuestion(Question):
    """The widget of a drill.

    Parameters
    ----------
    drill : Drill
    seed : int
        The question it starts with, and its text where no JavaScript runs.
    """

    seed = traitlets.Int().tag(sync=True)

    def __init__(self, drill: Drill, seed: int = FIRST) -> None:
        self.drill = drill
        text = textwrap.fill(f"Drill: {drill.question(seed).text}", WIDTH)
        super().__init__(drill.describe(), text, functions=drill.javascript(), seed=seed)

    def ask(self, *, rng: np.random.Generator) -> Asked:
        """Draw a question, as :meth:`Drill.ask`."""
        return self.drill.ask(rng=rng)

    def asked(self) -> Asked:
        """Return the question that the widget shows now."""
        return self.drill.question(self.seed)
