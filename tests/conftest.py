"""Settings all tests share."""

from hypothesis import settings

# No deadline: a shared machine may stop for longer than any one example takes.
settings.register_profile("latchlib", deadline=None, max_examples=60)
settings.load_profile("latchlib")
