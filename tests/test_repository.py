"""The repository as a whole: what the README promises is there, what is stored is in order, a wheel has its data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

import cnnlib
import execute_notebooks
from cnncourse import explorers

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
README_ZH_CN = (ROOT / "README.zh_CN.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def our_files() -> list[Path]:
    """Return the files that are tracked; outside of git those that do not look made by a tool."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode == 0 and listing.stdout:
        names = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:
        made = {".git", ".venv", "__pycache__", ".hypothesis", ".ipynb_checkpoints", ".pytest_cache", ".ruff_cache"}
        made |= {"mnist", "build", "dist"}
        names = [path for path in ROOT.rglob("*") if not made & set(path.relative_to(ROOT).parts)]
    return [path for path in names if path.is_file()]


def text_files() -> list[tuple[str, str]]:
    """Return (name, content) of our files that are text."""
    found = []
    for path in our_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((path.relative_to(ROOT).as_posix(), content.decode("utf-8")))
    return found


# ---- README and Makefile --------------------------------------------------------------------------------------------


def chapters() -> list[list[str]]:
    """Return the rows of the README's table of chapters, each as its four cells."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in README.splitlines()
        if re.match(r"\| \d\d ", line)
    ]
    assert len(rows) == 16
    return rows


def test_the_table_of_chapters_is_the_folder_of_notebooks() -> None:
    linked = [re.findall(r"\]\((notebooks/[^)]+)\)", title) for _, title, _ in chapters()]
    assert all(len(names) == 1 for names in linked)
    for (number, _, _), [name] in zip(chapters(), linked, strict=True):
        assert Path(name).name.startswith(f"{number}_")
    formulas = "notebooks/formulas.ipynb"
    assert f"]({formulas})" in README
    stored = [path.relative_to(ROOT).as_posix() for path in NOTEBOOKS]
    assert [name for names in linked for name in names] + [formulas] == stored


# The other pages of docs/ link to each other as they lie on the site, which Sphinx checks.
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md"), ROOT / "data" / "README.md"]


@pytest.mark.parametrize("path", sorted(PAGES), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = [*re.findall(r"\]\(([^)]+)\)", text), *re.findall(r'src="([^"]+)"', text)]
    missing = [name for name in targets if "://" not in name and not (path.parent / name.split("#")[0]).exists()]
    assert missing == []


def test_decisions_are_listed_with_their_titles() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^\| \[(\d+)\]\((\S+)\) \| (.+) \|$", (folder / "README.md").read_text(encoding="utf-8"), re.M)
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    titles = [path.read_text(encoding="utf-8").splitlines()[0] for path in records]
    assert [(name, f"# {number}. {title}") for number, name, title in listed] == [
        (path.name, title) for path, title in zip(records, titles, strict=True)
    ]


@pytest.mark.parametrize("text", [README, README_ZH_CN], ids=["README", "README.zh_CN"])
def test_pictures_have_an_alternative_text(text: str) -> None:
    pictures = re.findall(r"<img [^>]*>", text)
    assert pictures
    assert all(len(re.findall(r'alt="[^"]{40,}"', picture)) == 1 for picture in pictures)


def make_commands(text: str) -> list[tuple[str, list[str]]]:
    """Return (target, names of its variables) of every call of make in a text."""
    calls = re.findall(r"(?:`|&& |^)make ([a-z-]+)((?: [A-Z_]+=(?:\"[^\"]*\"|\S*))*)", text, re.MULTILINE)
    return [(target, re.findall(r" ([A-Z_]+)=", settings)) for target, settings in calls]


@pytest.mark.parametrize("text", [README, README_ZH_CN, CONTRIBUTING], ids=["README", "README.zh_CN", "CONTRIBUTING"])
def test_the_pages_for_newcomers_say_how_to_run_the_tests(text: str) -> None:
    assert {target for target, _ in make_commands(text)} >= {"test"}


MAKING = [(name, text) for name, text in text_files() if name.endswith(".md") and re.search(r"(?:`|^)make [a-z]", text)]


@pytest.mark.parametrize("text", [text for _, text in MAKING], ids=[name for name, _ in MAKING])
def test_what_a_page_says_of_make_is_in_the_makefile(text: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    variables = set(re.findall(r"\$\((?:filter 1,\$\()?([A-Z_]+)[),]", MAKEFILE))
    assert {target for target, _ in make_commands(text)} <= targets
    assert {variable for _, set_there in make_commands(text) for variable in set_there} <= variables


@pytest.mark.parametrize("text", [README, README_ZH_CN], ids=["README", "README.zh_CN"])
def test_the_two_commands_are_on_the_first_screen(text: str) -> None:
    first_screen = "\n".join(text.splitlines()[:25])
    assert "make lab" in first_screen
    assert "make test" in first_screen


def test_every_target_explains_itself() -> None:
    phony = [target for line in re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE) for target in line.split()]
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [target for target in phony if not re.search(rf"^  {target} +\S", told, re.MULTILINE)] == []


def test_what_is_run_directly_may_be() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# ---- files ----------------------------------------------------------------------------------------------------------


def test_no_file_names_a_place_on_one_machine() -> None:
    # A character class in each name keeps this line itself from being found.
    pattern = re.compile(r"(?<![\w.:/])/([w]ork|[r]oot|[h]ome/\w+|[U]sers/\w+)/")
    found = [f"{name}: {match[0]}" for name, text in text_files() for match in pattern.finditer(text)]
    assert found == []


def test_text_files_end_their_lines_alike() -> None:
    wrong = [
        name
        for name, text in text_files()
        if "\r" in text or (text and not text.endswith("\n")) or ("\t" in text and name not in ("Makefile",))
    ]
    assert wrong == []


def test_no_file_is_large() -> None:
    large = [path.name for path in our_files() if path.stat().st_size > 3_000_000]
    assert large == []


# ---- notebooks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_make_notebooks_stores_it(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert execute_notebooks.problems(notebook) == []
    assert notebook.metadata.language_info == execute_notebooks.LANGUAGE
    assert notebook.metadata.kernelspec == execute_notebooks.KERNEL
    before = [cell.id for cell in notebook.cells]
    cells = [dict(cell) for cell in notebook.cells]
    execute_notebooks.name_cells(cells)
    assert [cell["id"] for cell in cells] == before
    assert path.read_text(encoding="utf-8") == nbformat.writes(notebook).rstrip("\n") + "\n"


def test_stored_explorers_are_drawn_by_the_scripts_of_today() -> None:
    """A page moves what is stored: after a change of the scripts every notebook is executed again."""
    made = [getattr(explorers, name)() for name in explorers.__all__]
    today = {(str(one._esm), str(one._css)) for one in made}
    stale, seen = [], 0
    for path in NOTEBOOKS:
        kinds = nbformat.read(path, as_version=4).metadata.get("widgets", {})
        for kind in kinds.values():
            states = [one["state"] for one in kind["state"].values() if "_esm" in one["state"]]
            seen += len(states)
            stale += [path.stem for state in states if (state["_esm"], state["_css"]) not in today]
    assert seen >= len(explorers.__all__) and stale == []


# ---- wheel ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))))


def of_the_package() -> set[str]:
    """Return the files of both packages: modules, and what the explorers are drawn with."""
    paths = [path for name in ("cnnlib", "cnncourse") for path in (ROOT / name).rglob("*")]
    files = {path for path in paths if path.is_file() and path.parent.name != "__pycache__"}
    assert {path.suffix for path in files} >= {".py", ".js", ".css"}
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_a_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {f"cnnlib/data/{path.name}" for path in (ROOT / "data").glob("*.npz")}
    assert data
    assert {name for name in names if name.startswith("cnnlib/data/")} == data | {"cnnlib/data/README.md"}
    code = {name for name in names if name.startswith(("cnnlib/", "cnncourse/"))}
    assert code - data - {"cnnlib/data/README.md"} == of_the_package()
    assert {name.split("/")[0] for name in names} == {"cnnlib", "cnncourse", f"cnnlib-{cnnlib.__version__}.dist-info"}


def test_the_data_are_found_from_a_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import cnnlib\n"
        "(x, y), _ = cnnlib.load_digits(size=8)\n"
        "print(cnnlib.__file__, x.shape)"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.split(maxsplit=1) == [str(tmp_path / "cnnlib" / "__init__.py"), "(1437, 1, 8, 8)\n"]


def test_an_sdist_gives_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    [packed] = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / Path(packed).name.removesuffix(".tar.gz")
    assert not {".venv", "build", "dist"} & {path.name for path in folder.iterdir()}
    assert not (folder / "data" / "mnist").exists()
    [again] = WheelBuilder(str(folder)).build(directory=str(tmp_path), versions=["standard"])
    one, other = (zipfile.ZipFile(path) for path in (wheel, again))
    assert {entry.filename: entry.CRC for entry in one.infolist()} == {
        entry.filename: entry.CRC for entry in other.infolist()
    }
