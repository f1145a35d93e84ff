"""Wirings: what is refused, and those of 1994."""

import pytest
from misuse import refused

from latchlib.wirings import CHOICES, Connection, Wiring, classic, full

IN = (0, "input", 0)


@pytest.mark.parametrize(
    ("argument", "units", "channels", "connections", "output", "fixed", "bias"),
    [
        ("units", 0, 1, [IN], 0, (), None),
        ("channels", 1, 0, [(0, "delayed", 0)], 0, (), None),
        ("connections", 1, 1, [], 0, (), None),
        ("connections", 1, 1, [IN, IN], 0, (), None),
        ("connections", 2, 2, [(0, "same", 1)], 0, (), None),
        ("connections", 2, 2, [(0, "same", 0)], 0, (), None),
        ("connections", 2, 2, [(2, "input", 0)], 0, (), None),
        ("connections", 2, 2, [(-1, "input", 0)], 0, (), None),
        ("connections", 2, 2, [(0, "input", -1)], 0, (), None),
        ("connections", 2, 2, [(0, "input", 2)], 0, (), None),
        ("connections", 2, 2, [(0, "delayed", 2)], 0, (), None),
        ("kind", 2, 1, [(0, "other", 0)], 0, (), None),
        ("fixed", 2, 2, [IN], 0, ((2, 0),), None),
        ("fixed", 2, 2, [IN], 0, ((0, 2),), None),
        ("fixed", 2, 2, [IN], 0, ((-1, 0),), None),
        ("fixed", 2, 2, [IN], 0, ((0, -1),), None),
        ("output", 2, 2, [IN], -1, (), None),
        ("output", 2, 2, [IN], 2, (), None),
        ("bias", 2, 2, [IN], 0, (), 2),
    ],
)
def test_what_is_not_there_is_refused(argument, units, channels, connections, output, fixed, bias):
    connections = tuple(Connection(*connection) for connection in connections)
    with pytest.raises(ValueError, match=rf"^{argument} is .*accepted"):
        Wiring(units, channels, connections, output, fixed, bias)


def test_numbers_of_parameters_are_those_of_the_paper():
    counts = {"latch": 3, "two-sequence": 25, "parity": 7}
    assert {name: len(classic(name).connections) for name in counts} == counts
    assert len(classic("parity", wiring_name="delayed").connections) == 7


def test_wirings_of_1994():
    latch, two, parity = map(classic, ("latch", "two-sequence", "parity"))
    assert (latch.units, latch.channels, latch.fixed, latch.bias) == (1, 3, ((0, 2),), None)
    assert (two.units, two.channels, two.output, two.fixed) == (5, 1, 4, ((0, 0),))
    assert classic("two-sequence", output=2).output == 2
    for wiring in (parity, classic("parity", wiring_name="delayed")):
        assert (wiring.units, wiring.channels, wiring.output, wiring.fixed) == (2, 2, 1, ())
        assert wiring.bias == 1
    # The output unit reads input, last output, hidden unit and bias; the hidden unit not itself.
    assert {c[1:] for c in parity.connections if c.target == 1} == {
        ("input", 0), ("delayed", 1), ("same", 0), ("input", 1)
    }  # fmt: skip
    assert {c[1:] for c in parity.connections if c.target == 0} == {
        ("input", 0), ("delayed", 1), ("input", 1)
    }  # fmt: skip
    assert CHOICES["two-sequence"] == {"output": 4} and "latch" not in CHOICES


def test_full_is_every_connection_there_is():
    wiring = full(3, 2)
    assert (wiring.channels, wiring.bias, wiring.output) == (3, 2, 2)
    assert len(wiring.connections) == 3 * 3 + 3 * 3
    assert wiring.connections[1] == Connection(0, "delayed", 1)


test_misuse_names_the_argument = refused(
    ("problem", lambda: classic("adding")),
    ("problem", lambda: classic(None)),
    ("choices", lambda: classic("latch", output=1)),
    ("output", lambda: classic("two-sequence", output=5)),
    ("wiring_name", lambda: classic("parity", wiring_name="other")),
)
