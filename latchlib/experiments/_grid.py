"""What every experiment offers: a grid of cells, each of which can be computed alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Grid", "cell_row"]


class Grid(Protocol):
    """An experiment: settings, and cells that do not depend on each other."""

    @property
    def name(self) -> str:
        """Name of the result."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that tell rows apart."""

    def settings(self) -> dict[str, Any]:
        """Return all settings as plain data."""

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""

    def row_keys(self, cell: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return, for each row of a cell, the columns that tell it apart."""

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes, in arbitrary units."""

    def rows(self, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
        """Compute the rows of a cell."""


def cell_row(experiment: Grid, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
    """Compute the rows of one cell; a function, so that any executor can be given it.

    A cell's randomness depends on the seed and the cell's own coordinates, not on the grid around
    it: the same point gives the same numbers in any grid, alone or not.

    Parameters
    ----------
    experiment : Grid
        Settings.
    cell : mapping
        Coordinates, as :meth:`Grid.cells` gives them.
    seed : int
        Root of all randomness, >= 0.

    Returns
    -------
    list of dict
        Its rows.
    """
    return experiment.rows(cell, seed)
