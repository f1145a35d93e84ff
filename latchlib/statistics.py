"""Intervals for what the experiments measure."""

from __future__ import annotations

from math import sqrt

from latchlib._validation import integer, refuse

__all__ = ["wilson_interval"]

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
    p, z2 = successes / trials, _Z95**2
    centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z95 / (1 + z2 / trials) * sqrt(p * (1 - p) / trials + z2 / (4 * trials**2))
    # The ends are exactly 0 and 1 there; the formula leaves a rounding error.
    return (
        0.0 if successes == 0 else centre - half,
        1.0 if successes == trials else centre + half,
    )
