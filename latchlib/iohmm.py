"""An input/output hidden Markov model, and EM for it.

A token stands on one of a few states. At each step it reads an input, one of a few symbols, and
moves by chance; how likely each move is depends on the symbol alone. Nobody sees the token. Only
the class of the sequence is known, at its end, where each state stands for a class.

Bengio and Frasconi (1993, 1994, 1995); chapter em. Their moves depend on the input through small
networks. Here they are tables, one a symbol, so that the M-step is a division.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib.problems import Sequences
from latchlib.training import StopReason
from latchlib.validation import finite, integer, number, one_of, refuse, shaped

__all__ = [
    "READERS",
    "Expectation",
    "Learned",
    "Machine",
    "Reader",
    "all_to_all",
    "ergodic_coefficient",
    "expect",
    "learn",
    "maximise",
    "messages",
    "positive_chance",
    "random_tables",
    "two_chains",
]

# What tables may miss of a sum of 1.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Machine:
    """What is built in before anything is learned. The token starts on the first state.

    Parameters
    ----------
    allowed : array_like of bool, shape (state, state)
        Which moves may be made, from row to column; at least one from every state.
    outputs : array_like, shape (state,)
        How likely the class is the positive one if the token ends there, within [0, 1].

    Raises
    ------
    ValueError
        If a shape does not fit, a state has no way out or an output is out of range.
    """

    allowed: NDArray[np.bool_]
    outputs: NDArray[np.float64]

    def __post_init__(self) -> None:
        allowed = finite("allowed", self.allowed) != 0
        outputs = finite("outputs", self.outputs)
        shaped("outputs", outputs, (None,), "(state,)")
        n = len(outputs)
        shaped("allowed", allowed, (n, n), "(state, state)")
        if not allowed.any(axis=1).all():
            raise refuse("allowed", allowed.tolist(), "a way out of every state")
        if outputs.min() < 0.0 or outputs.max() > 1.0:
            raise refuse("outputs", outputs.tolist(), "numbers from 0 to 1")
        object.__setattr__(self, "allowed", allowed)
        object.__setattr__(self, "outputs", outputs)

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.outputs)


def two_chains(length: int = 3) -> Machine:
    """Return an initial state and two chains without a way from one to the other.

    Parameters
    ----------
    length : int
        States of a chain, >= 1. In a chain the token stays or goes on by one. The first chain
        stands for the positive class, the other for the negative one, the first state for neither.
    """
    n = 1 + 2 * integer("length", length, at_least=1)
    allowed = np.eye(n, dtype=bool)
    for first in (1, 1 + length):
        allowed[0, first] = True
        for state in range(first, first + length - 1):
            allowed[state, state + 1] = True
    outputs = np.repeat([0.5, 1.0, 0.0], [1, length, length])
    return Machine(allowed, outputs)


def all_to_all(states: int) -> Machine:
    """Return states with every move allowed, half of them for each class.

    Parameters
    ----------
    states : int
        How many, >= 2. The first half stands for the negative class, so the token starts there; if
        the number is odd, the first state stands for neither, the next half for the positive class
        as in :func:`two_chains`.
    """
    integer("states", states, at_least=2)
    half = states // 2
    if states % 2:
        outputs = np.repeat([0.5, 1.0, 0.0], [1, half, half])
    else:
        outputs = np.repeat([0.0, 1.0], half)
    return Machine(np.ones((states, states), dtype=bool), outputs)


@dataclass(frozen=True)
class Reader:
    """How the inputs of a problem are read as symbols.

    Parameters
    ----------
    count : int
        Number of symbols, >= 1.
    read : callable
        Takes inputs (T, channel, sequence, trial), returns whole numbers (T, sequence, trial).
    """

    count: int
    read: Callable[[NDArray[np.float64]], NDArray[np.int64]]

    def __call__(self, sequences: Sequences) -> NDArray[np.int64]:
        """Return the symbols of sequences, shape (T, sequence, trial); -1 before a start."""
        return np.where(sequences.running, self.read(sequences.inputs), -1)


def _bins(edges: ArrayLike) -> Reader:
    edges = np.asarray(edges, dtype=np.float64)
    return Reader(len(edges) + 1, lambda inputs: np.digitize(inputs[:, 0], edges))


def _latch_symbols(inputs):
    return np.where(inputs[:, 0] > 0, 0, np.where(inputs[:, 1] > 0, 1, 2 + (inputs[:, 2] > 0)))


#: How the inputs of each problem are read: latch, which class starts, then the sign of the noise;
#: 2-sequence, which tenth of [-1, 1]; parity, the sign.
READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "latch": Reader(4, _latch_symbols),
        "two-sequence": _bins(np.arange(-4, 5) / 5),
        "parity": _bins([0.0]),
    }
)


def random_tables(
    machine: Machine,
    symbols: int,
    trials: int,
    *,
    rng: np.random.Generator,
    softness: float = 1.0,
) -> NDArray[np.float64]:
    """Draw how likely every move is: partly one of the moves that are allowed, partly any law.

    Parameters
    ----------
    machine : Machine
        What is allowed.
    symbols : int
        Number of symbols, >= 1.
    trials : int
        Independent draws, >= 1.
    rng : numpy.random.Generator
        Source of randomness.
    softness : float
        Each row is a law drawn uniformly from all laws, times this, plus a move drawn uniformly,
        times the rest. 1 is soft, near 0 is nearly deterministic; > 0 and <= 1.

    Returns
    -------
    ndarray, shape (symbol, state, state, trial)
        The chance of a move from the first state to the second.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    symbols = integer("symbols", symbols, at_least=1)
    trials = integer("trials", trials, at_least=1)
    softness = number("softness", softness, above=0.0)
    if softness > 1.0:
        raise refuse("softness", softness, "one number > 0 and <= 1")
    tables = np.zeros((symbols, machine.states, machine.states, trials))
    for state, allowed in enumerate(machine.allowed):
        ways = int(allowed.sum())
        law = rng.dirichlet(np.ones(ways), (symbols, trials))
        chosen = np.eye(ways)[rng.integers(ways, size=(symbols, trials))]
        drawn = softness * law + (1.0 - softness) * chosen
        tables[:, state, allowed] = np.moveaxis(drawn, 2, 1)
    return tables


