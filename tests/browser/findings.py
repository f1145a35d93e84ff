"""What several checks of one opened page found, reported together."""

import pytest


def none_of(wrong: dict[str, list | int]) -> None:
    """Fail with all that is wrong, each behind the name of its check."""
    lists = {what: found if isinstance(found, list) else [found] for what, found in wrong.items()}
    lines = [f"{what}: {each}" for what, found in lists.items() for each in found if each]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
