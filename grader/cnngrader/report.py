"""The pages: one for each student, one for the teacher. Self-contained, in light and dark, and read well aloud.

Everything that comes from a submission is text here: it is escaped, and the pages allow no script at all.
"""

from __future__ import annotations

import hashlib
import html
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from .gradebook import events, is_open, median, number
from .grading import Graded, written_text
from .results import Part, TaskResult, part_in_words
from .similarity import Group
from .submission import MOST_TEXT, Submission
from .tables import write_file
from .task import Assignment, WrittenTask
from .wording import say, speaking, translated

CODE = re.compile(r"`([^`]+)`")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
STRONG = re.compile(r"\*\*([^*]+)\*\*")
SYMBOLS = {"right": "✓", "partly": "◐", "wrong": "✗", "not yet": "…", "to be marked": "✎", "not graded": "!"}
BARS = 10
MOST_GROUPS = 50
MOST_CODE = 5000  # characters of a solution that are shown
STATUS = {
    "right": "right",
    "partly": "partly",
    "wrong": "wrong",
    "not yet": "not yet",
    "to be marked": "to be marked",
    "not graded": "not graded",
}
TEXTS = {  # those with ** are set in bold there, and hold no text of a student
    "language": "en",
    "student's page": "{title}: {student}",
    "points": "{points} of {of} points",
    "points, one open": "{points} of {of} points so far; an answer worth {worth} points is still to be marked",
    "points, several open": (
        "{points} of {of} points so far; {count} answers worth {worth} points are still to be marked"
    ),
    "errors": (
        "**Cells that ended with an error** when the notebook was run from top to bottom. What stands below the line "
        "in such a cell was not run."
    ),
    "part right": "right",
    "part not right": "not yet right",
    "share": "{part} of {whole}",
    "status": "{symbol} {status}, {points} of {of} points",
    "status, open": "{symbol} {status}, worth {of} points",
    "did": "What the notebook did while it was graded for this task:",
    "class": "{title}: the class",
    "not protected": "**Not protected.** {why}",
    "class, none": "no submissions",
    "class, one": "1 submission, median {median} and mean {mean:.1f} of {of} points",
    "class, several": "{count} submissions, median {median} and mean {mean:.1f} of {of} points",
    "bar": "{low} to {high} points: {count}",
    "picture": "Distribution of the points. {bars}",
    "picture, none": "Distribution of the points. No submission.",
    "percent": "{percent} %",
    "of points": "of {of} points",
    "about parts": (
        "Of those whose function or answer was tried. A part worth less than 0 counts only where all others are right."
    ),
    "remark": "{student}: {remarks}",
    "about alike": (
        "These solutions have nearly the same form, whatever their names, and these texts share half of their runs of "
        "six words. That says nothing about how it came about: a short function has few ways to be written, the larger "
        "the group the likelier that is, and working together may be allowed."
    ),
    "group": "{task}: {students}",
    "group, one more": "The other one looks like these.",
    "group, more": "The other {count} look like these.",
    "groups, one more": "1 more group is not shown.",
    "groups, more": "{count} more groups are not shown.",
}
SECTIONS = {
    "distribution": "Distribution",
    "tasks": "Tasks",
    "parts": "Parts",
    "mistakes": "Commonest mistakes",
    "comments": "Commonest comments",
    "looks": "Worth a look",
    "alike": "Alike",
    "students": "Students",
}
HEADS = {
    "all points": "all points",
    "cases right": "cases right",
    "comment": "comment",
    "how many": "how many",
    "mean": "mean",
    "mistake": "mistake",
    "part": "part",
    "points": "points",
    "right": "right for",
    "result": "",
    "student": "student",
    "task": "task",
    "to be marked": "to be marked",
}
STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --text: #1c2430; --quiet: #566173; --line: #d5dae2;
  --panel: #f5f7fa; --right: #14694f; --partly: #805500; --wrong: #a8400f; --link: #2b5cad; --bar: #4a74c9; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181f; --text: #e6e9ee; --quiet: #a5afbf; --line: #3a4352;
  --panel: #1d232d; --right: #5fd0a8; --partly: #e3b341; --wrong: #ff9a66; --link: #8ab4ff; --bar: #7da2ee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 60rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0; }
