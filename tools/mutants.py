"""Small changes to a source text, each of which a test should notice.

What is not changed, by design: text (messages, docstrings, names), annotations, decorators,
imports, what is raised or handed to `refuse`, and `strict=` of zip. Whether an error is raised is
changed, its wording is not.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

_BINARY = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.MatMult: ("@", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
# The border moved, and the opposite.
_COMPARE = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
_PAIRS = (
    ("min", "max"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
    ("any", "all"),
    ("floor", "ceil"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("logical_and", "logical_or"),
    ("sin", "cos"),
    ("sinh", "cosh"),
)
# One way only: the other direction would say little of a program that never uses the left one.
_ONE_WAY = {"tanh": "arctan", "sum": "mean", "log1p": "log", "expm1": "exp", "cumsum": "cumprod"}
_NAMES = {**dict(_PAIRS), **{b: a for a, b in _PAIRS}, **_ONE_WAY}
_UNWRAPPED = {"abs", "fabs", "sqrt"}
_SAID_NOT_COMPUTED = {"refuse", "warn"}


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, the lines before and after, and what to put where.

    `occurrence` tells apart the same change of the same text within one function, from 1;
    `lines` are those of the statement, or None for what runs when the module is imported.
    """

    where: str
    before: str
    after: str
    occurrence: int
    line: int
    lines: range | None
    start: int
    end: int
    text: str

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What names the change as long as the text around it stays, wherever it moves."""
        return self.where, self.before, self.after, self.occurrence

    def applied(self, source: str) -> str:
        """Return the changed source."""
        raw = source.encode()
        return (raw[: self.start] + self.text.encode() + raw[self.end :]).decode()


def mutants(source: str) -> list[Mutant]:
    """Return every change that leaves a valid and different program, in the order of the text."""
    finder = _Finder(source)
    found, seen = [], Counter()
    for statement in finder.tree.body:
        finder.found = []
        finder.visit(statement)
        start, end = finder.starts[statement.lineno - 1], finder.starts[statement.end_lineno]
        text = finder.raw[start:end].decode()
        same = ast.dump(ast.parse(text))
        for change in sorted(finder.found, key=lambda c: (c.start, c.end, c.text)):
            moved = replace(change, start=change.start - start, end=change.end - start)
            try:
                if ast.dump(ast.parse(moved.applied(text))) == same:
                    continue
            except SyntaxError:
                continue
            seen[change.key] += 1
            found.append(replace(change, occurrence=seen[change.key]))
    return found


class _Finder(ast.NodeVisitor):
    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.raw = source.encode()
        # Offsets in bytes, as ast counts columns; tokenize counts characters.
        self.starts = [0]
        text = source.splitlines(keepends=True)
        for line in text:
            self.starts.append(self.starts[-1] + len(line.encode()))
        self.tokens = [
            (self.starts[row - 1] + len(text[row - 1][:column].encode()), token.string)
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type in (tokenize.OP, tokenize.NAME)
            for row, column in (token.start,)
        ]
        self.names: list[str] = []
        self.depth = 0  # of functions: 0 is what runs at import
        self.lines: range | None = None
        self.found: list[Mutant] = []

    # --- positions

    def _start(self, node: ast.AST) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.AST) -> int:
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def _tokens(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        return ((at, string) for at, string in self.tokens if start <= at < end)

    def _add(self, start: int, end: int, text: str) -> None:
        first = self.raw.rfind(b"\n", 0, start) + 1
        last = self.raw.find(b"\n", end)
        last = len(self.raw) if last < 0 else last
        before = self.raw[first:last].decode()
        after = self.raw[first:start].decode() + text + self.raw[end:last].decode()
        self.found.append(
            Mutant(
                where=".".join(self.names) or "module",
                before=" ".join(before.split()),
                after=" ".join(after.split()),
                occurrence=1,
                line=self.raw.count(b"\n", 0, start) + 1,
                lines=self.lines,
                start=start,
                end=end,
                text=text,
            )
        )

    def _source(self, node: ast.AST) -> str:
        return self.raw[self._start(node) : self._end(node)].decode()

    def _swap_between(self, left: ast.AST, right: ast.AST, old: str, new: str) -> None:
        words = old.split()
        between = list(self._tokens(self._end(left), self._start(right)))
        for i in range(len(between)):
            if [string for _, string in between[i : i + len(words)]] == words:
                at, string = between[i + len(words) - 1]
                self._add(between[i][0], at + len(string), new)
                return

    # --- where we are

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            outer = self.lines
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno
            self.lines = range(node.lineno, max(last, node.lineno) + 1) if self.depth else None
            super().visit(node)
            self.lines = outer
        else:
            super().visit(node)

    def _visit_all(self, nodes) -> None:
        for node in nodes:
            self.visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.names.append(node.name)
        self.lines = None  # defaults are computed at the definition
        self._visit_all([*node.args.defaults, *filter(None, node.args.kw_defaults)])
        self.depth += 1
        self._visit_all(node.body)
        self.depth -= 1
        self.names.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.append(node.name)
        self._visit_all(node.body)
        self.names.pop()

    # --- what is left alone

    def visit_Import(self, node: ast.Import) -> None: ...

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None: ...

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None: ...

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    # --- changes

    def visit_If(self, node: ast.If) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self._negate(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negate(test)
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        # A single comparison and a `not` are turned round where they stand.
        single = isinstance(test, ast.Compare) and len(test.ops) == 1
        if not single and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            self._add(self._start(test), self._end(test), f"(not ({self._source(test)}))")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._swap_between(node.left, node.right, *_BINARY[type(node.op)])
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        old, new = _BINARY[type(node.op)]
        self._swap_between(node.target, node.value, old + "=", new + "=")
        self._drop(node)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
            old, news = _COMPARE[type(op)]
            for new in news:
                self._swap_between(left, right, old, new)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._swap_between(left, right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        self._add(self._start(node), self._end(node), f"({self._source(node.operand)})")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._add(self._start(node), self._end(node), str(not value))
        elif isinstance(value, (int, float)):
            # One more; twice as much where that is lost in rounding.
            more = value + 1 if value + 1 != value else 2 * value
            self._add(self._start(node), self._end(node), repr(more))

    def visit_Name(self, node: ast.Name) -> None: ...

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in _NAMES:
            self._add(self._end(node) - len(node.attr), self._end(node), _NAMES[node.attr])
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if name in _SAID_NOT_COMPUTED:
            return
        if isinstance(function, ast.Name) and name in _NAMES:
            self._add(self._start(function), self._end(function), _NAMES[name])
        if name in _UNWRAPPED and len(node.args) == 1 and not node.keywords:
            self._add(self._start(node), self._end(node), f"({self._source(node.args[0])})")
        for keyword in node.keywords:
            if keyword.arg not in (None, "strict"):
                self._drop_keyword(node, keyword)
        self._visit_all([function, *node.args])
        self._visit_all(k.value for k in node.keywords if k.arg != "strict")

    def _drop_keyword(self, call: ast.Call, keyword: ast.keyword) -> None:
        start, end = self._start(keyword), self._end(keyword)
        before = [*self._tokens(self._end(call.func), start)][-1]
        after = next(self._tokens(end, self._end(call)))
        if before[1] == ",":
            start = before[0]
        elif after[1] == ",":
            end = after[0] + 1
        self._add(start, end, "")

    def visit_Expr(self, node: ast.Expr) -> None:
        # Not a docstring, nor the three dots.
        if not isinstance(node.value, ast.Constant):
            if not isinstance(node.value, (ast.Yield, ast.YieldFrom)):
                self._drop(node)
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        # Without a plain name the program would not run at all; without a write it may.
        if not any(isinstance(target, (ast.Name, ast.Tuple)) for target in node.targets):
            self._drop(node)
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._drop(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        self.visit(node.test)

    def visit_Break(self, node: ast.Break) -> None:
        self._add(self._start(node), self._end(node), "continue")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._add(self._start(node), self._end(node), "break")

    def _drop(self, node: ast.stmt) -> None:
        self._add(self._start(node), self._end(node), "pass")
