"""What the explorables of the latch neuron share: sliders, noise, trajectory, static picture."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import anywidget
import matplotlib as mpl
import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchlib import figures, formulas, recurrent
from latchlib._validation import refuse

__all__ = ["RANGES", "STEPS", "TrajectoryExplorable"]

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


def source(name: str) -> str:
    """Return the JavaScript of an explorable: formulas first, then its bundled drawing.

    Raises
    ------
    FileNotFoundError
        If the front end has not been built, with the command that builds it.
    """
    bundle = _FOLDER / "static" / f"{name}.js"
    if not bundle.is_file():
        raise FileNotFoundError(
            f"{bundle.name} is built when latchlib is installed; run `pip install -e .` first"
        )
    return formulas.javascript_module() + bundle.read_text(encoding="utf-8")


def _draw_noise() -> bytes:
    noise = np.random.default_rng(1994).standard_normal((SAMPLES, STEPS))
    return noise.astype("<f8").tobytes()


class TrajectoryExplorable(anywidget.AnyWidget):
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

    Raises
    ------
    ValueError
        If a value is outside its slider's range (see :data:`RANGES`).
    """

    w = traitlets.Float(2.0).tag(sync=True)
    h = traitlets.Float(0.0).tag(sync=True)
    sigma = traitlets.Float(0.3).tag(sync=True)
    a0 = traitlets.Float(1.5).tag(sync=True)
    sample = traitlets.Int(0).tag(sync=True)
    ranges = traitlets.Dict(
        {name: list(values) for name, values in RANGES.items()} | {"sample": [0, SAMPLES - 1, 1]}
    ).tag(sync=True)
    draws = traitlets.Bytes(_draw_noise()).tag(sync=True)

    @traitlets.validate("w", "h", "sigma", "a0")
    def _within_range(self, proposal: dict[str, Any]) -> float:
        name = proposal["trait"].name
        least, largest, _ = RANGES[name]
        if not least <= proposal["value"] <= largest:
            raise refuse(name, proposal["value"], f"a number from {least:g} to {largest:g}")
        return proposal["value"]

    @traitlets.validate("sample")
    def _known_sample(self, proposal: dict[str, Any]) -> int:
        if not 0 <= proposal["value"] < SAMPLES:
            raise refuse("sample", proposal["value"], f"an integer from 0 to {SAMPLES - 1}")
        return proposal["value"]

    def trajectory(self) -> NDArray[np.float64]:
        """Return the states a_0 ... a_T that are drawn, shape (T + 1, 1, 1)."""
        noise = np.frombuffer(self.draws, dtype="<f8").reshape(SAMPLES, STEPS)[self.sample]
        inputs = formulas.formula("noisy_input")(self.h, self.sigma, noise)
        return recurrent.rollout(self.w, inputs[:, np.newaxis, np.newaxis], self.a0)

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none."""
        raise NotImplementedError

    def _draw(self, figure: Figure) -> None:
        raise NotImplementedError

    def picture(self) -> bytes:
        """Draw the present setting as a PNG, for places that run no JavaScript."""
        with mpl.rc_context():
            figures.use_book_style()
            figure = Figure(figsize=(5.4, 6.0))
            self._draw(figure)
            stream = io.BytesIO()
            # No version in the file, so that the same setting gives the same bytes.
            figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
        return stream.getvalue()

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name):g}" for name in (*RANGES, "sample"))
        return f"{type(self).__name__}({values})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:  # ipywidgets shows nothing: neither do we
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "image/png": base64.b64encode(self.picture()).decode()}, metadata
