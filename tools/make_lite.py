"""Make the in-browser edition, build/site/html/lite: JupyterLite, Pyodide, the notebooks and all that they import.

Pyodide finds packages in one list, its lock file. This script rewrites that list: packages in plain Python, with cnnlib
among them, are served by the site itself; packages with compiled parts (NumPy, Matplotlib) keep their address on
Pyodide's own server. So the kernel starts without any other server, and `import cnnlib` downloads what is missing.
With `--compiled FOLDER` the site serves these files too, out of a folder that holds them, and no other server is asked.
They have to be those that compiled_packages.txt names, by name and by checksum.

The chapters in other languages lie in a folder for each, zh_CN/, beside the English ones, with the file that says which
language programs speak there.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import nbformat
from hatchling.builders.wheel import WheelBuilder
from jupyterlite_core.constants import JUPYTERLITE_JSON
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_KERNEL_PLUGIN_ID, PYODIDE_VERSION
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import make_site
import translations
from cnncourse.language import FILE as LANGUAGE_FILE

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "site"
WHEELS = ROOT / "build" / "wheels"  # what pip fetched
COMPILED = ROOT / "tools" / "compiled_packages.txt"  # checksums and names, as sha256sum writes and checks them

CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
EXTENSIONS = ("@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager", "anywidget")
LABEXTENSIONS = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
KERNEL = ("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython")  # what it starts with
# What the browser's Python is, and our extra: notebooks want the course, not the networks alone.
PYTHON = {"python_version": "3.14", "python_full_version": "3.14.0", "sys_platform": "emscripten", "extra": "course"}

Lock = dict[str, dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=BUILD / "html" / "lite", help="where the edition is written")
    parser.add_argument("--compiled", type=Path, metavar="FOLDER", help="where the packages with compiled parts lie")
    parser.add_argument("--lock", type=Path, default=COMPILED, metavar="FILE", help="their names and checksums")
    parser.add_argument("--write-lock", action="store_true", help="write that file from Pyodide's own list, no more")
    options = parser.parse_args()
    ours = Path(next(iter(WheelBuilder(str(ROOT)).build(directory=str(BUILD / "wheel"), versions=["standard"]))))
    if options.write_lock:
        options.lock.write_text(lock_of_compiled(pyodides(), ours), encoding="utf-8")
        return
    compiled = given(options.compiled, options.lock) if options.compiled else {}
    output = options.output.resolve()
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    spoken = [path for one in translations.languages() for path in sorted(one.folder.glob("*.md"))]
    wanted = fingerprint([ours, Path(__file__), *compiled.values(), *notebooks, *spoken])
    mark = output / "made-from.txt"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(output, ignore_errors=True)
    with tempfile.TemporaryDirectory() as source:
        collect(Path(source), ours, compiled)
        with tempfile.TemporaryDirectory() as folder:
            translate(Path(folder), notebooks)
            build(Path(source), output, [*notebooks, Path(folder)])
    mark.write_text(wanted, encoding="utf-8")
    print(
        f"The in-browser edition is in {output}; it needs a server: python -m http.server --directory {output.parent}"
    )


def translate(folder: Path, notebooks: list[Path]) -> None:
    """Write the notebooks in every other language, each in a folder of its own, and say there which it is."""
    for language in translations.languages():
        own = folder / language.folder.name
        own.mkdir()
        for path in notebooks:
            notebook = translations.spoken(language, path.stem)
            (own / path.name).write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
        (own / LANGUAGE_FILE).write_text(f"{own.name}\n", encoding="utf-8")


def build(source: Path, output: Path, contents: list[Path]) -> None:
    """Let JupyterLite make the edition out of what is collected; SystemExit with what it says if it cannot."""
    command = [
        sys.executable,
        "-m",
        "jupyterlite_core",
        "build",
        "--lite-dir",
        str(source),
        "--output-dir",
        str(output),
    ]
    command += ["--apps", "lab", "--apps", "notebooks", "--apps", "tree", "--ignore-sys-prefix", "--no-libarchive"]
    command += ["--no-sourcemaps", "--no-unused-shared-packages", "--log-level", "WARN"]
    for path in contents:  # a notebook, or a folder whose content stands beside the notebooks
        command += ["--contents", str(path)]
    for name in EXTENSIONS:
        command += [f"--LiteBuildConfig.federated_extensions={LABEXTENSIONS / name}"]
    built = subprocess.run(command, cwd=source, capture_output=True, text=True)
    if built.returncode:
        raise SystemExit(f"JupyterLite could not be built:\n{built.stdout[-2000:]}\n{built.stderr[-2000:]}")


def fingerprint(paths: list[Path]) -> str:
    """Return what the edition is made from: versions, and one line for each file."""
    names = ("jupyterlite-core", "jupyterlite-pyodide-kernel", "ipywidgets", "anywidget", "jupyterlab-widgets")
    lines = [f"{name} {importlib.metadata.version(name)}" for name in names]
    lines += [f"{path.name} {checksum(path)}" for path in paths]
    return "\n".join(lines) + "\n"


def collect(source: Path, ours: Path, compiled: dict[str, Path]) -> None:
    """Write the folder that JupyterLite is built from: its settings, and Pyodide with its packages."""
    pyodide = source / "static" / "pyodide"
    pyodide.mkdir(parents=True)
    core = make_site.package(f"pyodide@{PYODIDE_VERSION}")
    for name in CORE:
        shutil.copy(core / name, pyodide)
    theirs = json.loads((core / "pyodide-lock.json").read_text(encoding="utf-8"))
    packages, wheels = locked(theirs["packages"], ours, compiled)
    for path in wheels:
        shutil.copy(path, pyodide)
    lock = json.dumps(theirs | {"packages": packages}, separators=(",", ":"))
    (pyodide / "pyodide-lock.json").write_text(lock, encoding="utf-8")
    settings = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Convolutional networks",
            "litePluginSettings": {PYODIDE_KERNEL_PLUGIN_ID: {"loadPyodideOptions": {"packages": list(KERNEL)}}},
        },
    }
    (source / JUPYTERLITE_JSON).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def pyodides() -> Lock:
    """Return Pyodide's own list of packages."""
    text = (make_site.package(f"pyodide@{PYODIDE_VERSION}") / "pyodide-lock.json").read_text(encoding="utf-8")
    packages: Lock = json.loads(text)["packages"]
    return packages


