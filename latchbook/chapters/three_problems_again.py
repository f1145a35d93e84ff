"""What the chapter three-problems-again asks, and the tables and pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, log

import numpy as np
import pandas as pd
import sympy as sp
from matplotlib.axes import Axes

from latchbook.figures.experiments import whiskers
from latchbook.figures.style import BLUE, GREEN, GREY, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchbook.tables import Table, between, count
from latchlib.backprop import Network
from latchlib.cells import CELLS
from latchlib.experiments import EXPERIMENTS, trials_of
from latchlib.experiments.architectures import ARCHITECTURES, RULES, each_of
from latchlib.formulas import SYMBOLS
from latchlib.gated import CellUnit, certify_kept
from latchlib.objective import SequenceObjective
from latchlib.problems import NOISE, SignedLatch
from latchlib.statistics import mean_interval, share_interval
from latchlib.training import Adam, train
from latchlib.wirings import full

d, n, t, x = (SYMBOLS[name] for name in "d n t x".split())

#: The control.
GUESSING = "random guessing"

#: How many sequences of so many times the length a trained network is tested on.
_SIZES = EXPERIMENTS["architectures"]["full"].longer

PREDICTION = Prediction(
    "Networks of five units are trained by Adam on the parity of up to five bits. LSTMs get all "
    "twenty training sequences right in 99 trials out of a hundred, GRUs in 38. Of the networks "
    "that got there, which know parity?",
    (
        Choice(
            "The LSTMs: they learned it in nearly every trial.",
            "What they learned in nearly every trial is their twenty sequences. Of fresh ones they "
            "get more than a quarter wrong.",
        ),
        Choice(
            "Both: whoever gets twenty sequences right knows the rule.",
            "Twenty sequences can be known by heart, and five units have enough weights for that.",
        ),
        Choice(
            "The GRUs: they err in few fresh sequences, the LSTMs in many.",
            "Of the fresh answers of those that learned, 7 % are wrong for the GRUs and 29 % for "
            "the LSTMs. Over all trials, the two err about equally often.",
            right=True,
        ),
    ),
)

DRILL = Drill(
    Task(
        "Two numbers are uniform on [-1/2, 1/2], and their sum is guessed to be 0. How often is "
        "the guess less than {d} away?",
        of("luck_of_adding"),
        {"d": Range(0.05, 0.6, 0.05)},
        "The sum has the density 1 − |s|, so the answer is 2d − d².",
        {
            "The density is 1 − |s|, not 1.": 2 * d,
            "That is how often it is further away.": (1 - d) ** 2,
            "That is one side of 0 only.": d - d**2 / 2,
        },
        share=True,
    ),
    Task(
        "A network errs in a share {x} of all sequences. How often does it get {n} sequences in a "
        "row right?",
        of("geometric_tail"),
        {"x": Range(0.02, 0.2, 0.02), "n": Range(5, 20, 5)},
        "It is (1 − e)ᵐ.",
        {
            "That is how often it gets them all wrong.": x**n,
            "That is for one sequence.": 1 - x,
            "That is how often at least one of them is wrong.": 1 - (1 - x) ** n,
        },
        share=True,
    ),
    Task(
        "A state decays with a half-life of {n} steps. What is left of it after {t}?",
        of("left_of_bit"),
        {"n": Range(20, 50, 10), "t": Range(25, 75, 10)},
        "It is 2 to the power of −T/k.",
        {
            "Halves are multiplied, not added.": n / t / 2,
            "That is what is gone, not what is left.": 1 - 2 ** (-t / n),
            "That has e instead of 2.": sp.exp(-t / n),
        },
        share=True,
    ),
)

EXERCISES = {
    "ex-again-luck": Exercise(
        expected=lambda: 1 - sp.sqrt(sp.Rational(1, 2)),
        why="(1 − d)² = 1/2.",
        slips={
            "That leaves out the term d².": lambda: sp.Rational(1, 4),
            "That is 1 − d.": lambda: sp.sqrt(sp.Rational(1, 2)),
        },
    ),
    "ex-again-pass": Exercise(
        expected=lambda: sp.Integer(ceil(log(0.01) / log(0.9))),
        why="0.9 to the power of 44 is the first power below 0.01.",
        slips={
            "With 43 sequences it still passes slightly more than once in a hundred times.": (
                lambda: sp.Integer(43)
            ),
            "A test of 20 is passed one time in eight.": lambda: sp.Integer(20),
        },
    ),
    "ex-again-far": Exercise(
        expected=lambda: of("left_of_bit", t=500, n=50),
        why="500 steps are ten half-lives, so 2 to the power of −10 is left.",
        slips={
            "That is after one half-life.": lambda: sp.Rational(1, 2),
            "Halves are multiplied: 2 to the power of −10.": lambda: sp.Rational(1, 20),
        },
    ),
}

# --- tables ------------------------------------------------------------------------------


def _place(rows: pd.DataFrame, problem: str, T: int) -> dict[tuple[str, str], pd.Series]:
    """Return the rows that are shown at one problem and length, by architecture and rule."""
    own = rows[(rows.problem == problem) & (rows["T"] == T) & (rows.part == "shown")]
    return {(row["architecture"], row["rule"]): row for _, row in own.iterrows()}


def _names(found: Iterable[tuple[str, str]]) -> list[str]:
    there = {name for name, _ in found}
    return [name for name in ARCHITECTURES if name in there]


def learned_table(rows: pd.DataFrame, problem: str, T: int) -> Table:
    """Return a table of architecture by rule: fresh error; learned trials, their median, rate."""
    found, body = _place(rows, problem, T), []
    for name in _names(found):
        cells = []
        for rule in RULES:
            row = found[name, rule]
            fresh = between(row.test_error, row.test_error_low, row.test_error_high)
            after = f", {count(row.median_presentations)}" if row.learned > 50 else ""
            cells.append(f"{fresh}\n{row.learned:.0f} learned{after}")
        body.append([name, *cells, f"{found[name, GUESSING].learned:.0f}"])
    caption = (
        f"{problem}, T = {T}: fresh error (%); how many of 100 trials learned, and their median "
        "presentations"
    )
    return Table(caption, ["architecture", *RULES, "guessing\nlearned"], body)


def further_table(rows: pd.DataFrame, problem: str, T: int, rule: str = "Adam") -> Table:
    """Return a table of the fresh error in percent at T and at longer sequences."""
    found, body = _place(rows, problem, T), []
    for name in _names(found):
        row = found[name, rule]
        fresh = between(row.test_error, row.test_error_low, row.test_error_high)
        body.append([name, fresh, *(_longer(row, factor) for factor in (2, 10, 50))])
    head = ["architecture", f"T = {T}", *(f"{k * T:,}" for k in (2, 10, 50))]
    title = f"{problem} at T = {T}, {rule}: fresh error (%) at up to T, 2T, 10T and 50T"
    return Table(title, head, body)


def _longer(row: pd.Series, factor: int) -> str:
    wrong, size = each_of(row, f"wrong_{factor}T"), _SIZES[factor]
    if not wrong.size:
        return "-"
    return between(row[f"error_{factor}T"], *share_interval(wrong / size, size))


def trained(name: str, T: int = 10, trials: int = 20) -> list[tuple[CellUnit, float, float]]:
    """Train single units on the latch by Adam; return those that learned, with their read-outs.

    Parameters
    ----------
    name : str
        Key of :data:`ARCHITECTURES`: one whose unit has no state but its output.
    T, trials : int
        Greatest length, and how many units.

    Returns
    -------
    list of (CellUnit, float, float)
        Unit, weight and bias of the read-out.
    """
    kind, rng = ARCHITECTURES[name], np.random.default_rng(0)
    network = Network(full(1, 1), CELLS[kind.cell], readout=True)
    objective = SequenceObjective.draw(SignedLatch(T), trials, rng=rng, network=network)
    start = network.initial(rng.spawn(trials), biases=kind.biases)
    result = train(objective, start, Adam(0.03), rng=rng, max_presentations=2_000)
    names = [f"{row}.{what}" for row, reads in network.cell.rows.items() for what in reads]
    return [
        (CellUnit(network.cell, dict(zip(names, weights, strict=True))), v, v0)
        for *weights, v, v0 in result.params[:, result.learned].T
    ]


def holds(unit: CellUnit, v: float, v0: float) -> bool:
    """Say whether a unit is certified to hold both answers against all noise of the latch problem.

    That is, whether on either side of 0 there is an interval of states that no inputs up to
    :data:`NOISE` lead out of, on which the read-out v x + v0 has one sign, another on either side.
    """
    return all(
        any(
            certify_kept(unit, *sorted((side * low, side)), NOISE).holds and abs(v) * low > abs(v0)
            for low in np.arange(2, 9) / 10
        )
        for side in (-1.0, 1.0)
    )


def became(rows: pd.DataFrame, T: int, rule: str = "Adam") -> pd.DataFrame:
    """Return what trained latch units became, of the trials that learned.

    Parameters
    ----------
    rows : pandas.DataFrame
        The result "architectures".
    T : int
        Length of training.
    rule : str
        Which rule.

    Returns
    -------
    pandas.DataFrame
        A row an architecture: trials that ``learned``; how many ``keep`` both bits for 50 T steps
        without noise; the median ``half_life`` of the gradient, in T; the mean ``clock``.
    """
    body = []
    for (name, own), row in _place(rows, "latch", T).items():
        if own != rule or not row.held:
            continue
        learned = trials_of(row)["learned"]
        keep = each_of(row, "held")[learned] == 2
        halves = np.nan_to_num(each_of(row, "half_life")[learned], nan=np.inf) / T
        clock = each_of(row, "clock")
        mean = clock[learned].mean() if clock.size else np.nan
        body.append((name, learned.sum(), keep.sum(), np.median(halves), mean))
    columns = ["architecture", "learned", "keep", "half_life", "clock"]
    return pd.DataFrame(body, columns=columns)


#: Whose clock is the larger the longer the state is kept, and whose the smaller.
_KEEPS = {"LSTM": 1, "LSTM, chrono": 1, "bistable": 1}


def clock_slopes(rows: pd.DataFrame, short: int, long: int, rule: str = "Adam") -> pd.DataFrame:
    """Return by how much the bias of the clock grows with ln T, of trained latch units.

    Parameters
    ----------
    rows : pandas.DataFrame
        The result "architectures".
    short, long : int
        The two lengths.
    rule : str
        Which rule.

    Returns
    -------
    pandas.DataFrame
        A row an architecture with a clock and at least ten trials that learned at each length:
        ``slope``, ``low``, ``high``. Positive where longer sequences are kept longer.
    """
    body = []
    for name in ARCHITECTURES:
        ends = []
        for T in (short, long):
            row = _place(rows, "latch", T).get((name, rule))
            if row is not None and row.clock:
                ends.append(_KEEPS.get(name, -1) * each_of(row, "clock")[trials_of(row)["learned"]])
        if len(ends) < 2 or min(map(len, ends)) < 10:
            continue
        middles, halves = [], []
        for clock in ends:
            low, high = mean_interval(clock)
            middles.append((low + high) / 2)
            halves.append((high - low) / 2)
        step = np.log(long / short)
        slope, half = (middles[1] - middles[0]) / step, np.hypot(*halves) / step
        body.append((name, slope, slope - half, slope + half))
    return pd.DataFrame(body, columns=["architecture", "slope", "low", "high"])


def became_table(found: pd.DataFrame, T: int) -> Table:
    """Return a table of what :func:`became` found."""
    body = [
        [row.architecture, str(row.learned), str(row.keep), _steps(row.half_life)]
        for row in found.itertuples()
    ]
    caption = f"Latch units trained at T = {T} by Adam, without noise"
    return Table(
        caption, ["architecture", "learned", f"keep both for {50 * T:,}", "half-life"], body
    )


def _steps(half_life: float) -> str:
    return f"{half_life:.2g} T" if half_life < 1_000 else "over 1,000 T"


# --- pictures ----------------------------------------------------------------------------


def plot_learned(rows: pd.DataFrame, problem: str, T: int, ax: Axes | None = None) -> Axes:
    """Draw how many trials of each architecture learned, by gradients and by guessing."""
    ax = axes(ax)
    found = _place(rows, problem, T)
    names = _names(found)
    marks = ((GUESSING, GREY, "x", 0.22), ("Adam", BLUE, "o", 0.0), ("clipped", GREEN, "^", -0.22))
    for rule, colour, mark, shift in marks:
        own = [found[name, rule] for name in names]
        shares = np.array([row.learned for row in own]) / 100
        ends = [[row[f"learned_{end}"] for row in own] for end in ("low", "high")]
        ax.errorbar(
            100 * shares, np.arange(len(names)) - shift, xerr=100 * whiskers(shares, *ends),
            fmt=mark, color=colour, ms=5, elinewidth=1.2, label=rule,
        )  # fmt: skip
    _architectures(ax, names)
    ax.set(xlabel="trials of 100 that learned", xlim=(-4, 104))
    return ax


def plot_far(rows: pd.DataFrame, problem: str, T: int, ax: Axes | None = None) -> Axes:
    """Draw the fresh error after training by Adam, at T, 2 T and 10 T."""
    ax = axes(ax)
    found = _place(rows, problem, T)
    names = [name for name in _names(found) if found[name, "Adam"].learned]
    own = [found[name, "Adam"] for name in names]
    at = np.arange(len(names))
    # The shorter the smaller, and in front, so that marks at one place are all seen.
    marks = (
        ("test_error", "T", BLUE, "o", 4),
        ("error_2T", "2 T", GREEN, "^", 7),
        ("error_10T", "10 T", VERMILLION, "s", 9),
    )
    ax.hlines(at, [100 * row.test_error for row in own], [100 * row.error_10T for row in own],
              color=GREY, lw=1)  # fmt: skip
    for column, label, colour, mark, size in marks:
        errors = [100 * row[column] for row in own]
        ax.plot(errors, at, mark, color=colour, ms=size, label=label, zorder=12 - size)
    ax.axvline(50, color=GREY, lw=1, ls=":")
    _architectures(ax, names)
    ax.set(xlabel="error on fresh sequences (%)", xlim=(-3, 62))
    return ax


def _architectures(ax: Axes, names: list[str]) -> None:
    ax.set_yticks(np.arange(len(names)), names)
    ax.set_ylabel("architecture")
    ax.invert_yaxis()
    ax.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3, fontsize=9)
