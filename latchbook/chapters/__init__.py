"""What one chapter alone needs, a module a chapter: its questions, and pictures that only it shows.

``latch_neuron`` belongs to ``book/latch-neuron.ipynb``. It is found by that name and imported when
it is asked for, so that a chapter depends on no other's. Its ``PREDICTION``, ``DRILL`` and
``EXERCISES`` are read by :mod:`latchbook.questions`.
"""
