"""Wilson's interval against its definition, a quadratic equation."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from latchlib.statistics import wilson_interval

Z = NormalDist().inv_cdf(0.975)


@pytest.mark.parametrize("trials", [1, 2, 18, 200])
def test_ends_solve_the_score_equation(trials):
    # An end p satisfies (k/n - p)^2 = z^2 p (1 - p) / n.
    for k in range(trials + 1):
        share = k / trials
        roots = np.roots([1 + Z**2 / trials, -(2 * share + Z**2 / trials), share**2])
        assert wilson_interval(k, trials) == pytest.approx(sorted(roots.real), abs=1e-7)


@pytest.mark.parametrize("trials", [1, 18, 200])
def test_stays_within_zero_and_one_and_is_symmetric(trials):
    for k in range(trials + 1):
        low, high = wilson_interval(k, trials)
        assert 0.0 <= low <= k / trials <= high <= 1.0
        mirrored = wilson_interval(trials - k, trials)
        assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-15)
    assert wilson_interval(0, trials)[0] == 0.0
    assert wilson_interval(trials, trials)[1] == 1.0


def test_agrees_with_the_plain_interval_for_many_trials():
    n, k = 10**8, 3 * 10**7
    half = Z * sqrt(0.3 * 0.7 / n)
    assert wilson_interval(k, n) == pytest.approx((0.3 - half, 0.3 + half), abs=1e-8)


@pytest.mark.parametrize("k, n", [(0, 0), (-1, 5), (6, 5), (1.0, 5), (1, 5.0), (True, 5)])
def test_refuses(k, n):
    with pytest.raises(ValueError, match="accepted"):
        wilson_interval(k, n)
