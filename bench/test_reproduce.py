"""The command line's quick preset, each experiment in a process of its own."""

import subprocess
import sys
from functools import partial

import pytest

from latchlib.experiments import EXPERIMENTS


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_quick_preset(measure, tmp_path, name):
    command = [sys.executable, "-m", "latchlib", "reproduce", name, "--preset", "quick"]
    command += ["--output", str(tmp_path), "--no-progress"]
    cells = len(EXPERIMENTS[name]["quick"].cells())
    call = partial(subprocess.run, command, check=True, capture_output=True)
    measure("latchlib reproduce NAME --preset quick", f"{name}, {cells} cells", call, rounds=1)
