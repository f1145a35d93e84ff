"""The measurements of `make bench` run, and their contenders agree; without timing them."""

import subprocess
import sys

from tools.book import ROOT


def test_measurements_run_and_say_what_they_lack():
    command = [sys.executable, "-m", "pytest", "bench", "-q", "-rs", "--benchmark-disable"]
    command += ["-k", "gradient or latches or certificates"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    missing = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert all("is not installed: pip install -e .[bench]" in line for line in missing)
