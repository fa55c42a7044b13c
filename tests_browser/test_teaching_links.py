"""The links of the teachers' pages mean in a browser what the tests of these pages take them to mean."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnncourse import explorers

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))  # behind this folder, which has files of the same names

from test_teaching_pages import PAGES, settings_in, understood  # noqa: E402

PROGRAM = """
import fs from "node:fs";
import { read } from %s;
const links = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(links.map(([specs, words]) => read(specs, words))));
"""


def test_a_link_sets_in_the_page_what_it_sets_in_python() -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed: only who changes the JavaScript of the explorers needs it")
    links = [link for page in PAGES.values() for link in settings_in(page)]
    asked, expected = [], []
    for link in links:
        settings = getattr(explorers, link.explorer)()._explorer.settings
        asked.append([[setting.to_json() for setting in settings], link.words])
        known = {setting.name: setting for setting in settings}
        expected.append({name: known[name].accept(value) for name, value in understood(link.words, settings).items()})
    module = (ROOT / "cnncourse" / "explorers" / "web" / "settings.js").as_uri()
    command = ["node", "--input-type=module", "-e", PROGRAM % json.dumps(module)]
    told = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == expected and len(links) > 50
