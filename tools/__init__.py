"""What `make` runs: building the book, regenerating its notebooks, rendering the claims ledger."""
