"""The web edition in other languages: what it says, where its links lead, and what its pages name in their heads."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import nbformat
import pytest

import front_page
import site_languages
import translations
from site_languages import Edition

ROOT = Path(__file__).resolve().parents[1]
EDITIONS = site_languages.languages()
SCRIPTS = [*(ROOT / "docs" / "_static").glob("*.js")]
CODE = [ROOT / "tools" / f"{name}.py" for name in ("site_pages", "site_languages", "front_page", "make_site")]
each_edition = pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.folder)


@pytest.fixture
def chinese() -> Edition:
    return next(edition for edition in EDITIONS if edition.folder == "zh_CN")


# ---- what the site says ----------------------------------------------------------------------------------------------


def phrases() -> set[str]:
    """Return all that the site says, as its code and its scripts have it."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*CODE, *SCRIPTS])
    found = re.findall(r"""\bsay\(\s*"((?:[^"\\]|\\.)+)\"""", text) + re.findall(r"\bsay\('([^']+)'\)", text)
    captions = re.findall(r":caption: (.*)", (ROOT / "docs" / "index.md").read_text(encoding="utf-8"))
    indirect = ["in the browser", "on Binder", "in Colab", "take the notebook", "Take the notebook"]
    return {*found, *captions, *indirect, *site_languages.THEME}


@each_edition
def test_a_language_says_all_that_the_site_says_and_nothing_else(edition: Edition) -> None:
    assert phrases() == set(edition.texts["words"])
    for english, said in edition.texts["words"].items():
        assert sorted(re.findall(r"\{\w+\}", said)) == sorted(re.findall(r"\{\w+\}", english)), english
        assert sorted(re.findall(r"\d+", said)) == sorted(re.findall(r"\d+", english)), english


@each_edition
def test_the_choices_of_all_predictions_are_translated(edition: Edition) -> None:
    asked = [cell.metadata.predict for name in translations.chapters() for cell in translations.read(name).cells
             if "predict" in cell.metadata]  # fmt: skip
    choices = {choice for one in asked for choice in one.get("choices", [])}
    assert len(choices) > 50
    assert {choice for choice in choices if re.search("[a-z]", choice)} == set(edition.texts["choices"])
    for choice in choices:
        assert re.findall(r"\d+", edition.choice(choice)) == re.findall(r"\d+", choice)
    for one in asked:  # two choices of one question stay two
        assert len({edition.choice(choice) for choice in one.get("choices", [])}) == len(one.get("choices", []))


def test_a_phrase_without_a_translation_is_named(chinese: Edition) -> None:
    with pytest.raises(ValueError, match=r"zh_CN/site\.toml has no 'New words' in its words"):
        chinese.say("New words")
    with pytest.raises(ValueError, match="has no 'perhaps' in its choices"):
        chinese.choice("perhaps")
    assert chinese.choice("0.03") == "0.03"


@each_edition
def test_the_chapters_of_the_readme_are_those_of_the_english(edition: Edition) -> None:
    ours, theirs = front_page.chapters(edition.readme()), front_page.chapters()
    assert [(one.number, one.path) for one in ours] == [(one.number, one.path) for one in theirs]
    for one in ours:
        if one.path.removesuffix(".ipynb") in edition.pages:
            title = translations.english(
                translations.translated(
                    translations.read(Path(one.path).stem), edition.language.pieces(Path(one.path).stem)
                )
            )
            assert next(iter(title.values())).startswith(f"# {one.number} {one.title}")


# ---- links -----------------------------------------------------------------------------------------------------------

