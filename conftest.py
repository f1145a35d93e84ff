"""Before any test, or cell, runs: the same settings for everybody; and how cells are compared."""

from tools import environment


def pytest_collection_modifyitems(items):
    # NumPy reads the settings when it is imported.
    from tools.kernels import compare_by_intervals

    compare_by_intervals(items)


environment.settle()
