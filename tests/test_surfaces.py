"""Functions to search on: against sums written out, and at the edges of the holes."""

import math
from itertools import pairwise

import numpy as np
import pytest

from latchlib.surfaces import SURFACES, corana, rastrigin, rosenbrock


def plain_rosenbrock(x):
    pairs = pairwise(x)
    return sum(100 * (later - earlier**2) ** 2 + (1 - earlier) ** 2 for earlier, later in pairs)


def plain_rastrigin(x):
    return sum(v**2 + 10 * (1 - math.cos(2 * math.pi * v)) for v in x)


def plain_corana(x):
    total = 0.0
    for d, v in zip((1, 1000, 10, 100), x, strict=False):
        z = 0.2 * math.floor(abs(v / 0.2) + 0.49999) * (v > 0 or -1)
        if abs(v - z) < 0.05:
            total += 0.15 * d * (abs(z) - 0.05) ** 2 if z else 0.0
        else:
            total += d * v**2
    return total


PLAIN = {"rosenbrock": plain_rosenbrock, "rastrigin": plain_rastrigin, "corana": plain_corana}


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("name", SURFACES)
def test_values_equal_those_of_plain_sums(name, n):
    points = np.random.default_rng(n).uniform(-3, 3, (n, 200))
    wanted = [PLAIN[name](point) for point in points.T.tolist()]
    assert SURFACES[name](points) == pytest.approx(wanted, rel=1e-12, abs=1e-11)


def test_values_by_hand():
    assert rosenbrock(np.array([[1.0, 2.0, 1.0], [1.0, 3.0, 2.0]])).tolist() == [0.0, 101.0, 100.0]
    assert rosenbrock(np.array([[1.0], [2.0], [3.0]])).tolist() == [100.0 + 100.0 + 1.0]
    assert rastrigin(np.array([[0.0, 2.0], [0.0, 1.0]])) == pytest.approx([0.0, 5.0], abs=1e-12)
    # Between the holes: the paraboloid with each of its four factors.
    between = np.array([[0.1], [0.3], [-0.1], [-0.3]])
    assert corana(between) == pytest.approx([0.01 + 90.0 + 0.1 + 9.0], rel=1e-12)
    # In the hole about 0.2 and in that about -0.4.
    assert corana(np.array([[0.2], [-0.4]])) == pytest.approx(
        [0.15 * 0.15**2 + 150 * 0.35**2], rel=1e-12
    )


def test_the_edge_of_a_hole_is_not_in_it():
    with np.errstate(all="raise"):
        assert corana(np.array([[0.0, 0.05, -0.05, np.nextafter(0.05, 0)]])).tolist() == [
            0.0,
            0.05**2,
            0.05**2,
            0.0,
        ]