section > h2:only-of-type { margin-bottom: .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
.quiet { color: var(--quiet); }
.total { font-size: 1.25rem; font-weight: 600; margin: 1rem 0 1.5rem; }
.task { border: 1px solid var(--line); border-left-width: 6px; border-radius: 6px; padding: .9rem 1.1rem;
  margin: 0 0 1rem; }
.task header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between;
  align-items: baseline; }
.status { font-weight: 600; white-space: nowrap; }
.is-right { border-left-color: var(--right); } .is-right .status { color: var(--right); }
.is-partly { border-left-color: var(--partly); } .is-partly .status { color: var(--partly); }
.is-wrong { border-left-color: var(--wrong); } .is-wrong .status { color: var(--wrong); }
code, pre { font-family: ui-monospace, monospace; font-size: .92em; }
code { background: var(--panel); padding: .05em .3em; border-radius: 3px; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .6rem .8rem;
  white-space: pre-wrap; margin: .5rem 0; }
.text { white-space: pre-wrap; border-left: 3px solid var(--line); padding-left: .9rem; margin: .5rem 0; }
.warning { border: 2px solid var(--wrong); border-radius: 6px; padding: .6rem 1rem; margin: 1rem 0; }
table { border-collapse: collapse; margin: .5rem 0; width: 100%; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, .mark { white-space: nowrap; } /* Chinese may break anywhere: one character a line on a phone */
td:first-child { min-width: 4.5em; overflow-wrap: break-word; }
@media (max-width: 30rem) { .mark > :last-child { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); } }
a { color: var(--link); }
section { margin: 2rem 0; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 0 1rem; }
summary { cursor: pointer; }
svg { max-width: 100%; height: auto; display: block; }
svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg rect { fill: var(--bar); } svg line { stroke: var(--quiet); }
"""


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{translated(TEXTS["language"])}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    """Return a sentence with `code` between backticks."""
    return CODE.sub(r"<code>\1</code>", html.escape(text))


def _strong(text: str) -> str:
    return STRONG.sub(r"<strong>\1</strong>", text)


def file_name(student: str) -> str:
    """Return the name of a student's page: no path, nothing a file system stumbles over, one for each student.

    >>> file_name("ada")
    'ada.html'
    """
    bare = "".join(c if c.isalnum() or c in "-_" else "_" for c in student)[:60]
    bare = bare.encode("utf-8", "replace")[:120].decode("utf-8", "ignore")  # a file system counts bytes
    if bare == student:
        return f"{bare}.html"
    # No bare name holds a dot, so nobody can be called like the page of somebody else.
    return f"{bare}.{hashlib.sha256(student.encode('utf-8', 'replace')).hexdigest()[:12]}.html"


def _write(path: Path, page: str) -> None:
    write_file(path, page.encode("utf-8", "replace"))  # an error's text may hold half a character


# ---- for a student --------------------------------------------------------------------------------------------------


def write_feedback(folder: Path, assignment: Assignment, one: Graded, submission: Submission) -> Path:
    """Write the page of one student, in the language of the submission, and return where it lies."""
    with speaking(submission.language):
        return _write_feedback(folder, assignment, one, submission)


def _write_feedback(folder: Path, assignment: Assignment, one: Graded, submission: Submission) -> Path:
    titles = {task.name: task for task in assignment.tasks}
    parts = [
        f"<main>\n<h1>{html.escape(translated(assignment.title))}</h1>",
        f'<p class="quiet">{html.escape(one.student)}</p>',
        f'<p class="total">{_total(one, assignment)}</p>',
    ]
    if one.problem:
        parts.append(f'<p class="warning">{_text(one.problem)}</p>')
    parts += _cell_errors(one)
    for result in one.tasks:
        task = titles[result.task]
        text = written_text(task, submission)[:MOST_TEXT] if isinstance(task, WrittenTask) else ""
        parts.append(_task(result, translated(task.title), text))
    parts.append("</main>")
    path = folder / file_name(one.student)
    title = say(TEXTS["student's page"], title=translated(assignment.title), student=one.student)
    _write(path, _page(title, "\n".join(parts)))
    return path


def _total(one: Graded, assignment: Assignment) -> str:
    """Return the points so far, and what is still to come."""
    left = [result for result in one.tasks if is_open(result)]
    worth = sum(result.of for result in left)
    key = "points" if not left else "points, one open" if len(left) == 1 else "points, several open"
    known = {"of": number(assignment.points - worth), "worth": number(worth), "count": len(left)}
    return say(TEXTS[key], points=number(one.points), **known)


def _cell_errors(one: Graded) -> list[str]:
    """Return the errors of the notebook's cells, each once, whatever tasks it was run for."""
    errors = dict.fromkeys(error for result in one.tasks for error in result.errors)
    if not errors:
        return []
    return [f'<div class="warning"><p>{_strong(html.escape(translated(TEXTS["errors"])))}</p>\n{_list(errors)}</div>']


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(text)}</li>' for text in texts)}</ul>"


