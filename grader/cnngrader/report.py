"""The pages: one for each student, one for the teacher. Self-contained, in light and dark, and read well aloud.

Everything that comes from a submission is text here: it is escaped, and the pages allow no script at all.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
import textwrap
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from .gradebook import events, is_open, median, number
from .grading import Graded, written_text
from .results import Part, TaskResult
from .similarity import Group
from .submission import MOST_TEXT, Submission
from .task import Assignment, WrittenTask

CODE = re.compile(r"`([^`]+)`")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
SYMBOLS = {"right": "✓", "partly": "◐", "wrong": "✗", "not yet": "…", "to be marked": "✎", "not graded": "!"}
BARS = 10
MOST_GROUPS = 50
MOST_CODE = 5000  # characters of a solution that are shown
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
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
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
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    """Return a sentence with `code` between backticks."""
    return CODE.sub(r"<code>\1</code>", html.escape(text))


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
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    unfinished.write_text(page, encoding="utf-8", errors="replace")  # an error's text may hold half a character
    os.replace(unfinished, path)


# ---- for a student --------------------------------------------------------------------------------------------------


def write_feedback(folder: Path, assignment: Assignment, one: Graded, submission: Submission) -> Path:
    """Write the page of one student and return where it lies."""
    titles = {task.name: task for task in assignment.tasks}
    parts = [
        f"<main>\n<h1>{html.escape(assignment.title)}</h1>",
        f'<p class="quiet">{html.escape(one.student)}</p>',
        f'<p class="total">{_total(one, assignment)}</p>',
    ]
    if one.problem:
        parts.append(f'<p class="warning">{_text(one.problem)}</p>')
    parts += _cell_errors(one)
    for result in one.tasks:
        task = titles[result.task]
        text = written_text(task, submission)[:MOST_TEXT] if isinstance(task, WrittenTask) else ""
        parts.append(_task(result, task.title, text))
    parts.append("</main>")
    path = folder / file_name(one.student)
    _write(path, _page(f"{assignment.title}: {one.student}", "\n".join(parts)))
    return path


def _total(one: Graded, assignment: Assignment) -> str:
    """Return the points so far, and what is still to come."""
    left = [result for result in one.tasks if is_open(result)]
    if not left:
        return f"{number(one.points)} of {assignment.points} points"
    worth = sum(result.of for result in left)
    what = "an answer" if len(left) == 1 else f"{len(left)} answers"
    verb = "is" if len(left) == 1 else "are"
    return (
        f"{number(one.points)} of {number(assignment.points - worth)} points so far; {what} worth {number(worth)} "
        f"points {verb} still to be marked"
    )


def _cell_errors(one: Graded) -> list[str]:
    """Return the errors of the notebook's cells, each once, whatever tasks it was run for."""
    errors = dict.fromkeys(error for result in one.tasks for error in result.errors)
    if not errors:
        return []
    items = "".join(f"<li>{html.escape(error)}</li>" for error in errors)
    return [
        '<div class="warning"><p><strong>Cells that ended with an error</strong> when the notebook was run from top to '
        f"bottom. What stands below the line in such a cell was not run.</p>\n<ul>{items}</ul></div>"
    ]


def _parts(result: TaskResult) -> list[str]:
    """Return a table of what the points of a task consist of, where that is more than one thing."""
    if len(result.parts) < 2:
        return []
    rows = []
    for part in result.parts:
        full = part["right"] == part["cases"]
        mark = f'<span aria-hidden="true">{"✓" if full else "✗"}</span> {"right" if full else "not yet right"}'
        points = f"{number(part['points'])} of {number(part['of'])}" if part["of"] > 0 else number(part["points"])
        cases = f"{part['right']} of {part['cases']}" if result.parts[0]["cases"] > 1 else ""
        rows.append([html.escape(part["name"]), mark, cases, points])
    heads = ["part", "", "cases right", "points"]
    if not any(row[2] for row in rows):
        heads, rows = [heads[k] for k in (0, 1, 3)], [[row[k] for k in (0, 1, 3)] for row in rows]
    return [_table(heads, rows, tuple(range(2, len(heads))))]


