"""A wrong call is refused by a ValueError that names the argument and says what is accepted."""

import pytest


def refused(*cases):
    """Return a test of wrong calls, each with the name of the argument, as a pattern, before it."""

    @pytest.mark.parametrize(("argument", "call"), cases)
    def test(argument, call):
        with pytest.raises(
            ValueError, match=rf"(?s)^(shape of )?{argument} (is|has shape) .*accepted"
        ):
            call()

    return test
