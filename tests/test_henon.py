"""The theory on a map that is no network: the map of Hénon (1976), a = 1.4 and b = 0.3.

Hénon, M. (1976), A two-dimensional mapping with a strange attractor, Communications in Mathematical
Physics 50, 69-77. Here (x, y) -> (1 - a x^2 + y, b x) + u.
"""

import math

import numpy as np
import pytest

from latchlib import contraction, intervals, maps, phase_space
from latchlib.maps import Map
from latchlib.statistics import wilson_interval


class Henon(Map):
    """The map, made of sums and products, so that it takes balls as it takes floats."""

    units = 2

    def __init__(self, a=1.4, b=0.3):
        self.a, self.b = a, b

    def step(self, a, u):
        x, y = a
        return np.stack([1 - self.a * x * x + y, self.b * x]) + u

    def jacobian(self, a, u):
        x, one = a[0], 0 * a[0] + 1
        return np.stack([np.stack([-2 * self.a * x, one]), np.stack([self.b * one, 0 * one])])

    def slope_bound(self, lower, upper, u):
        return self.jacobian(upper, u), self.jacobian(lower, u)


CLASSIC = Henon()
#: Where a fixed point attracts, with a basin that has an end.
CALM = Henon(a=0.2)


def fixed_points(henon):
    """Return both, from a x^2 + (1 - b) x - 1 = 0, the lesser first."""
    half = (1 - henon.b) / (2 * henon.a)
    x = -half + np.array([-1.0, 1.0]) * math.sqrt(half**2 + 1 / henon.a)
    return np.stack([x, henon.b * x], axis=1)


def bounded(henon, states):
    """Return the share of states whose orbits have not left all floats after 500 steps."""
    left = states
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(10):
            end = maps.orbit(henon, left, 50)[-1]
            left = end[:, np.isfinite(end).all(axis=0)]
    return left.shape[1] / states.shape[1]


# --- fixed points, cycles and the attractor ----------------------------------------------


@pytest.mark.parametrize("henon", [CLASSIC, CALM])
def test_both_fixed_points_are_found_and_certified(henon):
    expected = fixed_points(henon)
    found = phase_space.fixed_points(henon, box=[[-6, 6], [-3, 3]])
    assert np.array([c.points[0] for c in found]) == pytest.approx(expected, rel=1e-12)
    for cycle, (x, _) in zip(found, expected, strict=True):
        roots = np.roots([1, 2 * henon.a * x, -henon.b])
        assert sorted(cycle.multipliers) == pytest.approx(sorted(roots), rel=1e-12)
    assert [c.stable for c in found] == [False, henon is CALM]
    proved = intervals.certify_all_fixed_points(henon, [[-6, 6], [-3, 3]]).require().enclosure
    assert (proved[..., 0] <= expected + 1e-15).all() and (expected - 1e-15 <= proved[..., 1]).all()
    assert (np.diff(proved) < 1e-14).all()
    stable = [intervals.certify_stable(henon, box).holds for box in proved]
    assert stable == [False, henon is CALM]


def test_the_cycle_of_two_is_found_and_certified():
    # M^2 = 1 leaves a^2 x^2 - a (1 - b) x + (1 - b)^2 - a besides the fixed points.
    x = np.sort(np.roots([1.4**2, -1.4 * 0.7, 0.7**2 - 1.4]))
    (cycle,) = phase_space.cycles(CLASSIC, 2, box=[[-2, 2], [-2, 2]])
    assert cycle.points == pytest.approx(np.stack([x, 0.3 * x[::-1]], axis=1), rel=1e-12)
    assert not cycle.stable
    assert intervals.certify_cycle(CLASSIC, cycle.points).holds is True
    elsewhere = np.add(cycle.points, [[0.0, 0.0], [1e-3, 0.0]])
    assert intervals.certify_cycle(CLASSIC, elsewhere).holds is False


def test_areas_shrink_by_b_and_the_attractor_is_chaotic():
    rng = np.random.default_rng(1976)
    states = rng.uniform(-2, 2, (2, 50))
    J = maps.jacobian(CLASSIC, states)
    assert np.linalg.det(np.moveaxis(J, -1, 0)) == pytest.approx(-0.3, rel=1e-14)
    shift = 1e-6 * rng.normal(size=(2, 50))
    moved = maps.step(CLASSIC, states + shift) - maps.step(CLASSIC, states - shift)
    assert maps.apply(J, shift) == pytest.approx(moved / 2, abs=1e-14)
    found = phase_space.classify(CLASSIC, [[0.0, 0.5], [0.0, 0.1]], 40_000, rng=rng)
    assert found.kind.tolist() == ["chaotic", "chaotic"]
    # Sprott (2003), Chaos and Time-Series Analysis, appendix A: 0.41922, whose sum with the other
    # exponent is log b. Over 20,000 steps the mean scatters by about 0.003.
    assert found.exponent == pytest.approx(0.41922, abs=0.01)
    assert phase_space.attractors(CLASSIC, box=[[-2, 2], [-2, 2]], steps=200) == ()