PAGES = {"notebooks/05_pooling", "index", "course_plan"}
TITLES = dict.fromkeys(PAGES | {"notebooks/09_never", "unspoken", "reference/index"}, "A title")


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("notebooks/04_padding", "[a](05_pooling.ipynb)", "[a](05_pooling.ipynb)"),
        ("notebooks/04_padding", "[a](05_pooling.ipynb#sums)", "[a](05_pooling.ipynb#sums)"),
        ("notebooks/04_padding", "[a](09_never.ipynb#rate)", "[a](english://notebooks/09_never.html#rate)"),
        ("notebooks/04_padding", "[a](../docs/unspoken.md)", "[a](../docs/unspoken.md)"),
        ("notebooks/04_padding", "[a](#a-section)", "[a](04_padding.ipynb#a-section)"),
        ("notebooks/04_padding", "[a](#pooling=size:3)", "[a](#pooling=size:3)"),
        ("course_plan", "[a](notebooks/09_never.ipynb)", "[a](english://notebooks/09_never.html)"),
        ("course_plan", "[a](unspoken.md), [b](index.md)", "[a](english://unspoken.html), [b](index.md)"),
        ("index", "[a](https://example.org/05.md)", "[a](https://example.org/05.md)"),
    ],
)
def test_links_to_what_is_not_translated_lead_to_the_english(page: str, link: str, expected: str) -> None:
    assert site_languages.with_links(link, page, PAGES, TITLES) == expected


def test_lists_of_contents_name_pages_in_both_languages(chinese: Edition) -> None:
    text = "```{toctree}\n:hidden:\n:caption: The course\n:glob:\n\nnotebooks/0*\nunspoken\nnone*\n```"
    assert site_languages.with_contents(text, chinese, {**TITLES, "deep/unspoken": "no"}).splitlines() == [
        "```{toctree}",
        ":hidden:",
        ":caption: 课程",
        "",
        "notebooks/05_pooling",
        "A title（英文） <english://notebooks/09_never.html>",
        "A title（英文） <english://unspoken.html>",
        "```",
    ]


HEAD = '<html class="no-js" lang="zh-CN"><head></head><div class="header-right"><div class="content-icon-container">'


def test_a_finished_page_leads_to_files_that_are_there(chinese: Edition) -> None:
    page = (
        f'{HEAD}<a href="05.html#x">a</a><a href="09.html?y#z">b</a><img src="../_static/a.png"><a href="#c">Home</a>'
    )
    page += '<a href="english://unspoken.html">d</a><a href="https://e.org/09.html">e</a><a href="../../lite/x">f</a>'
    led = site_languages.led(page, "notebooks/04", {"notebooks/05.html"}, chinese)
    assert re.findall(r'(?:href|src)="([^"]*)"', led) == [
        *("05.html#x", "../../notebooks/09.html?y#z", "../../_static/a.png", "#c"),
        *("../../unspoken.html", "https://e.org/09.html", "../../lite/x"),
    ]
    assert '<html class="no-js" lang="zh-Hans">' in led and ">首页</a>" in led
    assert '<a href="../../unspoken.html" hreflang="en">' in led


def test_the_in_browser_edition_opens_in_the_language_of_the_page(chinese: Edition) -> None:
    page = '<a href="../../lite/lab/index.html?path=04_pad.ipynb"></a><a href="lite/lab/index.html?path=05.ipynb"></a>'
    led = site_languages.led(HEAD + page + '<a href="x/index.html?path=05.ipynb"></a>', "index", set(), chinese)
    assert re.findall(r"path=([^\"]*)", led) == ["zh_CN/04_pad.ipynb", "zh_CN/05.ipynb", "05.ipynb"]


def test_a_page_names_its_other_languages(chinese: Edition) -> None:
    third = dataclasses.replace(chinese, language=translations.Language(Path("xx")))
    third.language.__dict__["settings"] = {"lang": "xx", "name": "Third", "whole": []}
    both = site_languages.linked(HEAD, "notebooks/04_padding_and_stride", None, [chinese, third], "Someone/course")
    base = "https://someone.github.io/course/"
    assert re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', both) == [
        ("en", f"{base}notebooks/04_padding_and_stride.html"),
        ("x-default", f"{base}notebooks/04_padding_and_stride.html"),
        ("zh-Hans", f"{base}zh_CN/notebooks/04_padding_and_stride.html"),
    ]
    to = '<a lang="zh-Hans" hreflang="zh-Hans" href="../zh_CN/notebooks/04_padding_and_stride.html">简体中文</a>'
    other = '<a lang="xx" href="../xx/index.html">Third</a>'  # not translated there: its first page
    assert both.count(f'<nav class="languages" aria-label="Language">{to} {other}</nav>') == 2
    alone = site_languages.linked(HEAD, "unspoken", None, [chinese], "")
    assert "alternate" not in alone and 'href="zh_CN/index.html">' in alone
    back = site_languages.linked(HEAD, "notebooks/04_padding_and_stride", chinese, [chinese], "")
    assert 'hreflang="en" href="../../notebooks/04_padding_and_stride.html">English</a>' in back


