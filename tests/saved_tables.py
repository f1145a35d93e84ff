"""The explorable of the tables, with the saved results that it does not read itself."""

from functools import cache

import pandas as pd

from latchbook.explorables import EXPLORABLES, Tables
from latchbook.explorables.tables import PROBLEMS
from latchlib.experiments import load
from latchlib.experiments.tables_1993 import TABLES, verdicts
from tools.book import ROOT


@cache
def saved():
    """Return the saved results by experiment, and the verdicts on them by problem."""
    results = {n: load(n, ROOT / "book" / "data") for n in (*PROBLEMS, "sensitivity", "tuning")}
    studies = pd.concat([results["sensitivity"], results["tuning"]])
    return results, {n: verdicts(n, results[n], studies) for n in TABLES}


class SavedTables(Tables):
    """The tables of the saved results."""

    def __init__(self, **state):
        super().__init__(*saved(), **state)


#: Every explorable, in a form that needs no argument, by the name of its file.
READY = {kind.module(): kind for kind in (*EXPLORABLES.values(), SavedTables)}