def locked(theirs: Lock, ours: Path, compiled: dict[str, Path]) -> tuple[Lock, list[Path]]:
    """Return the list of packages for our site, and the wheels that it expects there.

    compiled: the wheels with compiled parts that the site serves itself, by the names of their files; none, or all.
    """
    special = special_wheels(ours)
    needed = everything_for(["cnnlib", *KERNEL], theirs, special)
    here = {name for name in needed if name not in theirs or is_plain(theirs[name])}
    versions = {name: theirs[name]["version"] if name in theirs else installed(name) for name in here - set(special)}
    wheels = special | fetched(versions)
    packages = {
        name: entry | {"file_name": f"{PYODIDE_CDN_URL}/{entry['file_name']}"} for name, entry in theirs.items()
    }
    for name in sorted(here):
        packages[name] = theirs.get(name, {}) | described(name, wheels[name], sorted(needed[name]))
    files = [wheels[name] for name in sorted(here)]
    if compiled:
        for name in sorted(set(needed) - here):
            path = compiled.get(theirs[name]["file_name"])
            if path is None:
                raise SystemExit(f"{theirs[name]['file_name']} is needed and not in the lock file of compiled packages")
            packages[name] = theirs[name] | {"file_name": path.name, "sha256": checksum(path)}
            files.append(path)
    return dict(sorted(packages.items())), files


def special_wheels(ours: Path) -> dict[str, Path]:
    """Return the wheels that no index has: our own, and those that come with the kernel."""
    return {wheel_name(path): path for path in [ours, *(LABEXTENSIONS / EXTENSIONS[0] / "static/pypi").glob("*.whl")]}


