"""How likely a guess is to solve a problem: counted, and where it can be computed.

A guess draws every weight from U[-bound, bound]. Guesses are independent, so on one training set
their number until the first success is geometric. Trials differ in their training sets: the counts
are therefore kept apart, set by set.

Hochreiter and Schmidhuber (1996) guess so; chapter random-guessing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import integrate, optimize

from latchlib import formulas
from latchlib.backprop import Backpropagator, Network
from latchlib.problems import Problem, Sequences
from latchlib.validation import finite, integer, number, refuse, shaped
from latchlib.wirings import classic

__all__ = [
    "Counts",
    "count_solving",
    "held_share",
    "parity_step_solved",
    "solving",
    "unlike_first_signs",
]

# Guesses run at a time: their states of one sequence should stay in the cache.
_BLOCK = 500


@dataclass(frozen=True)
class Counts:
    """Guesses that solved each of several training sets.

    Parameters
    ----------
    solved : ndarray of int, shape (set,)
        How many did.
    guesses : int
        Guesses a set.
    training : list of Sequences
        The sets, one trial each.
    right : ndarray, shape (n_params, solution)
        The guesses that did, set after set.
    """

    solved: NDArray[np.int64]
    guesses: int
    training: list[Sequences]
    right: NDArray[np.float64]


def solving(network: Network, guesses: ArrayLike, sequences: Sequences) -> NDArray[np.bool_]:
    """Say which guesses give every sequence of one training set its sign.

    Sequences are shown 1, 2, 4, ... at a time, to the guesses that are still right.

    Parameters
    ----------
    network : Network
        Whose weights are guessed.
    guesses : array_like, shape (n_params, guess)
        Weights.
    sequences : Sequences
        A set of one trial.

    Returns
    -------
    ndarray of bool, shape (guess,)

    Raises
    ------
    ValueError
        If a shape does not fit or a weight is not finite.
    """
    guesses = finite("guesses", guesses)
    shaped("guesses", guesses, (network.n_params, None), "(n_params, guess)")
    shape = (None, network.wiring.channels, None, 1)
    shaped("sequences", sequences.inputs, shape, "(T, channel, sequence, 1)")
    runner, output = Backpropagator(network), network.wiring.output
    left, shown, more = np.arange(guesses.shape[1]), 0, 1
    while shown < len(sequences.targets) and left.size:
        inputs = sequences.inputs[:, :, shown : shown + more]
        targets = sequences.targets[shown : shown + more]
        kept = []
        for start in range(0, left.size, _BLOCK):
            part = left[start : start + _BLOCK]
            each = np.broadcast_to(inputs, (*inputs.shape[:3], part.size))
            outputs = runner.forward(guesses[:, part], each).y[-1, output]
            kept.append(part[(outputs * targets > 0.0).all(axis=0)])
        left, shown, more = np.concatenate(kept), shown + more, 2 * more
    solved = np.zeros(guesses.shape[1], dtype=bool)
    solved[left] = True
    return solved


def count_solving(
    problem: Problem,
    sets: int,
    guesses: int,
    *,
    rng: np.random.Generator,
    bound: float = 100.0,
    sequences: int = 20,
    network: Network | None = None,
) -> Counts:
    """Guess for several training sets and count.

    Parameters
    ----------
    problem : Problem
        What to solve.
    sets : int
        Training sets, >= 1.
    guesses : int
        Guesses a set, >= 1.
    rng : numpy.random.Generator
        Spawns one stream a set, for the set and then its guesses.
    bound : float
        Weights are uniform on [-bound, bound], > 0.
    sequences : int
        Sequences in a set, >= 1.
    network : Network, optional
        Whose weights are guessed; by default that of 1994.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    integer("sets", sets, at_least=1)
    integer("guesses", guesses, at_least=1)
    bound = number("bound", bound, above=0.0)
    network = network or Network(classic(problem.name))
    training, solved, right = [], [], []
    for stream in rng.spawn(sets):
        training += problem.sample([stream], integer("sequences", sequences, at_least=1))
        drawn = stream.uniform(-bound, bound, (network.n_params, guesses))
        found = solving(network, drawn, training[-1])
        solved.append(int(found.sum()))
        right.append(drawn[:, found])
    return Counts(np.array(solved), guesses, training, np.concatenate(right, axis=1))