def _parts(result: TaskResult) -> list[str]:
    """Return a table of what the points of a task consist of, where that is more than one thing."""
    if len(result.parts) < 2:
        return []
    rows = []
    for part in result.parts:
        full = part["right"] == part["cases"]
        said = translated(TEXTS["part right" if full else "part not right"])
        mark = f'<span class="mark">{_symbol("right" if full else "wrong")} <span>{said}</span></span>'
        points = _share(number(part["points"]), number(part["of"])) if part["of"] > 0 else number(part["points"])
        cases = _share(part["right"], part["cases"]) if result.parts[0]["cases"] > 1 else ""
        rows.append([html.escape(part_in_words(part["name"])), mark, cases, points])
    heads = ["part", "result", "cases right", "points"]
    if not any(row[2] for row in rows):
        heads, rows = [heads[k] for k in (0, 1, 3)], [[row[k] for k in (0, 1, 3)] for row in rows]
    return [_table(heads, rows, tuple(range(2, len(heads))))]


def _share(part: float | str, whole: float | str) -> str:
    return say(TEXTS["share"], part=part, whole=whole)


def _symbol(status: str) -> str:
    return f'<span aria-hidden="true">{SYMBOLS[status]}</span>'


def _task(result: TaskResult, title: str, text: str) -> str:
    kind = {"right": "right", "partly": "partly", "wrong": "wrong"}.get(result.status, "open")
    status = say(
        TEXTS["status, open" if is_open(result) else "status"],
        symbol=_symbol(result.status),
        status=translated(STATUS[result.status]),
        points=number(result.points),
        of=number(result.of),
    )
    lines = [
        f'<article class="task is-{kind}">',
        f'<header><h2>{html.escape(title)}</h2> <span class="status">{status}</span></header>',
    ]
    if text:
        lines.append(f'<div class="text">{html.escape(text)}</div>')
    for paragraph in result.paragraphs:
        form = paragraph.startswith("    ")
        lines.append(f"<pre>{html.escape(textwrap.dedent(paragraph))}</pre>" if form else f"<p>{_text(paragraph)}</p>")
    if result.status != "right":
        lines += _parts(result)
    if others := [event for event in result.events if event not in result.errors]:
        lines.append(f"<p>{translated(TEXTS['did'])}</p>\n{_list(others)}")
    return "\n".join([*lines, "</article>"])


# ---- for the teacher ------------------------------------------------------------------------------------------------