@dataclass(frozen=True)
class Expectation:
    """What the E-step finds.

    Parameters
    ----------
    likelihood : ndarray, shape (sequence, trial)
        Chance of the wanted class.
    counts : ndarray, shape (symbol, state, state, trial)
        How often each move was made on average, given the wanted classes.
    """

    likelihood: NDArray[np.float64]
    counts: NDArray[np.float64]


def positive_chance(machine: Machine, tables: ArrayLike, symbols: ArrayLike) -> NDArray[np.float64]:
    """Return the chance of the positive class of each sequence.

    Parameters
    ----------
    machine : Machine
        What is built in.
    tables : array_like, shape (symbol, state, state, trial)
        The chance of each move.
    symbols : array_like of int, shape (T, sequence, trial)
        What is read; -1 before a sequence starts.

    Returns
    -------
    ndarray, shape (sequence, trial)

    Raises
    ------
    ValueError
        If a shape does not fit, a row of the tables is no law over moves that are allowed or a
        symbol is out of range.
    """
    moves, symbols = _checked(machine, tables, symbols)
    return _forward(machine, moves, symbols)[-1] @ machine.outputs


def messages(
    machine: Machine, tables: ArrayLike, symbols: ArrayLike, positive: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what goes forwards through each sequence, and what comes back.

    Parameters
    ----------
    machine, tables, symbols
        As for :func:`positive_chance`.
    positive : array_like of bool, shape (sequence, trial)
        Whether the wanted class is the positive one.

    Returns
    -------
    forward, backward : ndarray, shape (T + 1, state, sequence, trial)
        Where the token is likely to be after each step, given the inputs so far; and how likely the
        wanted class is if it is there, given the inputs to come.

    Raises
    ------
    ValueError
        As :func:`positive_chance`, or if the classes do not fit.
    """
    moves, symbols = _checked(machine, tables, symbols)
    positive = _classes(positive, symbols)
    forward = _forward(machine, moves, symbols)
    backward = _backward(machine, moves, symbols, positive)
    return np.moveaxis(forward, -1, 1), np.moveaxis(backward, -1, 1)


def expect(
    machine: Machine, tables: ArrayLike, symbols: ArrayLike, positive: ArrayLike
) -> Expectation:
    """Run forwards and backwards, and count the moves: the E-step.

    Parameters
    ----------
    machine, tables, symbols, positive
        As for :func:`messages`.

    Raises
    ------
    ValueError
        As :func:`messages`, or if a wanted class is impossible.

    Notes
    -----
    Nothing is observed before the end, so both messages are chances as they are and nothing has to
    be scaled: the forward one sums to 1 at every step, and the backward one is a mean of outputs.
    """
    moves, symbols = _checked(machine, tables, symbols)
    return _expect(machine, moves, symbols, _classes(positive, symbols))


def maximise(tables: ArrayLike, counts: ArrayLike) -> NDArray[np.float64]:
    """Return the tables that explain the counted moves best: the M-step.

    Parameters
    ----------
    tables : array_like, shape (symbol, state, state, trial)
        The chance of each move so far.
    counts : array_like, shape (symbol, state, state, trial)
        How often each was made, >= 0.

    Returns
    -------
    ndarray, shape (symbol, state, state, trial)
        Counts over their sum; a row without counts stays as it is.

    Raises
    ------
    ValueError
        If a shape does not fit or a count is negative.
    """
    tables, counts = finite("tables", tables), finite("counts", counts)
    shaped("counts", counts, tables.shape, "(symbol, state, state, trial)")
    if counts.min() < 0.0:
        raise refuse("counts", float(counts.min()), "numbers >= 0")
    total = counts.sum(axis=2, keepdims=True)
    seen = total > 0.0
    return np.where(seen, counts / np.where(seen, total, 1.0), tables)


@dataclass(frozen=True)
class Learned:
    """What came of learning.

    Parameters
    ----------
    tables : ndarray, shape (symbol, state, state, trial)
        Those that were right on the whole training set, or the last ones.
    learned : ndarray of bool, shape (trial,)
        Whether they are.
    presentations : ndarray of int, shape (trial,)
        Sequences presented.
    starts : ndarray of int, shape (trial,)
        How many times tables were drawn.
    """

    tables: NDArray[np.float64]
    learned: NDArray[np.bool_]
    presentations: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def reason(self) -> NDArray[np.int64]:
        """Why each trial ended, as a :class:`latchlib.training.StopReason`."""
        return np.where(self.learned, StopReason.LEARNED, StopReason.BUDGET)


def learn(
    machine: Machine,
    symbols: ArrayLike,
    positive: ArrayLike,
    *,
    rng: np.random.Generator,
    count: int,
    max_presentations: int,
    method: str = "EM",
    softness: float = 1.0,
    at_rest: float = 1e-3,
) -> Learned:
    """Draw tables and improve them by EM until every class is right, or a budget is spent.

    Parameters
    ----------
    machine : Machine
        What is built in.
    symbols : array_like of int, shape (T, sequence, trial)
        What is read; -1 before a sequence starts.
    positive : array_like of bool, shape (sequence, trial)
        Whether the wanted class is the positive one.
    rng : numpy.random.Generator
        Spawns one stream a trial, for all of its draws.
    count : int
        Number of symbols, >= 1.
    max_presentations : int
        Budget a trial, >= the number of sequences. Each E-step presents every sequence once, and
        so does each guess.
    method : {"EM", "guessing"}
        Guessing has the same machine and the same draws, and no M-step.
    softness : float
        See :func:`random_tables`.
    at_rest : float
        EM draws anew where an iteration gains less than this, in the mean over the sequences of the
        logarithm of the likelihood; >= 0.

    Raises
    ------
    ValueError
        If a number is out of range or a shape does not fit.
    """
    one_of("method", method, ("EM", "guessing"))
    count = integer("count", count, at_least=1)
    symbols = _symbols(symbols, count)
    positive = _classes(positive, symbols)
    size, trials = positive.shape
    integer("max_presentations", max_presentations, at_least=size)
    if number("at_rest", at_rest) < 0.0:
        raise refuse("at_rest", at_rest, "one number >= 0")
    streams = rng.spawn(trials)

    def draw(which):
        parts = [random_tables(machine, count, 1, rng=streams[k], softness=softness) for k in which]
        return np.concatenate(parts, axis=-1)

    active, tables = np.arange(trials), draw(range(trials))
    spent, starts = np.zeros(trials, dtype=np.int64), np.ones(trials, dtype=np.int64)
    learned, last = np.zeros(trials, dtype=bool), np.full(trials, -np.inf)
    while True:
        spent[active] += size
        part = symbols[..., active], positive[:, active]
        moves = _moves(tables[..., active])
        if method == "EM":
            found = _expect(machine, moves, *part)
            right = (found.likelihood > 0.5).all(axis=0)
        else:
            chance = _forward(machine, moves, part[0])[-1] @ machine.outputs
            right = (np.where(part[1], chance, 1.0 - chance) > 0.5).all(axis=0)
        learned[active[right]] = True
        if learned.all() or spent[active].max() + size > max_presentations:
            return Learned(tables, learned, spent, starts)
        stuck = np.ones(len(active), dtype=bool)
        if method == "EM":
            tables[..., active[~right]] = maximise(
                tables[..., active[~right]], found.counts[..., ~right]
            )
            score = np.log(found.likelihood).mean(axis=0)
            stuck = score - last[active] < at_rest
            last[active] = np.where(stuck, -np.inf, score)
        again = active[stuck & ~right]
        if again.size:
            tables[..., again] = draw(again)
            starts[again] += 1
        active = active[~right]


def ergodic_coefficient(matrix: ArrayLike) -> NDArray[np.float64]:
    """Return Dobrushin's coefficient of stochastic matrices: how much of a difference is left.

    Parameters
    ----------
    matrix : array_like, shape (state, state, ...)
        Rows that sum to 1.

    Returns
    -------
    ndarray, shape (...)
        Half the largest distance of two rows, from 0 to 1.

    Raises
    ------
    ValueError
        If the matrix is not square or a row is no law.
    """
    matrix = finite("matrix", matrix)
    if matrix.ndim < 2 or matrix.shape[0] != matrix.shape[1]:
        raise refuse("shape of matrix", matrix.shape, "(state, state, ...)")
    if matrix.min() < 0.0 or abs(matrix.sum(axis=1) - 1.0).max() > _ROUNDING:
        raise refuse("matrix", matrix.tolist(), "rows of numbers >= 0 that sum to 1")
    gaps = abs(matrix[:, np.newaxis] - matrix[np.newaxis]).sum(axis=2)
    return gaps.max(axis=(0, 1)) / 2.0


# --- kernels: (sequence, trial, state), so that a token's moves lie side by side ----------


def _symbols(symbols, count):
    symbols = np.asarray(symbols)
    shaped("symbols", symbols, (None, None, None), "(T, sequence, trial)")
    if symbols.size == 0 or symbols.dtype.kind not in "iu":
        raise refuse("symbols", symbols, "whole numbers, at least one")
    if symbols.min() < -1 or symbols.max() >= count:
        raise refuse("symbols", symbols, f"whole numbers from -1 to {count - 1}")
    return symbols


def _checked(machine, tables, symbols):
    tables = finite("tables", tables)
    n = machine.states
    shaped("tables", tables, (None, n, n, None), "(symbol, state, state, trial)")
    if tables.min() < 0.0 or abs(tables.sum(axis=2) - 1.0).max() > _ROUNDING:
        raise refuse("tables", tables, "rows of numbers >= 0 that sum to 1")
    if tables[:, ~machine.allowed].any():
        raise refuse("tables", tables, "0 for every move that is not allowed")
    symbols = _symbols(symbols, len(tables))
    trials = tables.shape[-1]
    shaped("symbols", symbols, (None, None, trials), "(T, sequence, trial)")
    return _moves(tables), symbols


def _classes(positive, symbols):
    positive = np.asarray(positive)
    shaped("positive", positive, symbols.shape[1:], "(sequence, trial)")
    if positive.dtype.kind != "b":
        raise refuse("positive", positive, "True or False")
    return positive


def _moves(tables):
    # (symbol, trial, state, state). The last one, which -1 finds, lets the token stay.
    moves = np.moveaxis(tables, -1, 1)
    stay = np.broadcast_to(np.eye(moves.shape[-1]), (1, *moves.shape[1:]))
    return np.concatenate([moves, stay])


def _read(moves, symbols):
    # Yields the moves (sequence, trial, state, state) that belong to what is read at a step.
    count, trials, n, _ = moves.shape
    rows = moves.reshape(-1, n, n)
    where = symbols % count * trials + np.arange(trials)
    return lambda t: rows.take(where[t], axis=0)


def _forward(machine, moves, symbols):
    T, size, trials = symbols.shape
    forward, read = np.zeros((T + 1, size, trials, machine.states)), _read(moves, symbols)
    forward[0, ..., 0] = 1.0
    for t in range(T):
        np.einsum("kri,krij->krj", forward[t], read(t), out=forward[t + 1])
    return forward


def _backward(machine, moves, symbols, positive):
    T, size, trials = symbols.shape
    backward, read = np.empty((T + 1, size, trials, machine.states)), _read(moves, symbols)
    wanted = positive[..., np.newaxis]
    backward[T] = np.where(wanted, machine.outputs, 1.0 - machine.outputs)
    for t in reversed(range(T)):
        np.einsum("krij,krj->kri", read(t), backward[t + 1], out=backward[t])
    return backward


def _expect(machine, moves, symbols, positive):
    forward = _forward(machine, moves, symbols)
    backward = _backward(machine, moves, symbols, positive)
    likelihood = backward[0, ..., 0]
    if not likelihood.all():
        raise refuse("likelihood", 0.0, "tables that give every wanted class a chance")
    count, trials, n, _ = moves.shape
    counts = np.zeros((trials, count - 1, n, n))
    for r in range(trials):
        # Steps that read the same symbol side by side, so that a product sums over them.
        order = np.argsort(symbols[..., r], axis=None, kind="stable")
        starts = np.searchsorted(symbols[..., r].ravel(), np.arange(count), sorter=order)
        before = forward[:-1, :, r].reshape(-1, n)[order]
        after = (backward[1:, :, r] / likelihood[:, r, np.newaxis]).reshape(-1, n)[order]
        for k, (low, high) in enumerate(pairwise(starts)):
            counts[r, k] = before[low:high].T @ after[low:high]
    return Expectation(likelihood, np.moveaxis(counts * np.swapaxes(moves, 0, 1)[:, :-1], 0, -1))