def held_share(bound: float, noise: float) -> float:
    """Return the share of latch guesses that are right at every length, under every noise.

    Parameters
    ----------
    bound : float
        Weights are uniform on [-bound, bound], > 0.
    noise : float
        Bound b of the noise, >= 0.

    Returns
    -------
    float
        0 where no weight within the bound bears the noise.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    Such a guess has u1 > c(w) and u2 < -c(w), where c is the smaller positive root of
    w tanh c - b = c. Over c the weight falls, w = (c + b)/tanh c, from `bound` to its least value
    at w sech^2 c = 1, where h*(w) = b. So the volume is an integral of (bound - c)^2 over w.
    """
    bound = number("bound", bound, above=0.0)
    noise = number("noise", noise)
    if noise < 0.0:
        raise refuse("noise", noise, "one number >= 0")
    if noise == 0.0:
        return 1.0 / 8.0  # w > 0, u1 > 0, u2 < 0
    weight = formulas.formula("held_weight").numpy()
    # sinh c cosh c = c + b. At the upper end sinh 2c is at least 27 times max(4b, 1).
    last = optimize.brentq(
        lambda c: np.sinh(2.0 * c) / 2.0 - c - noise, 0.0, np.arcsinh(4.0 * noise) / 2.0 + 2.0
    )
    if weight(last, noise) >= bound:
        return 0.0
    # Below b/bound the weight is beyond the bound, as tanh c < c. By the logarithm of c, since the
    # weight falls like b/c there, over as many powers of ten as bound/b has.
    end = np.log(last)
    start = optimize.brentq(
        lambda s: np.log(weight(np.exp(s), noise) / bound), np.log(noise / bound) - 1.0, end
    )

    def slice_of(s):
        c = np.exp(s)
        fall = (1.0 + noise / c) * (c / np.sinh(c)) ** 2 - c / np.tanh(c)  # -dw/ds
        return (1.0 - c / bound) ** 2 * fall / bound

    share, _ = integrate.quad(slice_of, start, end, epsabs=0.0, epsrel=1e-11)
    return share / 8.0


def parity_step_solved(guesses: ArrayLike, noise: float = 0.0) -> NDArray[np.bool_]:
    """Say which guesses do a step of parity right with threshold units: all steps then are.

    Parameters
    ----------
    guesses : array_like, shape (7, guess)
        Weights in the order of ``classic("parity")``.
    noise : float
        Bound of the noise of each input, >= 0 and < 1.

    Returns
    -------
    ndarray of bool, shape (guess,)
        Whether the output changes where the input is near 1, and stays where it is near -1, from
        either output; and whether the first output, which has none before it, is that of the input.
        Under noise the output has to be right at both ends of the input's range, with the hidden
        unit as it is at either end: enough for all inputs between.

    Raises
    ------
    ValueError
        If a shape or the noise does not fit.
    """
    guesses = finite("guesses", guesses)
    shaped("guesses", guesses, (7, None), "(7, guess)")
    if not 0.0 <= number("noise", noise) < 1.0:
        raise refuse("noise", noise, "one number >= 0 and < 1")
    from_input, from_output, bias, to_input, to_output, to_hidden, own_bias = guesses
    right = np.ones(guesses.shape[1], dtype=bool)
    for before in (-1.0, 0.0, 1.0):
        for bit in (-1.0, 1.0):
            wanted = -bit * before if before else bit
            ends = (bit * (1.0 - noise), bit * (1.0 + noise))
            hidden = [np.sign(from_input * u + from_output * before + bias) for u in ends]
            for u in ends:
                for unit in hidden:
                    net = to_input * u + to_output * before + to_hidden * unit + own_bias
                    right &= net * wanted > 0.0
    return right


def unlike_first_signs(sequences: Sequences) -> bool:
    """Say whether the first inputs of the two classes of a 2-sequence set have unlike signs.

    Parameters
    ----------
    sequences : Sequences
        A set of one trial; the first inputs of a class are all the same.

    Raises
    ------
    ValueError
        If the set is not of one trial and one channel.
    """
    shaped("sequences", sequences.inputs, (None, 1, None, 1), "(T, 1, sequence, 1)")
    T, size = len(sequences.inputs), len(sequences.targets)
    first = sequences.inputs[T - sequences.lengths[:, 0], 0, np.arange(size), 0]
    return len(np.unique(np.sign(first * sequences.targets[:, 0]))) == 1