# --- what stays bounded ------------------------------------------------------------------


def test_the_share_of_the_square_that_stays_bounded_is_the_published_one():
    """Of [-2, 2] x [-2, 2], as in the tests of Attractors.jl.

    JuliaDynamics/Attractors.jl, test/mapping/attractor_mapping.jl, "Henon map: discrete &
    divergence": a = 1.4, b = 0.3, 1000 initial conditions drawn uniformly from the square, of which
    0.451 come to the attractor and 0.549 diverge. The method is that of Datseris and Wagemakers
    (2022), Chaos 32, 023104. As a number from 1000 draws it is compared within its interval of
    95 %, 0.420 to 0.482; more digits have not been found in print.
    """
    low, high = wilson_interval(451, 1000)
    shares = []
    for points in (100, 200, 400):
        cell = 4.0 / points
        axis = np.arange(points) * cell - 2.0 + 0.5 * cell  # middles of cells: no side counts twice
        shares.append(bounded(CLASSIC, phase_space.Grid((axis, axis)).states()))
    assert low < shares[-1] < high
    # Refinement moves it by less and less.
    assert shares == pytest.approx([0.4325] * 3, abs=5e-4)
    # The interval tells it from a = 1.2, and from a square a tenth wider or narrower.
    for henon, half_width in ((Henon(a=1.2), 2.0), (CLASSIC, 2.2), (CLASSIC, 1.8)):
        other = bounded(henon, phase_space.Grid.cube(half_width, 100).states())
        assert not low < other < high


# --- basins, contraction and proofs where a fixed point attracts -------------------------


def test_the_basin_is_what_stays_bounded():
    grid = phase_space.Grid.cube(6.0, 60)
    (rest,) = phase_space.attractors(CALM, box=[[-6, 6], [-6, 6]])
    assert rest.points[0] == pytest.approx(fixed_points(CALM)[1], rel=1e-12)
    basin, gamma = phase_space.portrait(CALM, grid, reading="eigenvalues", attractors=(rest,))
    assert set(np.unique(basin.labels)) == {0, phase_space.UNRESOLVED}
    assert 0.1 < basin.share(0) < 0.9 and basin.share(0) == bounded(CALM, grid.states())
    # Gamma is where the spectral radius of every (M^l)' is below 1; by norm it is empty, as an
    # entry of M' is 1.
    states, inside = grid.states()[:, basin.labels.ravel() == 0], gamma.labels[basin.labels == 0]
    radii = contraction.log_sensitivity(maps.orbit(CALM, states, 60), CALM).log_radius
    assert np.array_equal(inside == 0, (radii[1:] < 0).all(axis=0)) and (inside == 0).any()
    assert (phase_space.reduced_attracting_set(CALM, grid, attractors=(rest,)).labels < 0).all()


def test_a_trap_holds_and_so_does_a_proof_of_the_basin():
    (rest,) = phase_space.attractors(CALM, box=[[-6, 6], [-6, 6]])
    trap = phase_space.trap(CALM, rest)
    root = trap.roots[0]
    on_it = np.linalg.solve(root, np.random.default_rng(0).normal(size=(2, 500)))
    on_it /= np.linalg.norm(root @ on_it, axis=0)
    for state in (rest.points.T + on_it).T:
        J = root @ maps.jacobian(CALM, state) @ np.linalg.inv(root)
        assert np.linalg.norm(J, 2) <= trap.rate < 1
    here, far = ([["1", "1.01"], ["0.3", "0.31"]], [["-6", "-6"], ["0", "0"]])
    assert intervals.certify_basin(CALM, here).holds is True
    assert intervals.certify_gamma(CALM, here).holds is False  # |M'| > 1: one entry is 1
    assert intervals.certify_gamma(CALM, here, reading="eigenvalues").holds is True
    assert intervals.certify_basin(CALM, far).holds is None


@pytest.mark.parametrize("order", maps.NORMS)
def test_the_factor_bounds_every_pair_of_points(order):
    rng = np.random.default_rng(3)
    centre, radius = np.array([0.4, -0.2]), 0.3
    factor = contraction.contraction_factor(CLASSIC, centre, radius, order)[0]
    shift = rng.normal(size=(2, 2, 500))
    shift *= radius * rng.random(500) / np.linalg.norm(shift, order, axis=1)[:, np.newaxis]
    x, y = centre[:, np.newaxis] + shift
    image = np.linalg.norm(maps.step(CLASSIC, x) - maps.step(CLASSIC, y), order, axis=0)
    assert (image <= factor * np.linalg.norm(x - y, order, axis=0)).all()
    steepest = maps.norm(maps.jacobian(CLASSIC, [0.7, 0.0]), order)
    assert steepest <= factor < 1.5 * steepest