def test_anchors_of_sections_are_read_in_order() -> None:
    page = '<section id="no"><article><section class="a" id="one"><h1></h1><section id="two"></section></article>'
    assert site_languages.anchors_of(page) == ["one", "two"]


# ---- search ----------------------------------------------------------------------------------------------------------


def test_a_text_without_spaces_is_split_into_characters_and_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sphinx", reason="Sphinx is not installed")
    monkeypatch.syspath_prepend(ROOT / "docs")
    import search_pairs

    assert search_pairs.split("感受野 LeNet-5") == ["感", "受", "野", "感受", "受野", "LeNet", "5"]
    assert search_pairs.split("") == []


# ---- pages of docs/ --------------------------------------------------------------------------------------------------


@each_edition
def test_pages_of_docs_are_neither_stale_nor_torn(edition: Edition) -> None:
    pages = {"index", "course_plan", "teachers", "in_the_browser", "accessibility", "questions"}
    assert pages <= edition.docs.keys()
    for page, path in edition.docs.items():
        assert edition.faults(page, site_languages.parts_of(page)) == []
        pieces = translations.parse(path.read_text(encoding="utf-8"))
        assert translations.written(pieces) == path.read_text(encoding="utf-8")
        assert "{{" not in edition.text(page)


def test_a_changed_sentence_of_a_page_turns_its_piece_red(chinese: Edition) -> None:
    texts = site_languages.parts_of("course_plan")
    texts["shorter-courses"] += "\n\nOne more sentence."
    [what] = chinese.faults("course_plan", texts)
    assert what.startswith("shorter-courses: is stale")


def test_commands_stay_and_what_is_said_beside_them_is_translated(chinese: Edition, tmp_path: Path) -> None:
    right = "```sh\ndask scheduler   # 在其中一台上\nsed 's#a  #b#'\n```\n\n```\na/b.ipynb    一个\n  c  # d\n```"
    english = "```sh\ndask scheduler   # on one\nsed 's#a  #b#'\n```\n\n```\na/b.ipynb    one\n  c  # e\n```"
    assert site_languages.commands_of(right) == site_languages.commands_of(english)
    for wrong in (right.replace("dask ", "dusk "), right.replace("b.ipynb", "c.ipynb"), right.replace("  c", "  d")):
        assert site_languages.commands_of(wrong) != site_languages.commands_of(english)
    torn = dataclasses.replace(chinese)
    torn.__dict__["docs"] = {"teachers": tmp_path / "teachers.md"}
    stored = chinese.docs["teachers"].read_text(encoding="utf-8").replace("-m pip install", "-m pip uninstall", 1)
    (tmp_path / "teachers.md").write_text(stored, encoding="utf-8")
    [what] = torn.faults("teachers", site_languages.parts_of("teachers"))
    assert what == "install: the commands are not those of the English"


def test_pages_say_what_is_so_and_link_to_what_is_there(chinese: Edition) -> None:
    import make_site

    guide = chinese.text("teachers")
    there = make_site.fitted(guide, lite=True, compiled=False, zipped=True)
    without = make_site.fitted(guide, lite=True, compiled=False, zipped=False)
    assert '<a href="course.zip" download>' in there and "course.zip" not in without.replace("`course.zip`", "")
    page = chinese.text("in_the_browser")
    elsewhere, here = (make_site.fitted(page, lite=True, compiled=one, zipped=False) for one in (False, True))
    row = "| `import cnnlib` | {} | 含编译部分的五个软件包"
    assert row.format("Pyodide 的服务器") in elsewhere and row.format("本站") in here
    assert "cdn.jsdelivr.net" in elsewhere and "cdn.jsdelivr.net" not in here
    assert "<!-- " not in elsewhere + here


