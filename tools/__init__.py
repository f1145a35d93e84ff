"""What `make` runs: building the book, regenerating its notebooks, rendering the claims ledger."""

if not __debug__:
    raise SystemExit(
        "asserts are switched off (PYTHONOPTIMIZE or python -O), and every verdict of the book "
        "rests on one: unset PYTHONOPTIMIZE"
    )