def write_summary(
    path: Path,
    assignment: Assignment,
    graded: list[Graded],
    groups: list[Group],
    warning: str,
    remarks: list[str],
    counted: Mapping[str, int] | None = None,
) -> None:
    """Write the page of the whole class. counted: comments of the bank, and how often each was given."""
    title = say(TEXTS["class"], title=translated(assignment.title))
    parts = [f"<main>\n<h1>{html.escape(title)}</h1>"]
    if warning:
        parts.append(f'<p class="warning">{_strong(say(TEXTS["not protected"], why=_text(warning)))}</p>')
    count = len(graded)
    known = {"count": count, "median": number(median(graded)), "of": assignment.points}
    known["mean"] = sum(one.points for one in graded) / count if count else 0.0
    key = "class, several" if count > 1 else "class, one" if count else "class, none"
    parts.append(f'<p class="total">{say(TEXTS[key], **known)}</p>')
    parts += [_distribution(graded, assignment.points), _by_task(assignment, graded), _by_part(assignment, graded)]
    parts += [_mistakes(assignment, graded), _comments(counted or {})]
    parts += [_looks(graded, remarks), _alike(assignment, groups), _students(graded), "</main>"]
    _write(path, _page(title, "\n".join(part for part in parts if part)))


def _section(name: str, content: str) -> str:
    return f"<section>\n<h2>{translated(SECTIONS[name])}</h2>\n{content}\n</section>"


def _table(heads: list[str], rows: list[list[str]], numbers: tuple[int, ...]) -> str:
    """Return a table of cells that are escaped already. heads: keys of HEADS. numbers: which columns hold numbers."""

    def line(cells: list[str], tag: str) -> str:
        kinds = [' class="number"' if place in numbers else "" for place in range(len(cells))]
        scope = ' scope="col"' if tag == "th" else ""
        return "<tr>" + "".join(f"<{tag}{scope}{kind}>{cell}</{tag}>" for cell, kind in zip(cells, kinds)) + "</tr>"

    body = "\n".join(line(row, "td") for row in rows)
    head = line([translated(HEADS[head]) for head in heads], "th")
    return f"<table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def shares(graded: list[Graded], most: float) -> list[int]:
    """Return how many submissions have up to a tenth of the points, up to two tenths, and so on."""
    counts = [0] * BARS
    for one in graded:
        counts[min(BARS - 1, int(BARS * one.points / most)) if most else 0] += 1
    return counts


