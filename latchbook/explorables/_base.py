"""What the explorables share: sliders, static picture; and the trajectory of the latch neuron."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import matplotlib as mpl
import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook import figures
from latchlib import formulas, maps
from latchlib.validation import refuse

__all__ = ["RANGES", "STEPS", "Choice", "Explorable", "Slider", "TrajectoryExplorable"]

#: Steps of a trajectory.
STEPS = 100

#: Noise samples to choose from. They are drawn here and sent along, so that page and package
#: follow the same trajectory.
SAMPLES = 8

#: Least and largest value of each slider, and its step.
RANGES = {
    "w": (0.5, 5.0, 0.05),
    "h": (-2.0, 2.0, 0.01),
    "sigma": (0.0, 2.0, 0.05),
    "a0": (-4.0, 4.0, 0.1),
}

_FOLDER = Path(__file__).parent


def bundle(name: str) -> str:
    """Return the text of a bundled file of the front end, as ``"latch.js"``.

    Raises
    ------
    FileNotFoundError
        If the front end has not been built, with the command that builds it.
    """
    path = _FOLDER / "static" / name
    if not path.is_file():
        raise FileNotFoundError(
            f"{name} is built when latchlib is installed; run `pip install -e .` first"
        )
    return path.read_text(encoding="utf-8")


def script(**parts: str) -> str:
    """Join the parts of a module, each under a line with its name.

    The module stands alone wherever a widget is shown. Built pages take it apart at these lines,
    and load a part that several widgets have only once.
    """
    return "".join(f"//# part {name}\n{text.rstrip()}\n" for name, text in parts.items())


def source(name: str) -> str:
    """Return the JavaScript of an explorable: what all of them share, then its own drawing."""
    shared = formulas.javascript_module() + bundle("shared.js")
    return script(shared=shared, **{name: bundle(f"{name}.js")})


class Slider(traitlets.Float):
    """A synchronised number with the range of its slider.

    Parameters
    ----------
    default, least, largest, step : float
        Value at the start, ends of the slider, and its step.
    """

    def __init__(self, default: float, least: float, largest: float, step: float) -> None:
        super().__init__(default)
        self.range = (least, largest, step)
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> float:
        """Return `value`, or raise ValueError if no slider reaches it."""
        least, largest, _ = self.range
        kinds = (int, float, np.integer, np.floating)
        fits = isinstance(value, kinds) and not isinstance(value, bool)
        if not fits or not least <= value <= largest:
            raise refuse(self.name, value, f"a number from {least:g} to {largest:g}")
        return float(value)


class Choice(traitlets.Int):
    """A synchronised integer from `least` to `largest`."""

    def __init__(self, default: int, least: int, largest: int) -> None:
        super().__init__(default)
        self.range = (least, largest, 1)
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> int:
        """Return `value`, or raise ValueError if it is no integer of the range."""
        least, largest, _ = self.range
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if isinstance(value, (float, np.floating)):
            whole = value.is_integer()  # a slider's number comes as a float
        if not whole or not least <= value <= largest:
            raise refuse(self.name, value, f"an integer from {least} to {largest}")
        return int(value)


class Explorable(anywidget.AnyWidget):
    """Base of all explorables. A subclass declares :class:`Slider` traits, computes and draws.

    Its JavaScript is ``js/NAME.js``, with the name of its own file.

    Raises
    ------
    ValueError
        If a value is outside its slider's range (see :attr:`ranges`).
    """

    # anywidget would sync a style sheet that the class names, but it may not be built yet.
    _css = traitlets.Unicode().tag(sync=True)
    #: Size of its static picture in inches.
    _size: ClassVar[tuple[float, float]] = (5.4, 6.0)

    ranges = traitlets.Dict().tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        # traitlets would take a misspelt name without a word.
        for name in sorted(set(kwargs) - set(self.sliders()) - set(self.trait_names())):
            raise refuse("argument", name, ", ".join(self.sliders()))
        super().__init__(_esm=source(self.module()), _css=bundle("explorable.css"), **kwargs)

    @classmethod
    def module(cls) -> str:
        """Return the name of its file, without ending."""
        own = next(kind for kind in cls.__mro__ if kind.__module__.startswith(__package__))
        return own.__module__.rpartition(".")[2]

    @classmethod
    def sliders(cls) -> dict[str, tuple[float, float, float]]:
        """Return least value, largest value and step of each slider, by trait."""
        kinds = (Slider, Choice)
        found = {n: t for n, t in cls.class_traits().items() if isinstance(t, kinds)}
        declared = [n for base in reversed(cls.__mro__) for n in vars(base) if n in found]
        return {name: found[name].range for name in dict.fromkeys(declared)}

    @traitlets.default("ranges")
    def _ranges_of_the_sliders(self) -> dict[str, list[float]]:
        return {name: list(values) for name, values in self.sliders().items()}

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none."""
        raise NotImplementedError

    def _draw(self, figure: Figure) -> None:
        raise NotImplementedError

    def picture(self) -> bytes:
        """Draw the present setting as a PNG, for places that run no JavaScript."""
        with mpl.rc_context():
            figures.use_book_style()
            figure = Figure(figsize=self._size)
            self._draw(figure)
            stream = io.BytesIO()
            # No version in the file, so that the same setting gives the same bytes.
            figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
        return stream.getvalue()

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name):g}" for name in self.sliders())
        return f"{type(self).__name__}({values})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:  # ipywidgets shows nothing: neither do we
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "image/png": base64.b64encode(self.picture()).decode()}, metadata


def light_noise(seed: int, steps: int) -> bytes:
    """Return samples of noise, (sample, step), as bytes that take little room on a page."""
    noise = np.random.default_rng(seed).standard_normal((SAMPLES, steps))
    # Multiples of 1/1024 are exact as doubles, and weigh a third of other numbers on the way.
    return (np.round(1024.0 * noise) / 1024.0).astype("<f8").tobytes()


def _draw_noise() -> bytes:
    noise = np.random.default_rng(1994).standard_normal((SAMPLES, STEPS))
    return noise.astype("<f8").tobytes()


class TrajectoryExplorable(Explorable):
    """Base of the explorables that follow one trajectory of the latch neuron.

    Parameters
    ----------
    w : float
        Self-loop weight.
    h : float
        Constant input.
    sigma : float
        Standard deviation of the noise added to it.
    a0 : float
        Initial state (net input).
    sample : int
        Which of the noise samples is used, from 0.
    t : int
        Step at which the state is marked; what comes after it is not drawn.

    Raises
    ------
    ValueError
        If a value is outside its slider's range (see :data:`RANGES`).
    """

    w = Slider(2.0, *RANGES["w"])
    h = Slider(0.0, *RANGES["h"])
    sigma = Slider(0.3, *RANGES["sigma"])
    a0 = Slider(1.5, *RANGES["a0"])
    sample = Choice(0, 0, SAMPLES - 1)
    t = Choice(STEPS, 0, STEPS)
    draws = traitlets.Bytes(_draw_noise()).tag(sync=True)

    def trajectory(self) -> NDArray[np.float64]:
        """Return the states a_0 ... a_T that are drawn, shape (T + 1, 1, 1)."""
        noise = np.frombuffer(self.draws, dtype="<f8").reshape(SAMPLES, STEPS)[self.sample]
        inputs = formulas.formula("noisy_input")(self.h, self.sigma, noise)
        return maps.rollout(self.w, inputs[:, np.newaxis, np.newaxis], self.a0)
