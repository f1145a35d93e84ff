"""What is connected to what: any wiring, and those of 1994.

With a_t the net inputs and x_t the outputs of the units, x_0 = 0,

    a_t[i] = sum_j W[i,j] x_{t-1}[j] + sum_{j<i} S[i,j] x_t[j] + sum_c V[i,c] u_t[c]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from latchlib.validation import integer, one_of, refuse

__all__ = ["CHOICES", "KINDS", "SELF_LOOP", "Connection", "Wiring", "classic", "full"]

#: What a connection reads: a unit one step earlier, a unit at the same step, an input channel.
KINDS = ("delayed", "same", "input")


class Connection(NamedTuple):
    """One trainable weight.

    Parameters
    ----------
    target : int
        Unit whose net input it enters.
    kind : {"delayed", "same", "input"}
        What it reads.
    source : int
        Unit, or channel for "input". A connection of kind "same" has source < target.
    """

    target: int
    kind: str
    source: int


@dataclass(frozen=True)
class Wiring:
    """What is connected to what.

    Parameters
    ----------
    units, channels : int
        Numbers of units and of input channels, >= 1.
    connections : tuple of Connection
        Trainable weights; a column of parameters is in this order.
    output : int
        Unit that is compared with the target.
    fixed : tuple of (int, int)
        Pairs (unit, channel) where the channel enters the unit with weight 1.
    bias : int, optional
        The channel that is 1 while a sequence runs, if there is one.
    """

    units: int
    channels: int
    connections: tuple[Connection, ...]
    output: int
    fixed: tuple[tuple[int, int], ...] = ()
    bias: int | None = None

    def __post_init__(self) -> None:
        integer("units", self.units, at_least=1)
        integer("channels", self.channels, at_least=1)
        if not self.connections or len(set(self.connections)) != len(self.connections):
            raise refuse("connections", self.connections, "at least one, each once")
        for connection in self.connections:
            target, kind, source = connection
            one_of("kind", kind, KINDS)
            bound = {"delayed": self.units, "same": target, "input": self.channels}[kind]
            if not (0 <= target < self.units and 0 <= source < bound):
                raise refuse("connections", connection, "units and channels there are, in order")
        for unit, channel in self.fixed:
            if not (0 <= unit < self.units and 0 <= channel < self.channels):
                raise refuse("fixed", (unit, channel), "a unit and a channel there are")
        if not 0 <= self.output < self.units:
            raise refuse("output", self.output, f"a unit, 0 to {self.units - 1}")
        if self.bias is not None and self.bias not in range(self.channels):
            raise refuse("bias", self.bias, f"a channel, 0 to {self.channels - 1}, or None")


#: One unit that reads itself one step later; its input enters with weight 1.
SELF_LOOP = Wiring(1, 1, (Connection(0, "delayed", 0),), 0, fixed=((0, 0),))


def full(units: int, channels: int) -> Wiring:
    """Return all units connected to all, every channel into every unit, and a bias to each.

    Parameters
    ----------
    units, channels : int
        Numbers of units, and of the channels of the problem, >= 1. The bias comes as one more.

    Returns
    -------
    Wiring
        Weights of the units first, unit by unit; the last unit is the output.
    """
    connections = [Connection(i, "delayed", j) for i in range(units) for j in range(units)]
    connections += [Connection(i, "input", c) for i in range(units) for c in range(channels + 1)]
    return Wiring(units, channels + 1, tuple(connections), units - 1, bias=channels)


#: What a problem's wiring of 1994 leaves open, and what is assumed here.
#:
#: ``output`` of the 2-sequence problem, 0 to 4: the input enters unit 0. Not stated in the papers;
#: another unit than that of the input is assumed, so that the class has to pass through the
#: network. All others are alike.
#:
#: ``wiring_name`` of parity: the papers give the numbers of units and parameters, not the wiring.
#: Schmidhuber, Hochreiter and Bengio (2001) call a fully connected one theirs, with a bias of the
#: hidden unit alone: 4 + 3 = 7, and logistic outputs. ``"same-step"``: the hidden unit reads the
#: input, the last output and a bias; the output unit reads these three and, at the same step, the
#: hidden unit: 3 + 4 = 7. It is the smallest network for the exclusive or of input and last output,
#: which is what a step of parity is. ``"delayed"``: two units fully connected one step later (4),
#: the input to the hidden unit (1) and two biases (2), 7 as well. The last input then never reaches
#: the output before the sequence ends, so no weights do better than guessing: it is here to show
#: why it was not assumed.
CHOICES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"two-sequence": {"output": 4}, "parity": {"wiring_name": "same-step"}}
)


def classic(problem: str, **choices: Any) -> Wiring:
    """Return the wiring that a problem had in 1994.

    Parameters
    ----------
    problem : {"latch", "two-sequence", "parity"}
        Name of the problem. Latch: one unit, its self-loop, and the input of the first step for
        each class; later inputs enter with weight 1. 2-sequence: five units, all connected to all,
        no biases, the input added to one of them: 25 parameters. Parity: one hidden and one output
        unit, seven parameters.
    **choices
        Other than :data:`CHOICES`.

    Raises
    ------
    ValueError
        If the problem had none or a choice is not on offer.
    """
    one_of("problem", problem, tuple(_CLASSIC))
    own = CHOICES.get(problem, {})
    for name in choices:
        if name not in own:
            raise refuse("choices", name, f"of {problem}: {', '.join(own) or 'none'}")
    return _CLASSIC[problem](**{**own, **choices})


def _latch() -> Wiring:
    # Channels: class 1 starts, class 2 starts, noise.
    read = (("delayed", 0), ("input", 0), ("input", 1))
    return Wiring(1, 3, tuple(Connection(0, *source) for source in read), 0, fixed=((0, 2),))


def _two_sequence(output: int) -> Wiring:
    one_of("output", output, tuple(range(5)))
    connections = tuple(Connection(i, "delayed", j) for i in range(5) for j in range(5))
    return Wiring(5, 1, connections, output, fixed=((0, 0),))


def _parity(wiring_name: str) -> Wiring:
    # Unit 0 hidden, unit 1 output; channels: input, and 1 while the sequence runs.
    wirings = {
        "same-step": (
            *((0, "input", 0), (0, "delayed", 1), (0, "input", 1)),
            *((1, "input", 0), (1, "delayed", 1), (1, "same", 0), (1, "input", 1)),
        ),
        "delayed": (
            *((i, "delayed", j) for i in range(2) for j in range(2)),
            *((0, "input", 0), (0, "input", 1), (1, "input", 1)),
        ),
    }
    one_of("wiring_name", wiring_name, tuple(wirings))
    connections = tuple(Connection(*connection) for connection in wirings[wiring_name])
    return Wiring(units=2, channels=2, connections=connections, output=1, bias=1)


_CLASSIC: Mapping[str, Callable[..., Wiring]] = MappingProxyType(
    {"latch": _latch, "two-sequence": _two_sequence, "parity": _parity}
)
