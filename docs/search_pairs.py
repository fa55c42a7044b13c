"""Search in languages that write without spaces: a text is found by the pairs of characters that stand side by side.

感受野 is searched for as 感受 and 受野: a page that has both has the word. No list of words is needed, neither when the
site is made nor in the browser.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

RUN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"  # Japanese, Chinese, Korean
PARTS = re.compile(rf"[{RUN}]+|[^\W{RUN}]+")


def split(text: str) -> list[str]:
    """Return the words of a text: runs of such characters as single ones and pairs, all else as it stands.

    >>> split("步幅为 2")
    ['步', '幅', '为', '步幅', '幅为', '2']
    """
    found = []
    for part in PARTS.findall(text):
        if re.match(f"[{RUN}]", part):
            found += [*part, *(part[k : k + 2] for k in range(len(part) - 1))]
        else:
            found.append(part)
    return found


class Pairs(SearchEnglish):
    """Pairs of characters, and English words by their stems."""

    language_name = "English"  # whose stemmer Sphinx puts beside it
    js_splitter_code = """
// A query is split as the pages were; of a run of characters its pairs are enough, as each holds two of them.
const RUN = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff";
var splitQuery = (query) =>
  [...query.matchAll(new RegExp(`[${RUN}]+|(?:(?![${RUN}])[\\\\p{L}\\\\p{N}_])+`, "gu"))].flatMap(([part]) => {
    if (part.length < 2 || !new RegExp(`^[${RUN}]`).test(part)) return [part];
    return Array.from({ length: part.length - 1 }, (_, k) => part.slice(k, k + 2));
  });
"""

    def split(self, input: str) -> list[str]:
        return split(input)


def setup(app: Sphinx) -> dict[str, Any]:
    for code in ("zh", "ja", "ko"):
        app.add_search_language(type(f"Pairs_{code}", (Pairs,), {"lang": code}))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
