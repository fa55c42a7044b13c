"""The site in other languages, in a real browser: the switcher, the search, what the pages say of themselves."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from left_in_english import left_in_english, left_in_explorers
from pages import listened, wait_for
from playwright.sync_api import Browser, Page
from test_site import RAW_TEX, TOO_WIDE, html, site, stored

import site_languages
import translations

__all__ = ["html", "site"]  # fixtures of the site, which these tests share

EDITIONS = {edition.folder: edition for edition in site_languages.languages()}
CHAPTERS = [(folder, f"notebooks/{name}") for folder, one in EDITIONS.items() for name in one.chapters]
PAGES = [(folder, name) for folder, one in EDITIONS.items() for name in sorted(one.made)]
CHAPTER_04 = "notebooks/04_padding_and_stride"
Opens = Callable[..., Page]
every_page = pytest.mark.parametrize(("folder", "name"), PAGES)


@pytest.fixture
def opened(browser: Browser, site: str) -> Iterator[Opens]:
    """Yield a function that opens a page, by its address on the site."""
    pages = []

    def open_one(address: str, width: int = 1280) -> Page:
        page = listened(browser)
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.on("response", lambda answer: page.problems.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"{site}/{address}", wait_until="load")
        return page

    yield open_one
    for page in pages:
        page.context.close()


# ---- every page ------------------------------------------------------------------------------------------------------


def test_there_are_pages_of_every_chapter_that_is_translated(html: Path) -> None:
    assert len(CHAPTERS) >= 9
    for folder, edition in EDITIONS.items():
        found = {path.relative_to(html / folder).with_suffix("").as_posix() for path in (html / folder).rglob("*.html")}
        assert found == edition.made


@every_page
def test_a_page_says_its_language_and_names_the_others(html: Path, folder: str, name: str) -> None:
    own = EDITIONS[folder]
    page = (html / folder / f"{name}.html").read_text(encoding="utf-8")
    assert f'lang="{own.code}"' in re.search("<html[^>]*>", page)[0]
    english = (html / f"{name}.html").read_text(encoding="utf-8")
    for text, path in ((page, html / folder / f"{name}.html"), (english, html / f"{name}.html")):
        others = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', text))
        assert others.keys() >= {"en", "x-default", own.code}
        assert (path.parent / others["en"]).resolve() == html / f"{name}.html"
        assert (path.parent / others["x-default"]).resolve() == html / f"{name}.html"
        assert (path.parent / others[own.code]).resolve() == html / folder / f"{name}.html"
    for text in site_languages.THEME:
        assert not re.search(rf'(?:>\s*|")({re.escape(text)})(?:\s*<|")', page.partition("<script")[0]), text


@pytest.mark.parametrize(("folder", "name"), CHAPTERS)
def test_a_chapter_has_the_sections_figures_and_explorers_of_the_english(html: Path, folder: str, name: str) -> None:
    pages = [(html / place / f"{name}.html").read_text(encoding="utf-8") for place in ("", folder)]
    theirs, ours = (site_languages.anchors_of(page) for page in pages)
    assert ours == theirs and len(ours) > 3
    for pattern in (r"_static/figures/[0-9a-f]{12}\.png", "application/vnd.jupyter.widget-view", 'class="predict"'):
        found = [re.findall(pattern, page) for page in pages]
        assert found[0] == found[1], pattern
    copy = html / folder / f"{name}.ipynb"
    assert '<a href="' + copy.name + '" download>' in pages[1]
    chapter = Path(name).name
    source = translations.translated(translations.read(chapter), EDITIONS[folder].language.pieces(chapter))
    assert [cell.source for cell in source.cells] == [cell.source for cell in nbformat.read(copy, as_version=4).cells]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["index", "course_plan", CHAPTER_04, "notebooks/07_sensitivity_maps"])
def test_a_chinese_page_loads_with_nothing_wrong_and_nothing_cut(opened: Opens, name: str, width: int) -> None:
    page = opened(f"zh_CN/{name}.html", width)
    count = len(stored(f"{name}.html"))
    page.wait_for_function(f"document.querySelectorAll('.cnnx').length === {count}", timeout=30_000)
    assert page.locator(".katex-error, .formula").count() == 0
    assert page.evaluate(RAW_TEX) == []
    assert page.evaluate(TOO_WIDE) == []
    broken = "[...document.images].filter((one) => one.complete && !one.naturalWidth).map((one) => one.src)"
    assert page.evaluate(broken) == []
    assert page.locator(".languages:visible").count() == 1
    fonts = page.evaluate("getComputedStyle(document.querySelector('article p')).fontFamily")
    assert "Noto Sans CJK SC" in fonts and "Microsoft YaHei" in fonts and "PingFang SC" in fonts
    assert page.problems == []


@every_page
def test_no_english_is_left_on_a_page(opened: Opens, html: Path, folder: str, name: str) -> None:
    page = opened(f"{folder}/{name}.html")
    if count := len(stored(f"{name}.html")) if name.startswith("notebooks/") else 0:
        page.wait_for_function(f"document.querySelectorAll('.cnnx').length === {count}", timeout=30_000)
    assert left_in_english(page, folder) == []
    assert left_in_explorers(page, folder) == []


def test_english_that_is_left_is_found(opened: Opens) -> None:
    page = opened("zh_CN/index.html")
    page.evaluate(
        """() => document.querySelector("article").insertAdjacentHTML("beforeend",
          '<p>This was <b>left</b> in English.</p><p>三个英文词 one two three</p><p><em>The title of a book</em></p>' +
          '<button aria-label="Step back once more">1</button><pre>the code of a cell</pre>')"""
    )
    assert left_in_english(page, "zh_CN") == ["P: This was left in English.", "aria-label: Step back once more"]


# ---- the switcher ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [390, 1280])
def test_the_switcher_keeps_the_page_the_section_and_the_settings(opened: Opens, site: str, width: int) -> None:
    page = opened(f"{CHAPTER_04}.html?padding_and_stride=S:3", width)
    page.wait_for_function("performance.getEntriesByName('explorers drawn').length === 1")
    sections = page.evaluate("[...document.querySelectorAll('article section section')].map((one) => one.id)")
    for start, code, name in (("", "zh-Hans", "简体中文"), ("zh_CN/", "en", "English")):
        assert page.url.startswith(f"{site}/{start}{CHAPTER_04}.html?padding_and_stride=S:3")
        section = sections[3] if start else sections[5]
        page.evaluate("(id) => document.getElementById(id).scrollIntoView({ behavior: 'instant' })", section)
        link = page.locator(f".languages:visible a[hreflang={code}]")
        assert link.inner_text() == name
        link.focus(timeout=5000)
        page.evaluate("(id) => document.getElementById(id).scrollIntoView({ behavior: 'instant' })", section)
        link.dispatch_event("click")
        page.wait_for_url(f"{site}/{'' if start else 'zh_CN/'}{CHAPTER_04}.html?padding_and_stride=S:3#{section}")
        page.wait_for_function("performance.getEntriesByName('explorers drawn').length === 1")
        top = f"document.getElementById('{section}').getBoundingClientRect().top"
        wait_for(lambda top=top: -20 <= page.evaluate(top) <= 100, 5, section)
    assert page.problems == []


def test_a_page_that_is_not_translated_leads_to_the_first_page(opened: Opens, site: str) -> None:
    page = opened("reference/index.html")
    page.locator(".languages:visible a").click()
    page.wait_for_url(f"{site}/zh_CN/index.html")
    page.locator(".sidebar-tree a[hreflang=en]").first.click()  # and what the Chinese lack is there in English
    page.wait_for_load_state()
    assert "/zh_CN/" not in page.url and page.evaluate("document.documentElement.lang") == "en"


# ---- predictions, explorers, the front page --------------------------------------------------------------------------


def test_predictions_are_asked_and_answered_in_chinese(opened: Opens) -> None:
    page = opened("zh_CN/notebooks/01_relu.html")
    forms = page.locator("form.prediction")
    assert forms.count() > 3
    choices = page.locator("form.prediction fieldset label").all_inner_texts()
    assert choices and all(re.search(r"[\u4e00-\u9fff]", one) for one in choices)
    form = page.locator("form.prediction:has(fieldset)").first
    form.locator("input").first.check()
    form.get_by_role("button", name="看看结果").click()
    assert page.locator(".predicted").inner_text().startswith(f"你猜的是：{choices[0].strip()}")
    page.get_by_role("button", name="显示全部答案").click()
    assert forms.count() == 0 and page.locator("article [hidden]").count() == 0
    assert page.problems == []


def test_the_front_page_speaks_chinese(opened: Opens) -> None:
    page = opened("zh_CN/index.html")
    page.wait_for_function("document.querySelector('#home-bars .best b')?.textContent === '3'")
    assert page.locator("#home-window output").inner_text().startswith("第 1 行，第 2 列：九个乘积的和是")
    wait_for(lambda: page.locator("#home-says").text_content() == "网络认出 3，把握 100%。", 10, "what is read")
    cards = page.locator(".home-cards li")
    assert cards.count() == 16
    for card in cards.all():
        href = card.locator("a").evaluate("one => one.href")
        assert ("/zh_CN/" in href) == ("（英文）" not in card.inner_text()) and "分钟" in card.inner_text()
    assert page.problems == []


# ---- search ----------------------------------------------------------------------------------------------------------

QUERIES = {
    "感受野": "04_padding",
    "最大池化": "05_pooling",
    "敏感度图": "06_back",
    "权重共享": "02_fully",
    "互相关": "03_convolution",
    "梯度检验": "07_sens",
    "激活函数": "01_relu",
}


def first_found(page: Page) -> str:
    first = page.locator("ul.search > li a").first
    wait_for(first.count, 30, "what is found")
    page.wait_for_function("!document.querySelector('#search-progress')?.textContent.includes('…')")
    return first.get_attribute("href") or ""


def test_the_search_finds_chinese_words(opened: Opens, site: str) -> None:
    page = opened("zh_CN/index.html")
    for words, chapter in QUERIES.items():
        page.goto(f"{site}/zh_CN/search.html?q={words}")
        assert chapter in first_found(page), words
        text = page.locator("ul.search > li").first.inner_text()
        assert any(words[k : k + 2] in text for k in range(len(words) - 1)) and "下载" not in text
    page.goto(f"{site}/zh_CN/search.html?q=曼德博集合")  # of which nothing is said
    wait_for(lambda: "没有" in page.locator("#search-results").inner_text(), 30, "that nothing is found")
    assert page.locator("ul.search > li").count() == 0
    assert page.problems == []


def test_the_chinese_pages_and_their_search_work_from_a_disk(html: Path, browser: Browser, tmp_path: Path) -> None:
    with zipfile.ZipFile(html / "course.zip") as archive:
        archive.extractall(tmp_path)
    page = listened(browser)
    page.goto((tmp_path / "course/zh_CN/index.html").as_uri())
    page.locator(".sidebar-search").fill("感受野")
    page.locator(".sidebar-search").press("Enter")
    wait_for(lambda: "search.html" in page.url, 10, "the page of the search")
    assert "04_padding" in first_found(page)
    page.problems.clear()  # a browser reads no other page from a disk: what is found has no lines there
    page.goto((tmp_path / f"course/zh_CN/{CHAPTER_04}.html").as_uri())
    count = len(stored(f"{CHAPTER_04}.html"))
    page.wait_for_function(f"document.querySelectorAll('.cnnx').length === {count}", timeout=30_000)
    broken = "[...document.images].filter((one) => one.complete && !one.naturalWidth).map((one) => one.src)"
    assert page.evaluate(broken) == []
    assert page.problems == []
    page.context.close()


# ---- for everybody ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["index", CHAPTER_04])
def test_axe_finds_nothing_on_chinese_pages(opened: Opens, axe: str, name: str) -> None:
    for width in (1280, 390):
        page = opened(f"zh_CN/{name}.html", width)
        page.evaluate(axe)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        page.evaluate("document.fonts.ready.then(() => new Promise((done) => setTimeout(done, 100)))")
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        bad = [(one["id"], one["impact"], one["nodes"][0]["html"][:120]) for one in found["violations"]]
        assert bad == [], f"{width} px"
