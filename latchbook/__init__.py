"""How the book shows and asks: figures, tables, questions and explorables, on top of `latchlib`."""