def test_checks_of_numbers_are_no_text_of_a_page() -> None:
    assert "<!-- check: " in (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    parts = site_languages.parts_of("questions")
    assert len(parts) == 14 and not any("check:" in text or "<a\n" in text for text in parts.values())


def test_what_is_read_out_is_translated_and_its_numbers_stay() -> None:
    english = '```{raw} html\n<img alt="6 maps and 16" src="a.png"> text\n```\n\n```sh\n<b>\n```'
    right = '```{raw} html\n<img alt="6 张图和 16 张" src="a.png"> 文字\n```\n\n{{code 2}}'
    assert site_languages.tags_of(right) == site_languages.tags_of(english)
    for wrong in (right.replace("16 张", "17 张"), right.replace("a.png", "b.png"), right.replace("<img", "<b")):
        assert site_languages.tags_of(wrong) != site_languages.tags_of(english)


# ---- figures ---------------------------------------------------------------------------------------------------------


def test_figures_are_files_with_their_sizes() -> None:
    import site_pages

    source = nbformat.read(ROOT / "notebooks" / "04_padding_and_stride.ipynb", as_version=4)
    pages = [
        "".join(output["data"].get("text/html", ""))
        for cell in source.cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    page, files = site_pages.with_figures("".join(pages), "notebooks/04_padding_and_stride")
    assert len(files) >= 5 and "data:image" not in page
    for place, picture in files.items():
        assert f'src="../{place.as_posix()}"' in page and picture.startswith(b"\x89PNG")
    sizes = re.findall(r'width="(\d+)"[^>]*height="(\d+)" src="\.\./([^"]+)"', page)
    assert len(sizes) == page.count("<img ")
    for width, height, place in sizes:
        header = files[Path(place)][16:24]
        natural = [int.from_bytes(header[k : k + 4], "big") for k in (0, 4)]
        assert abs(int(width) / int(height) - natural[0] / natural[1]) < 0.02 * natural[0] / natural[1]


# ---- assignments, and the cards of the first page --------------------------------------------------------------------


def test_assignments_that_are_made_in_both_languages_are_pages(
    chinese: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_languages, "DIST", tmp_path)
    for folder, names in ((".", ["1_one"]), ("zh_CN", ["1_one", "2_two"])):
        (tmp_path / folder / "assignments").mkdir(parents=True)
        for name in names:
            text = "# 作业\n\n见[第 05 章](../notebooks/05_pooling.ipynb)和[参考](../reference/index.md)。"
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
            nbformat.write(notebook, tmp_path / folder / "assignments" / f"{name}.ipynb")
    (tmp_path / "zh_CN" / "assignments" / "1_one_checks.json").write_text("{}", encoding="utf-8")
    edition = Edition(chinese.language)
    assert edition.assignments.keys() == {"assignments/1_one"} <= edition.pages
    files = site_languages.assignments(edition, TITLES, set())
    names = ["assignments/1_one.ipynb", "extra/assignments/1_one.ipynb", "extra/assignments/1_one_checks.json"]
    assert [path.as_posix() for path in files] == names
    [cell] = nbformat.reads(files[Path(names[0])].decode(), as_version=4).cells
    assert "下载这个笔记本" in cell.source and "它的检验文件" in cell.source
    assert "](../notebooks/05_pooling.ipynb)" in cell.source and "](english://reference/index.html)" in cell.source
    assert edition.pages - edition.assignments.keys() == Edition(chinese.language).pages - {"assignments/1_one"}


def test_the_picture_of_a_card_is_told_in_the_language(chinese: Edition) -> None:
    listed = front_page.chapters()[1:2]
    english = front_page.cards(listed)
    words = front_page.in_words(translations.spoken(chinese.language, Path(listed[0].path).stem))
    told = site_languages.cards(chinese, {listed[0].path: words})
    assert words.startswith(("图：", "探索图：")) and f'alt="{words}"' in told
    assert 'alt="figure: ' in english or 'alt="explorer: ' in english
    assert chinese.titled("padding_and_stride") == "填充与步幅" and chinese.titled("drawing_pad") == "手写板"
