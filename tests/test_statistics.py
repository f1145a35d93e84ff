"""Wilson's interval against its definition, a quadratic equation."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from latchlib.statistics import mean_interval, paired_interval, share_interval, wilson_interval

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


# --- means ---------------------------------------------------------------------------------


def test_mean_interval_against_a_table():
    # 97.5 % quantile of Student's t with 9 degrees of freedom, from printed tables: 2.262.
    values = np.arange(10.0)
    half = 2.262 * np.sqrt(np.sum((values - 4.5) ** 2) / 9 / 10)
    low, high = mean_interval(values)
    assert (low, high) == pytest.approx((4.5 - half, 4.5 + half), abs=1e-3)
    assert mean_interval([3.0, 3.0]) == (3.0, 3.0)


def coverage(draw, interval, truth, repetitions=2000):
    rng = np.random.default_rng(5)
    found = [interval(draw(rng)) for _ in range(repetitions)]
    return sum(low <= truth <= high for low, high in found)


def test_mean_interval_covers_at_its_rate():
    hits = coverage(lambda rng: rng.normal(3.0, 2.0, 12), mean_interval, 3.0)
    low, high = wilson_interval(hits, 2000)  # wrong with chance 5 %, for one fixed seed
    assert low <= 0.95 <= high


#: Share of trials that fail, and what a trial that fails gets wrong of 20.
MIXTURES = {
    "few trials fail": (0.05, 0.5),
    "many trials fail": (0.4, 0.5),
    "every trial guesses": (1.0, 0.5),
    "every trial errs a little": (1.0, 0.05),
}


@pytest.mark.parametrize("name", MIXTURES)
def test_share_interval_covers_at_least_at_its_rate(name):
    failing, rate = MIXTURES[name]

    def draw(rng):
        return (rng.random(100) < failing) * rng.binomial(20, rate, 100) / 20

    hits = coverage(draw, lambda shares: share_interval(shares, 20), failing * rate)
    assert hits / 2000 >= 0.94
    # Near 0 the added trial makes it cautious; in the middle it should not be.
    if name in ("many trials fail", "every trial guesses"):
        assert hits / 2000 <= 0.965


def test_share_interval_lies_between_its_two_extremes():
    # All right or all wrong: as many observations as trials, here 10, or a few more because of
    # the trial that is added; sequences as if independent: 200 of them.
    clustered = share_interval([0.0] * 5 + [1.0] * 5, 20)
    assert clustered == pytest.approx(wilson_interval(5, 10), abs=0.015)
    even = share_interval([0.5] * 10, 20)
    assert even == pytest.approx(wilson_interval(100, 200), abs=1e-12)


def test_no_error_seen_is_not_no_error():
    low, high = share_interval(np.zeros(100), 20)
    assert low == 0.0
    assert wilson_interval(0, 2000)[1] < high < wilson_interval(0, 100)[1]
    mirrored = share_interval(np.ones(100), 20)
    assert mirrored == pytest.approx((1 - high, 1.0), abs=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mean_interval([1.0]),
        lambda: mean_interval([1.0, np.nan]),
        lambda: mean_interval([[1.0, 2.0]]),
        lambda: share_interval([0.5], 20),
        lambda: share_interval([0.5, 1.5], 20),
        lambda: share_interval([0.5, -0.1], 20),
        lambda: share_interval([0.5, 0.5], 0),
    ],
)
def test_means_refuse(call):
    with pytest.raises(ValueError, match="accepted"):
        call()


# --- what small changes to the module showed to be unasserted


def test_share_interval_solves_the_score_equation_for_the_effective_number():
    # With 0.5 added the shares have mean 0.275 and variance 0.0875 / 3.
    phi = 0.0875 / 3 / (0.275 * 0.725)
    p, n = 0.2, 3 / phi
    roots = np.roots([1 + Z**2 / n, -(2 * p + Z**2 / n), p**2])
    found = share_interval([0.1, 0.3, 0.2], 20)
    assert found == pytest.approx(sorted(roots.real), rel=1e-9)


def test_one_sequence_a_trial_is_a_plain_proportion():
    assert share_interval([0.0, 1.0, 1.0], 1) == pytest.approx(
        wilson_interval(2, 3), rel=1e-12, abs=0.0
    )


@pytest.mark.parametrize("trials", range(2, 40))
def test_all_wrong_ends_at_one_exactly(trials):
    assert share_interval(np.ones(trials), 20)[1] == 1.0


def test_pairs_are_compared_one_by_one():
    from scipy import stats

    rng = np.random.default_rng(5)
    hard = 100.0 * rng.random(30)
    one, two = hard + rng.random(30), hard + 0.1 + rng.random(30)
    gap, low, high = paired_interval(one, two)
    wanted = stats.ttest_rel(one, two).confidence_interval(0.95)
    assert gap == pytest.approx((one - two).mean())
    assert (low, high) == pytest.approx((wanted.low, wanted.high), rel=1e-9)
    assert paired_interval(two, one) == pytest.approx((-gap, -high, -low))
    assert paired_interval([1.0, 2.0], [0.5, 1.5]) == (0.5, 0.5, 0.5)
    with pytest.raises(ValueError, match=r"other is .*; accepted: 2 numbers, as many as in one"):
        paired_interval([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"one is .*; accepted: a list of at least two"):
        paired_interval([1.0], [1.0])