def lock_of_compiled(theirs: Lock, ours: Path) -> str:
    """Return checksums and names of the packages with compiled parts that the course needs, a line for each."""
    needed = everything_for(["cnnlib", *KERNEL], theirs, special_wheels(ours))
    entries = [theirs[name] for name in sorted(needed) if name in theirs and not is_plain(theirs[name])]
    return "".join(f"{entry['sha256']}  {entry['file_name']}\n" for entry in entries)


def given(folder: Path, lock: Path) -> dict[str, Path]:
    """Return the files of a folder that a lock file names, by their names; SystemExit if one is missing or another."""
    found, wrong = {}, []
    for line in lock.read_text(encoding="utf-8").splitlines():
        wanted, name = line.split()
        path = folder / name
        if not path.is_file():
            wrong.append(f"{name} is missing")
        elif (got := checksum(path)) != wanted:
            wrong.append(f"{name} has the checksum {got}, expected {wanted}")
        found[name] = path
    if wrong:
        raise SystemExit(f"The packages with compiled parts in {folder}: {'; '.join(wrong)}")
    return found


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_plain(entry: dict[str, Any]) -> bool:
    return entry["package_type"] == "package" and entry["file_name"].endswith("-none-any.whl")


def everything_for(names: list[str], theirs: Lock, special: dict[str, Path]) -> dict[str, set[str]]:
    """Return `names` and all packages they need, each with its own direct dependencies."""
    found: dict[str, set[str]] = {}
    queue = [*names]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        if name in special:
            found[name] = applying(metadata(special[name]).get_all("Requires-Dist") or [])
        elif name in theirs:
            found[name] = {canonicalize_name(other) for other in theirs[name]["depends"]}
        else:
            found[name] = applying(importlib.metadata.requires(name) or [])
        queue += found[name]
    return found


def applying(requirements: list[str]) -> set[str]:
    """Return the names of the requirements that apply to Python in the browser."""
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(one.name) for one in parsed if one.marker is None or one.marker.evaluate(PYTHON)}


def installed(name: str) -> str:
    """Return the version that is installed here: the front end of a widget and its Python side belong together."""
    return importlib.metadata.version(name)


def fetched(versions: dict[str, str]) -> dict[str, Path]:
    """Return wheels in plain Python, downloaded once."""
    WHEELS.mkdir(parents=True, exist_ok=True)
    stored = {(wheel_name(path), wheel_version(path)): path for path in sorted(WHEELS.glob("*.whl"))}
    missing = [f"{name}=={version}" for name, version in versions.items() if (name, version) not in stored]
    if missing:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += ["--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", "3.14"]
        if code := subprocess.call([*command, "--dest", str(WHEELS), *sorted(missing)]):
            raise SystemExit(code)
        stored = {(wheel_name(path), wheel_version(path)): path for path in sorted(WHEELS.glob("*.whl"))}
    return {name: stored[name, version] for name, version in versions.items()}


def wheel_name(path: Path) -> str:
    return canonicalize_name(path.name.split("-")[0])


def wheel_version(path: Path) -> str:
    return path.name.split("-")[1]


def metadata(wheel: Path) -> Any:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return Parser().parsestr(archive.read(name).decode("utf-8"))


def described(name: str, wheel: Path, depends: list[str]) -> dict[str, Any]:
    """Return what the lock file says of a wheel on our site."""
    return {
        "name": name,
        "version": wheel_version(wheel),
        "file_name": wheel.name,
        "sha256": checksum(wheel),
        "package_type": "package",
        "install_dir": "site",
        "imports": modules(wheel),
        "depends": depends,
        "unvendored_tests": False,
    }


def modules(wheel: Path) -> list[str]:
    """Return the names that a wheel adds to what can be imported."""
    with zipfile.ZipFile(wheel) as archive:
        files = [name.split("/") for name in archive.namelist()]
    folders = {parts[0] for parts in files if len(parts) == 2 and parts[1] == "__init__.py"}
    single = {parts[0][:-3] for parts in files if len(parts) == 1 and parts[0].endswith(".py")}
    return sorted(folders | single)


if __name__ == "__main__":
    main()
