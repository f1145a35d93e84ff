"""Figures of the chapter on the experiments, and of its explorable.

Every method has one colour, line and mark in all of them. Five of the marks are those of the
paper's own plots: square, nabla, triangle, circle and dot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREEN, GREY, PURPLE, VERMILLION, axes

__all__ = [
    "METHOD_STYLES",
    "OTHERS",
    "VERDICT_STYLES",
    "plot_cells",
]

#: Colour, line and mark of each method; a method that is not here has those of :data:`OTHERS`.
METHOD_STYLES: Mapping[str, tuple[str, str, str]] = {
    "back-propagation": (BLUE, "-", "s"),
    "pseudo-Newton": (VERMILLION, "--", "v"),
    "time-weighted pseudo-Newton": (PURPLE, "-.", "^"),
    "discrete error propagation": (GREEN, "-", "o"),
    "multigrid random search": (GREY, "--", "."),
    "simulated annealing": ("black", "-.", "D"),
    "random guessing": (BLUE, ":", "x"),
}
OTHERS = ("black", ":", "P")

#: Mark and colour of each verdict.
VERDICT_STYLES: Mapping[str, tuple[str, str]] = {
    "matched": ("o", GREEN),
    "matched in kind": ("^", BLUE),
    "not matched": ("x", VERMILLION),
    "underspecified": ("D", PURPLE),
    "not told apart": ("v", GREY),
    "both guess": ("s", "black"),
}


def whiskers(value: ArrayLike, low: ArrayLike, high: ArrayLike) -> np.ndarray:
    value = np.asarray(value, dtype=float)
    # Rounding may put an end of an interval a last bit inside its mean.
    return np.maximum((value - np.asarray(low), np.asarray(high) - value), 0.0)


# --- the explorable ----------------------------------------------------------------------


def plot_cells(
    cells: Sequence[Mapping[str, Any] | None],
    lengths: Sequence[int],
    at: int,
    ax: Axes | None = None,
    *,
    what: str,
) -> Axes:
    """Draw one method's cells against T: ours with whiskers, open squares for 1993.

    `cells` has a mapping a length, or None: ``test_error`` or ``presentations`` with ``_low`` and
    ``_high``, and ``error_1993`` or ``presentations_1993``, errors in percent; `at` is the place of
    the length that is looked at.
    """
    ax = axes(ax)
    known = [(k, cell) for k, cell in enumerate(cells) if cell is not None]
    places = [k for k, _ in known]
    value = np.array([cell[what] for _, cell in known])
    ends = [np.array([cell[f"{what}_{end}"] for _, cell in known]) for end in ("low", "high")]
    ax.axvline(at, color=GREY, lw=1, ls=":")
    ax.errorbar(places, value, whiskers(value, *ends), fmt="o-", color=BLUE, ms=6, capsize=3,
                label="here")  # fmt: skip
    old = "presentations_1993" if what == "presentations" else "error_1993"
    then = [(k, cell[old]) for k, cell in known if cell[old] is not None]
    if then:
        ax.plot(*zip(*then, strict=True), "s--", color=VERMILLION, mfc="white", ms=7, label="1993")
    ax.set_xticks(range(len(lengths)), [str(T) for T in lengths])
    ax.set(xlabel="greatest length $T$ (steps)", xlim=(-0.5, len(lengths) - 0.5))
    if what == "presentations":
        spread = [v for v in (*value, *ends[0], *ends[1], *(v for _, v in then)) if v > 0.0]
        if spread:
            least, most = np.log10(min(spread)), np.log10(max(spread))
            ax.set_ylim(10.0 ** np.floor(least), 10.0 ** np.ceil(most))
        ax.set_yscale("log")
        ax.set_ylabel("presentations")
    else:
        ax.set(ylabel="error on fresh sequences (%)", ylim=(-3, 65))
    ax.legend(loc="best", fontsize=9)
    return ax
