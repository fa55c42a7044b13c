"""What a page in another language still says in English: of what is seen, and of what is read out."""

from __future__ import annotations

from playwright.sync_api import Page

WRITING = {"zh_CN": "[\\u4e00-\\u9fff]"}  # by the folder of a language: a character of its texts
SOURCES = {"zh_CN": "延伸阅读"}  # the heading above the sources of a chapter, which keep their titles
ENGLISH = {"zh_CN": "英文"}  # the heading of a column of English terms

# A text without a character of the language and with three English words side by side. Code, formulas, titles of books
# (in italics) and links to English pages stay as they are.
LOOK = """([writing, heading, column], root = document.body) => {
  const OTHER = new RegExp(writing);
  const ENGLISH = /(?:[A-Za-z][a-z]+[,;]? +){2,}[A-Za-z][a-z]+/;
  const SKIPPED = "pre, code, kbd, .katex, em, cite, [hreflang=en], .languages";
  const UNSEEN = "script, style, noscript, template";
  const READ_OUT = ["alt", "title", "placeholder", "label"];
  const found = new Set(), blocks = new Map();
  const isSource = (node) => {
    if (node.closest("section")?.querySelector(":scope > :is(h2, h3)")?.textContent.startsWith(heading)) return true;
    const cell = node.closest("td");
    return cell?.closest("table").rows[0].cells[cell.cellIndex]?.textContent.trim() === column;
  };
  const told = (text, where) => {
    const plain = text.replace(/\\s+/g, " ").trim();
    if (ENGLISH.test(plain) && !OTHER.test(plain)) found.add(`${where}: ${plain.slice(0, 160)}`);
  };
  const blockOf = (node) => {
    while (node !== root && node.tagName !== "text" && getComputedStyle(node).display.startsWith("inline"))
      node = node.parentElement;
    return node;
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const parent = text.parentElement;
    if (!text.data.trim() || parent.closest(UNSEEN) || isSource(parent)) continue;
    const block = blockOf(parent);
    blocks.set(block, (blocks.get(block) ?? "") + (parent.closest(SKIPPED) ? " · " : text.data));
  }
  for (const [block, text] of blocks) told(text, block.getAttribute("class") || block.tagName);
  for (const node of root.querySelectorAll("*")) {
    if (node.closest("[hreflang=en], .languages") || isSource(node)) continue;
    for (const { name, value } of node.attributes)
      if (READ_OUT.includes(name) || name.startsWith("aria-")) told(value, name);
  }
  return [...found];
}"""

# Takes every slider of the explorers to its ends and its middle, every choice to each option, every switch both ways.
MOVE = """async (words) => {
  const look = LOOK, found = new Set();
  for (const card of document.querySelectorAll(".cnnx")) {
    const seen = async () => {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      for (const one of look(words, card)) found.add(one);
    };
    await seen();
    for (const control of card.querySelectorAll("input[type=range], input[type=checkbox], select")) {
      const set = async (value) => {
        control.value = value;
        for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
        await seen();
      };
      const before = control.value, [low, high] = [Number(control.min), Number(control.max)];
      const values = control.options ? [...control.options].map((one) => one.value) : [low, (low + high) >> 1, high];
      if (control.type !== "checkbox") for (const value of [...values, before]) await set(String(value));
      else for (const _ of "12") control.click(), await seen();
    }
  }
  return [...found];
}""".replace("LOOK", LOOK)


def left_in_english(page: Page, folder: str) -> list[str]:
    """Return what a page says in English, each with where it stands; all that folds is opened for it."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    return list(page.evaluate(f"(words) => ({LOOK})(words)", _words(folder)))


def left_in_explorers(page: Page, folder: str) -> list[str]:
    """Return what the explorers of a page say in English at many of their settings."""
    return list(page.evaluate(MOVE, _words(folder)))


def _words(folder: str) -> list[str]:
    return [WRITING[folder], SOURCES[folder], ENGLISH[folder]]
