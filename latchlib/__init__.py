"""Companion package of the book *Learning to Latch*.

The book makes Bengio, Simard and Frasconi (1994), "Learning long-term dependencies with gradient
descent is difficult", runnable. Arrays are (time, unit, trial), trial last.
"""

__version__ = "0.1.0"

# The chapters show what holds by assert: without them everything would seem proved.
if not __debug__:
    raise ImportError(
        "asserts are switched off (PYTHONOPTIMIZE or python -O), and every verdict of the book "
        "rests on one: unset PYTHONOPTIMIZE"
    )
