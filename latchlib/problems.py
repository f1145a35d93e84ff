"""The three problems of the comparison, latch, 2-sequence and parity, and adding.

Bengio, Simard and Frasconi (1994), experimental section; Bengio and Frasconi (1993) use the same.
Adding is the task of Hochreiter and Schmidhuber (1997) that guessing cannot solve.
A problem is data. A network reads a sequence and should have the sign of the class at its output
when it ends; :mod:`latchlib.objective` puts the two together. Lengths are uniform on the integers
ceil(T/2) ... T. Where the papers leave a choice open it is a field below, whose documentation says
what is assumed and why.

Every trial has a training set of its own, drawn from its own stream, and keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from latchlib.tasks import TARGETS
from latchlib.validation import integer, number, refuse

__all__ = [
    "CLASSIC",
    "NOISE",
    "PROBLEMS",
    "Adding",
    "Latch",
    "Parity",
    "Problem",
    "Sequences",
    "SignedLatch",
    "TwoSequence",
]

#: Bound of the uniform noise where there is noise.
NOISE = 0.2


@dataclass(frozen=True)
class Sequences:
    """Sequences of every trial, aligned at their end.

    Parameters
    ----------
    inputs : ndarray, shape (T, channel, sequence, trial)
        Inputs; 0 before a sequence starts.
    targets : ndarray, shape (sequence, trial)
        +0.8 or -0.8; the class is its sign. Of adding, the sum.
    lengths : ndarray of int, shape (sequence, trial)
        A sequence of length l fills the last l of the T steps.
    """

    inputs: NDArray[np.float64]
    targets: NDArray[np.float64]
    lengths: NDArray[np.int64]

    @property
    def running(self) -> NDArray[np.bool_]:
        """Whether a sequence has started, shape (T, sequence, trial)."""
        T = len(self.inputs)
        return np.arange(T)[:, np.newaxis, np.newaxis] >= T - self.lengths

    def with_bias(self) -> Sequences:
        """Return the same with one more channel, which is 1 while a sequence runs."""
        inputs = np.concatenate([self.inputs, self.running[:, np.newaxis]], axis=1)
        return replace(self, inputs=inputs)

    def take(self, trials: NDArray[np.int64]) -> Sequences:
        """Return the sequences of some trials."""
        return Sequences(
            np.ascontiguousarray(self.inputs[..., trials]),
            np.ascontiguousarray(self.targets[:, trials]),
            np.ascontiguousarray(self.lengths[:, trials]),
        )


@dataclass(frozen=True)
class Problem:
    """What the three problems share; use one of them.

    Parameters
    ----------
    T : int
        Greatest length of a sequence, in steps.
    noise : float
        Uniform noise on [-noise, noise], >= 0; 0 for none.
    """

    T: int = 20
    noise: float = NOISE

    def __post_init__(self) -> None:
        integer("T", self.T, at_least=1)
        if number("noise", self.noise) < 0.0:
            raise refuse("noise", self.noise, "one number >= 0")
        if self.shortest < self.least:
            raise refuse("T", self.T, f"an integer with ceil(T/2) >= {self.least}")

    #: Key in :data:`PROBLEMS`; the streams of the experiments hang on it.
    name: ClassVar[str | None] = None
    #: Spawn key of results saved before streams were keyed by names; a new problem has none.
    stream: ClassVar[int | None] = None
    #: Input channels of its sequences.
    channels: ClassVar[int]
    #: Steps a sequence needs to carry its class.
    least = 1
    #: How near to its target an answer has to be; None where its sign decides.
    within: ClassVar[float | None] = None

    @property
    def shortest(self) -> int:
        """Least length of a sequence.

        T/2 rounded up: rounded down, T = 5 would give sequences of two steps, shorter than the
        three informative inputs of the 2-sequence problem.
        """
        return (self.T + 1) // 2

    def sample(self, streams: Sequence[np.random.Generator], *sizes: int) -> list[Sequences]:
        """Draw sets of sequences, each trial's from its own stream.

        Parameters
        ----------
        streams : sequence of numpy.random.Generator
            One a trial, from ``SeedSequence.spawn``.
        *sizes : int
            Number of sequences of each set, >= 1: a training set, then perhaps a test set. All
            sets of a trial share what defines its classes. A later set does not change an earlier.

        Returns
        -------
        list of Sequences
            One for each of `sizes`.

        Raises
        ------
        ValueError
            If there is no stream or a size is no integer >= 1.
        """
        if not streams or not sizes:
            raise refuse("streams and sizes", (len(streams), sizes), "at least one of each")
        for size in sizes:
            integer("sizes", size, at_least=1)
        drawn = []
        for stream in streams:
            concept = self._concept(stream)
            drawn.append([self._draw(stream, size, concept) for size in sizes])
        return [
            Sequences(*(np.stack(parts, axis=-1) for parts in zip(*trials, strict=True)))
            for trials in zip(*drawn, strict=True)
        ]

    def _concept(self, stream):
        """Draw what defines the classes of a trial."""
        return None

    def _draw(self, stream, size, concept):
        """Return inputs (T, channel, sequence), targets and lengths (sequence,)."""
        lengths = stream.integers(self.shortest, self.T, size, endpoint=True)
        # Time since the start of each sequence, below 0 in the padding.
        since = np.arange(self.T)[:, np.newaxis] - (self.T - lengths)
        noise = stream.uniform(-self.noise, self.noise, (self.T, size))
        inputs, found = self._inputs(stream, since, np.where(since >= 0, noise, 0.0), concept)
        return inputs, self._targets(found), lengths

    @staticmethod
    def _targets(classes):
        return np.array(TARGETS)[classes]

    def _inputs(self, stream, since, noise, concept):
        raise NotImplementedError

    @staticmethod
    def _classes(stream, size):
        # As many of each class as the number allows, in random order.
        return stream.permutation(np.arange(size) % len(TARGETS))


@dataclass(frozen=True)
class Latch(Problem):
    """Latch problem: keep the sign of the first input.

    Channels: class 1 starts, class 2 starts, noise. So the input of the first step is a weight for
    each class; later inputs are noise alone.

    Parameters
    ----------
    T, noise
        As for :class:`Problem`. The first input has no noise added: it is itself a parameter
        (assumed here).
    """

    name, stream = "latch", 0
    channels = 3

    def _inputs(self, stream, since, noise, concept):
        classes = self._classes(stream, since.shape[1])
        first = since == 0
        inputs = [first & (classes == k) for k in range(len(TARGETS))]
        return np.stack([*inputs, np.where(first, 0.0, noise)], axis=1), classes


@dataclass(frozen=True)
class SignedLatch(Latch):
    """The latch on one channel: the first input is +1 or -1, and noise follows.

    The sequences are those of :class:`Latch`. What starts each class is no parameter of its own.

    Parameters
    ----------
    T, noise
        As for :class:`Latch`.
    """

    channels = 1

    def _inputs(self, stream, since, noise, concept):
        inputs, classes = super()._inputs(stream, since, noise, concept)
        return inputs[:, :1] - inputs[:, 1:2] + inputs[:, 2:], classes


@dataclass(frozen=True)
class TwoSequence(Problem):
    """2-sequence problem: which of two sequences began this one?

    One channel. The first N inputs are those of the class, drawn once a trial from U[-1, 1]; the
    rest is noise.

    Parameters
    ----------
    T, noise
        As for :class:`Problem`; ceil(T/2) >= N.
    N : int
        Informative inputs, >= 1.
    noisy_prefix : bool
        Whether noise is also added to the first N inputs. Assumed here: it is not, as noise
        follows the informative part in the minimal task.
    """

    N: int = 3
    noisy_prefix: bool = False

    name, stream = "two-sequence", 1
    channels = 1

    def __post_init__(self) -> None:
        integer("N", self.N, at_least=1)
        super().__post_init__()

    @property
    def least(self) -> int:
        """Steps a sequence needs: N."""
        return self.N

    def _concept(self, stream):
        return stream.uniform(-1.0, 1.0, (self.N, len(TARGETS)))

    def _inputs(self, stream, since, noise, concept):
        classes = self._classes(stream, since.shape[1])
        inputs = noise.copy()
        for n in range(self.N):
            at = since == n
            values = np.broadcast_to(concept[n, classes], at.shape)[at]
            inputs[at] = values + (noise[at] if self.noisy_prefix else 0.0)
        return inputs[:, np.newaxis], classes


@dataclass(frozen=True)
class Parity(Problem):
    """Parity problem: is the number of +1 among inputs of +1 and -1 odd?

    Channels: the input, and 1 while the sequence runs. Noise is added to every input.

    Parameters
    ----------
    T, noise
        As for :class:`Problem`.
    """

    name, stream = "parity", 2
    channels = 2

    def _inputs(self, stream, since, noise, concept):
        bits = np.where(since >= 0, 2.0 * stream.integers(0, 2, since.shape) - 1.0, 0.0)
        odd = (bits > 0).sum(axis=0) % 2 == 1
        inputs = np.stack([bits + noise, np.asarray(since >= 0, dtype=np.float64)], axis=1)
        return inputs, np.where(odd, 0, 1)


@dataclass(frozen=True)
class Adding(Problem):
    """Adding problem: what is the sum of the two inputs that are marked?

    Channels: values, uniform on [-1/2, 1/2], and a mark, which is 1 at two steps and 0 at the
    others: one of the first half of a sequence, and one of its second half. The target is the sum.

    Parameters
    ----------
    T, noise
        As for :class:`Problem`. Noise is added to the values that are not marked.
    within : float
        An answer is right if it is less than this from the sum, > 0. The same answer, 0, to all is
        right in a share within (2 - within): 19 % for 0.1, which is assumed here.
    """

    within: float = 0.1

    name = "adding"
    channels = 2
    least = 2

    def __post_init__(self) -> None:
        number("within", self.within, above=0.0)
        super().__post_init__()

    def _inputs(self, stream, since, noise, concept):
        lengths = since[-1] + 1
        halves = lengths // 2
        first, second = stream.integers(0, halves), stream.integers(halves, lengths)
        values = stream.uniform(-0.5, 0.5, since.shape)
        marks = (since == first) | (since == second)
        target = np.where(marks, values, 0.0).sum(axis=0)
        values = np.where(since >= 0, values, 0.0) + np.where(marks, 0.0, noise)
        return np.stack([values, marks], axis=1), target

    @staticmethod
    def _targets(sums):
        return sums


#: The problems by name.
PROBLEMS = {problem.name: problem for problem in (Latch, TwoSequence, Parity, Adding)}

#: Those of 1994.
CLASSIC = (Latch.name, TwoSequence.name, Parity.name)
