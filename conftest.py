"""Before any test, or cell, runs: the same settings for everybody."""

from tools import environment

environment.settle()