def _task(result: TaskResult, title: str, text: str) -> str:
    kind = {"right": "right", "partly": "partly", "wrong": "wrong"}.get(result.status, "open")
    symbol = f'<span aria-hidden="true">{SYMBOLS[result.status]}</span>'
    points = f"{number(result.points)} of {number(result.of)}" if not is_open(result) else f"worth {number(result.of)}"
    lines = [
        f'<article class="task is-{kind}">',
        f'<header><h2>{html.escape(title)}</h2> <span class="status">{symbol} {result.status}, '
        f"{points} points</span></header>",
    ]
    if text:
        lines.append(f'<div class="text">{html.escape(text)}</div>')
    for paragraph in result.paragraphs:
        form = paragraph.startswith("    ")
        lines.append(f"<pre>{html.escape(textwrap.dedent(paragraph))}</pre>" if form else f"<p>{_text(paragraph)}</p>")
    if result.status != "right":
        lines += _parts(result)
    if others := [event for event in result.events if event not in result.errors]:
        items = "".join(f"<li>{html.escape(event)}</li>" for event in others)
        lines.append(f"<p>What the notebook did while it was graded for this task:</p>\n<ul>{items}</ul>")
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
    parts = [f"<main>\n<h1>{html.escape(assignment.title)}: the class</h1>"]
    if warning:
        parts.append(f'<p class="warning"><strong>Not protected.</strong> {_text(warning)}</p>')
    count = len(graded)
    mean = sum(one.points for one in graded) / count if count else 0.0
    parts.append(
        f'<p class="total">{count} submission{"s" * (count != 1)}, median {number(median(graded))} and mean {mean:.1f} '
        f"of {assignment.points} points</p>"
    )
    parts += [_distribution(graded, assignment.points), _by_task(assignment, graded), _by_part(assignment, graded)]
    parts += [_mistakes(assignment, graded), _comments(counted or {})]
    parts += [_looks(graded, remarks), _alike(assignment, groups), _students(graded), "</main>"]
    _write(path, _page(f"{assignment.title}: the class", "\n".join(part for part in parts if part)))


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{content}\n</section>"


def _table(heads: list[str], rows: list[list[str]], numbers: tuple[int, ...]) -> str:
    """Return a table of cells that are escaped already. numbers: the columns that hold numbers."""

    def line(cells: list[str], tag: str) -> str:
        kinds = [' class="number"' if place in numbers else "" for place in range(len(cells))]
        scope = ' scope="col"' if tag == "th" else ""
        return "<tr>" + "".join(f"<{tag}{scope}{kind}>{cell}</{tag}>" for cell, kind in zip(cells, kinds)) + "</tr>"

    body = "\n".join(line(row, "td") for row in rows)
    return f"<table>\n<thead>{line(heads, 'th')}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"


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
    marks = [
        f'<text x="{16 + place * wide}" y="{base + 18}" text-anchor="middle">{100 * place // BARS} %</text>'
        for place in range(BARS + 1)
    ]
    bars_in_words = "; ".join(
        f"{number(most * k / BARS)} to {number(most * (k + 1) / BARS)} points: {count}"
        for k, count in enumerate(counts)
        if count
    )
    right = 20 + BARS * wide
    picture = (
        f'<svg viewBox="0 0 {right + 24} {base + 40}" width="{right + 24}" role="img" aria-label="Distribution of the '
        f'points. {bars_in_words or "No submission."}">\n'
        + "\n".join([*bars, f'<line x1="10" x2="{right}" y1="{base}" y2="{base}"/>', *marks])
        + f'\n<text x="{right}" y="{base + 36}" text-anchor="end">of {number(most)} points</text>\n</svg>'
    )
    return _section("Distribution", picture)


