"""What every experiment offers: a grid of cells, each of which can be computed alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

__all__ = ["Grid", "cell_row", "presets"]


class Grid(Protocol):
    """An experiment: cells that do not depend on each other."""

    @property
    def name(self) -> str:
        """Name of the result."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that tell rows apart."""

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""

    def settings(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        """Return, as plain data, all that decides what a cell gives, but the seed."""

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes at most, in arbitrary units: long ones go first."""

    def rows(self, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
        """Compute the rows of a cell; the seed is the root of all randomness, >= 0."""


def presets(*pairs: tuple[Grid, Grid]) -> Mapping[str, Mapping[str, Grid]]:
    """Return experiments by name and preset, each given as its full and its quick grid."""
    return MappingProxyType(
        {full.name: MappingProxyType({"full": full, "quick": quick}) for full, quick in pairs}
    )


def cell_row(grid: Grid, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
    """Compute the rows of one cell; a function, so that any executor can be given it.

    A cell's randomness depends on the seed and the cell's own coordinates, not on the grid around
    it: the same point gives the same numbers in any grid, alone or not.

    Parameters
    ----------
    grid : Grid
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
    return grid.rows(cell, seed)