def _distribution(graded: list[Graded], most: float) -> str:
    counts = shares(graded, most)
    highest = max([*counts, 1])
    wide, high, base = 56, 150, 180
    bars = []
    for place, count in enumerate(counts):
        height = high * count / highest
        x = 20 + place * wide
        bars.append(f'<rect x="{x}" y="{base - height:.1f}" width="{wide - 8}" height="{height:.1f}"/>')
        if count:
            bars.append(
                f'<text x="{x + (wide - 8) / 2}" y="{base - height - 5:.1f}" text-anchor="middle">{count}</text>'
            )
    shares_of_all = [say(TEXTS["percent"], percent=100 * place // BARS) for place in range(BARS + 1)]
    marks = [
        f'<text x="{16 + place * wide}" y="{base + 18}" text-anchor="middle">{share}</text>'
        for place, share in enumerate(shares_of_all)
    ]
    bars_in_words = "; ".join(
        say(TEXTS["bar"], low=number(most * k / BARS), high=number(most * (k + 1) / BARS), count=count)
        for k, count in enumerate(counts)
        if count
    )
    label = say(TEXTS["picture" if bars_in_words else "picture, none"], bars=bars_in_words)
    right = 20 + BARS * wide
    picture = (
        f'<svg viewBox="0 0 {right + 24} {base + 40}" width="{right + 24}" role="img" aria-label="{label}">\n'
        + "\n".join([*bars, f'<line x1="10" x2="{right}" y1="{base}" y2="{base}"/>', *marks])
        + f'\n<text x="{right}" y="{base + 36}" text-anchor="end">{say(TEXTS["of points"], of=number(most))}</text>'
        "\n</svg>"
    )
    return _section("distribution", picture)


def _by_task(assignment: Assignment, graded: list[Graded]) -> str:
    rows = []
    for place, task in enumerate(assignment.tasks):
        results = [one.tasks[place] for one in graded]
        marked = [result for result in results if not is_open(result)]
        mean = f"{sum(result.points for result in marked) / len(marked):.1f}" if marked else ""
        full = sum(result.points >= result.of for result in marked)
        left = len(results) - len(marked)
        rows.append(
            [html.escape(translated(task.title)), str(task.points), mean, str(full) if marked else "", str(left or "")]
        )
    heads = ["task", "points", "mean", "all points", "to be marked"]
    return _section("tasks", _table(heads, rows, (1, 2, 3, 4)))


def _by_part(assignment: Assignment, graded: list[Graded]) -> str:
    """Return how each part of the points came out: who earned it, and how many of its cases are right in the mean."""
    rows = []
    for place, task in enumerate(assignment.tasks):
        found: dict[str, list[Part]] = {}
        for one in graded:
            for part in one.tasks[place].parts:
                found.setdefault(part["name"], []).append(part)
        for name, parts in found.items() if len(found) > 1 else ():
            full = sum(part["right"] == part["cases"] for part in parts)
            share = sum(part["right"] / part["cases"] for part in parts if part["cases"]) / len(parts)
            about = [html.escape(translated(task.title)), html.escape(part_in_words(name)), number(parts[0]["of"])]
            rows.append([*about, _share(full, len(parts)), f"{share:.0%}"])
    if not rows:
        return ""
    heads = ["task", "part", "points", "right", "cases right"]
    return _section("parts", f"<p>{translated(TEXTS['about parts'])}</p>{_table(heads, rows, (2, 3, 4))}")


def _mistakes(assignment: Assignment, graded: list[Graded]) -> str:
    titles = {task.name: translated(task.title) for task in assignment.tasks}
    found = Counter((result.task, result.mistake) for one in graded for result in one.tasks if result.mistake)
    rows = [
        [str(count), html.escape(translated(mistake)), html.escape(titles[task])]
        for (task, mistake), count in found.most_common(15)
    ]
    return _section("mistakes", _table(["how many", "mistake", "task"], rows, (0,))) if rows else ""


def _comments(counted: Mapping[str, int]) -> str:
    rows = [[str(count), html.escape(comment)] for comment, count in counted.items()]
    return _section("comments", _table(["how many", "comment"], rows, (0,))) if rows else ""


def _link(one: Graded) -> str:
    return f'<a href="feedback/{file_name(one.student)}">{html.escape(one.student)}</a>'


def _looks(graded: list[Graded], remarks: list[str]) -> str:
    items = [f"<li>{html.escape(remark)}</li>" for remark in remarks]
    for one in graded:
        parts = [*filter(None, [one.problem]), *one.remarks, *events(one)]
        if parts:
            remark = say(TEXTS["remark"], student=_link(one), remarks=html.escape(" ".join(parts)))
            items.append(f"<li>{remark}</li>")
    return _section("looks", f"<ul>{''.join(items)}</ul>") if items else ""


def _alike(assignment: Assignment, groups: list[Group]) -> str:
    if not groups:
        return ""
    titles = {task.name: translated(task.title) for task in assignment.tasks}
    shown = []
    for group in groups[:MOST_GROUPS]:
        names = ", ".join(group.students)
        head = html.escape(say(TEXTS["group"], task=titles[group.task], students=names))
        sides = "".join(
            f"<div><p>{html.escape(name)}</p><pre>{html.escape(source[:MOST_CODE])}</pre></div>"
            for name, source in group.sources.items()
        )
        more = len(group.students) - len(group.sources)
        rest = _more("group", more)
        shown.append(f'<details><summary>{head}</summary><div class="sides">{sides}</div>{rest}</details>')
    shown += filter(None, [_more("groups", len(groups) - MOST_GROUPS)])
    return _section("alike", "\n".join([f"<p>{translated(TEXTS['about alike'])}</p>", *shown]))


def _more(key: str, count: int) -> str:
    """Return that there are more than are shown, "" where there are none."""
    key += ", one more" if count == 1 else ", more"
    return f"<p>{say(TEXTS[key], count=count)}</p>" if count > 0 else ""


def _students(graded: list[Graded]) -> str:
    rows = [
        [_link(one), number(one.points), html.escape(", ".join(r.task for r in one.tasks if is_open(r)))]
        for one in graded
    ]
    return _section("students", _table(["student", "points", "to be marked"], rows, (1,))) if rows else ""