def _by_task(assignment: Assignment, graded: list[Graded]) -> str:
    rows = []
    for place, task in enumerate(assignment.tasks):
        results = [one.tasks[place] for one in graded]
        marked = [result for result in results if not is_open(result)]
        mean = f"{sum(result.points for result in marked) / len(marked):.1f}" if marked else ""
        full = sum(result.points >= result.of for result in marked)
        left = len(results) - len(marked)
        rows.append([html.escape(task.title), str(task.points), mean, str(full) if marked else "", str(left or "")])
    heads = ["task", "points", "mean", "all points", "to be marked"]
    return _section("Tasks", _table(heads, rows, (1, 2, 3, 4)))


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
            rows.append(
                [
                    html.escape(task.title),
                    html.escape(name),
                    number(parts[0]["of"]),
                    f"{full} of {len(parts)}",
                    f"{share:.0%}",
                ]
            )
    if not rows:
        return ""
    words = (
        "<p>Of those whose function or answer was tried. A part worth less than 0 counts only where all others are "
        "right.</p>"
    )
    heads = ["task", "part", "points", "right for", "cases right"]
    return _section("Parts", words + _table(heads, rows, (2, 3, 4)))


def _mistakes(assignment: Assignment, graded: list[Graded]) -> str:
    titles = {task.name: task.title for task in assignment.tasks}
    found = Counter((result.task, result.mistake) for one in graded for result in one.tasks if result.mistake)
    rows = [
        [str(count), html.escape(mistake), html.escape(titles[task])]
        for (task, mistake), count in found.most_common(15)
    ]
    return _section("Commonest mistakes", _table(["how many", "mistake", "task"], rows, (0,))) if rows else ""


def _comments(counted: Mapping[str, int]) -> str:
    rows = [[str(count), html.escape(comment)] for comment, count in counted.items()]
    return _section("Commonest comments", _table(["how many", "comment"], rows, (0,))) if rows else ""


def _link(one: Graded) -> str:
    return f'<a href="feedback/{file_name(one.student)}">{html.escape(one.student)}</a>'


def _looks(graded: list[Graded], remarks: list[str]) -> str:
    items = [f"<li>{html.escape(remark)}</li>" for remark in remarks]
    for one in graded:
        parts = [*filter(None, [one.problem]), *one.remarks, *events(one)]
        if parts:
            items.append(f"<li>{_link(one)}: {html.escape(' '.join(parts))}</li>")
    return _section("Worth a look", f"<ul>{''.join(items)}</ul>") if items else ""


def _alike(assignment: Assignment, groups: list[Group]) -> str:
    if not groups:
        return ""
    titles = {task.name: task.title for task in assignment.tasks}
    words = (
        "<p>These solutions have nearly the same form, whatever their names, and these texts share half of their runs "
        "of six words. That says nothing about how it came "
        "about: a short function has few ways to be written, the larger the group the likelier that is, and "
        "working together may be allowed.</p>"
    )
    shown = []
    for group in groups[:MOST_GROUPS]:
        names = ", ".join(map(html.escape, group.students))
        head = f"{html.escape(titles[group.task])}: {names}"
        sides = "".join(
            f"<div><p>{html.escape(name)}</p><pre>{html.escape(source[:MOST_CODE])}</pre></div>"
            for name, source in group.sources.items()
        )
        more = len(group.students) - len(group.sources)
        rest = f"<p>The other {more} look like these.</p>" if more else ""
        shown.append(f'<details><summary>{head}</summary><div class="sides">{sides}</div>{rest}</details>')
    left = len(groups) - MOST_GROUPS
    return _section(
        "Alike", "\n".join([words, *shown, *([f"<p>{left} more groups are not shown.</p>"] if left > 0 else [])])
    )


def _students(graded: list[Graded]) -> str:
    rows = [
        [_link(one), number(one.points), html.escape(", ".join(r.task for r in one.tasks if is_open(r)))]
        for one in graded
    ]
    return _section("Students", _table(["student", "points", "to be marked"], rows, (1,))) if rows else ""
