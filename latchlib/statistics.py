"""Intervals for what the experiments measure."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from latchlib.validation import finite, integer, refuse

__all__ = ["mean_interval", "paired_interval", "share_interval", "wilson_interval"]

# 97.5 % quantile of the standard normal law, for two-sided 95 % intervals.
_Z95 = 1.959963984540054


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the Wilson score interval, at 95 %, of a proportion.

    Parameters
    ----------
    successes, trials : int
        0 <= successes <= trials, trials >= 1.

    Returns
    -------
    tuple of float
        Lower and upper end, within [0, 1].

    Raises
    ------
    ValueError
        If the counts are out of range.

    Notes
    -----
    Wilson (1927). Unlike p +- 1.96 sqrt(p (1 - p) / n) it keeps a width at p = 0 and p = 1,
    where many cells of Fig. 2a lie.
    """
    trials = integer("trials", trials, at_least=1)
    successes = integer("successes", successes, at_least=0)
    if successes > trials:
        raise refuse("successes", successes, f"an integer <= trials = {trials}")
    low, high = _score(successes / trials, trials)
    # The ends are exactly 0 and 1 there; the formula leaves a rounding error.
    return (0.0 if successes == 0 else low, 1.0 if successes == trials else high)


def mean_interval(values: ArrayLike) -> tuple[float, float]:
    """Return Student's t interval, at 95 %, of a mean.

    Parameters
    ----------
    values : array_like, shape (trial,)
        One value a trial, at least two.

    Returns
    -------
    tuple of float
        Lower and upper end; both are the mean if all values are equal.

    Raises
    ------
    ValueError
        If there are fewer than two values or one is not finite.
    """
    values = _sample("values", values)
    n, mean = values.size, float(values.mean())
    half = float(stats.t.ppf(0.975, n - 1)) * float(values.std(ddof=1)) / sqrt(n)
    return mean - half, mean + half


def paired_interval(one: ArrayLike, other: ArrayLike) -> tuple[float, float, float]:
    """Return the mean of `one` minus `other`, pair by pair, with Student's t interval at 95 %.

    Parameters
    ----------
    one, other : array_like, shape (trial,)
        Values of the same trials in the same order, at least two.

    Returns
    -------
    tuple of float
        The mean difference, and lower and upper end of its interval; all three are the difference
        if it is the same for every pair.

    Raises
    ------
    ValueError
        If there are fewer than two pairs, the numbers of values differ or one is not finite.
    """
    one, other = _sample("one", one), _sample("other", other)
    if one.size != other.size:
        raise refuse("other", other, f"{one.size} numbers, as many as in one")
    gaps = one - other
    return float(gaps.mean()), *mean_interval(gaps)


def share_interval(shares: ArrayLike, size: int) -> tuple[float, float]:
    """Return a score interval, at 95 %, of a mean share of wrong sequences.

    Parameters
    ----------
    shares : array_like, shape (trial,)
        Each trial's share of wrong sequences, within [0, 1]; at least two trials.
    size : int
        Sequences in each trial, >= 1.

    Returns
    -------
    tuple of float
        Lower and upper end, within [0, 1].

    Raises
    ------
    ValueError
        If there are fewer than two shares, one is not within [0, 1], or `size` is no integer >= 1.

    Notes
    -----
    Sequences of one trial are classified by the same network, so they do not count as independent.
    Wilson's interval is taken for an effective number of trials n / phi, as in survey sampling
    (Korn and Graubard, 1998), where phi = s^2 / (p (1 - p)) is 1 if each trial is all right or all
    wrong, and 1/size if its sequences are independent. To estimate phi, and for nothing else, one
    trial at the chance level 1/2 is added: without it, 100 trials without an error would say that
    errors cannot happen.
    """
    size = integer("size", size, at_least=1)
    shares = _sample("shares", shares)
    if shares.min() < 0.0 or shares.max() > 1.0:
        raise refuse("shares", shares, "numbers from 0 to 1")
    with_one_more = np.append(shares, 0.5)
    centre = float(with_one_more.mean())
    phi = float(with_one_more.var(ddof=1)) / (centre * (1.0 - centre))
    share = float(shares.mean())
    low, high = _score(share, shares.size / min(max(phi, 1.0 / size), 1.0))
    return (0.0 if share == 0.0 else low, 1.0 if share == 1.0 else high)


def _sample(name, values):
    values = finite(name, values)
    if values.ndim != 1 or values.size < 2:
        raise refuse(name, values, "a list of at least two numbers")
    return values


def _score(p: float, n: float) -> tuple[float, float]:
    z2 = _Z95**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    return centre - half, centre + half
