"""What `make test-latest` and `make test-lowest` copy, and say of the releases they took."""

import re
import tomllib
from pathlib import Path

from tools import versions
from tools.book import ROOT

REQUIREMENTS = """\
appnope==1.0.0 ; sys_platform == 'darwin'
Sphinx==7.4.7
ruamel.yaml==0.18.6 \\
PyYAML==6.0.3
-e .
"""


def test_pins_are_read_with_normalised_names():
    assert versions.pins(REQUIREMENTS) == {
        "appnope": "1.0.0", "sphinx": "7.4.7", "ruamel-yaml": "0.18.6", "pyyaml": "6.0.3",
    }  # fmt: skip


def test_newer_ones_and_older_ones_are_told_apart():
    installed = [
        {"name": "PyYAML", "version": "6.0.4"},
        {"name": "sphinx", "version": "7.4.7"},
        {"name": "ruamel_yaml", "version": "0.18.6"},
        {"name": "pip", "version": "23.2"},
    ]
    outdated = [
        {"name": "Sphinx", "version": "7.4.7", "latest_version": "9.0.4"},
        {"name": "pip", "version": "23.2", "latest_version": "26.3"},
    ]
    assert versions.differences(versions.pins(REQUIREMENTS), installed, outdated) == [
        "  pyyaml 6.0.4: pinned 6.0.3",
        "  sphinx 7.4.7: newest 9.0.4, not taken",
    ]


def test_every_extra_that_tests_need_is_installed():
    assert versions.requirements("latest", Path()) == "-e .[book,lab,test]\n"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(versions.EXTRAS) <= project["optional-dependencies"].keys()


def test_only_pictures_are_left_out():
    regex = re.search("regex: (.*)", versions.PICTURES)[1]
    text = "0.5\n<?xml version='1.0'?>\n<svg>\n1\n</svg>\n0.7"
    assert re.sub(regex, "a picture", text) == "0.5\na picture\n0.7"
