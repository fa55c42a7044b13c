"""What an explorer is made of: settings with their ranges, and scenes, which are data and nothing else.

An explorer is a pure function from settings to a `Scene`. The live widget draws scenes, the static picture draws the
same ones, and the tests compare their numbers with `cnnlib.reference`.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnncourse.language import ENGLISH, between, joined, language, listed, mark, say, spoken, translated
from cnnlib import arguments

from .edits import Edits
from .stops import AsStored, Levels, Real, Stops, whole

# The kinds of cells, one letter each, so that a row of cells is a short string. The window is not among them: which
# cells it covers follows from the position (`Scene.window`).
INPUT, PADDING, LOST, OUTPUT = "i", "p", "x", "o"
BETWEEN, DROPPED = "z", "f"  # zeros put between numbers, and after the last one
PLACE, EMPTY = "s", "e"  # a place without a number, inside and in the padding

Settings = dict[str, Any]
# The names of what is code in a table of sentences, the same in all languages.
CODE = re.compile("code_|array_|torch_|relu_|cnnlib$|torch$|operations$|scaled$|head$|uniform$|deviations$")


# ---- settings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Range:
    """A whole number from `low` to `high`; with `pair`, one for rows and one for columns."""

    name: str
    label: str
    symbol: str
    low: int
    high: int
    start: Any
    pair: bool = False
    group: str = ""  # settings of one group stand side by side under its name
    needs: tuple[str, int] | None = None  # only of use where this other setting is at least so large

    def used(self, settings: Mapping[str, Any]) -> bool:
        """Return whether the setting has an effect at all."""
        return self.needs is None or settings[self.needs[0]] >= self.needs[1]

    def accept(self, value: Any) -> Any:
        """Return `value` as it is stored (a list of two for a pair); TypeError or ValueError if it is out of range."""
        if not self.pair:
            return whole(self.name, value, self.low, self.high)
        if isinstance(value, (tuple, list)):
            if len(value) != 2:
                raise ValueError(
                    f"{self.name}: got {value!r} of length {len(value)}, expected an integer or a (row, column) pair"
                )
            return [
                whole(f"{self.name}[0] (rows)", value[0], self.low, self.high),
                whole(f"{self.name}[1] (columns)", value[1], self.low, self.high),
            ]
        number = whole(self.name, value, self.low, self.high)
        return [number, number]

    def values(self) -> list[Any]:
        """Return all values that the setting may have."""
        numbers = range(self.low, self.high + 1)
        return [list(two) for two in itertools.product(numbers, repeat=2)] if self.pair else list(numbers)

    def shown(self, value: Any) -> Any:
        """Return a stored value as Python code reads it: a pair of equal numbers is one number."""
        if not self.pair:
            return value
        return value[0] if value[0] == value[1] else tuple(value)

    def to_json(self) -> dict[str, Any]:
        return {"type": "range", "name": self.name, "label": self.label, "symbol": self.symbol} | {
            "low": self.low,
            "high": self.high,
            "pair": self.pair,
            "group": self.group,
            "needs": None if self.needs is None else list(self.needs),
        }


@dataclass(frozen=True)
class Choice(AsStored):
    """One of a few named options: pairs of (value, label)."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    start: str

    def accept(self, value: Any) -> str:
        """Return `value`; TypeError or ValueError if it is none of the options."""
        known = ", ".join(repr(option) for option in self.values())
        if not isinstance(value, str):
            raise TypeError(f"{self.name}: got {value!r} ({type(value).__name__}), expected one of {known}")
        if value not in self.values():
            raise ValueError(f"{self.name}: got {value!r}, expected one of {known}")
        return value

    def values(self) -> list[str]:
        return [value for value, _ in self.options]

    def to_json(self) -> dict[str, Any]:
        return {"type": "choice", "name": self.name, "label": self.label, "options": [list(o) for o in self.options]}


@dataclass(frozen=True)
class Switch(AsStored):
    """Yes or no."""

    name: str
    label: str
    start: bool = False

    def accept(self, value: Any) -> bool:
        """Return `value`; TypeError if it is not True or False."""
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"{self.name}: got {value!r} ({type(value).__name__}), expected True or False")
        return bool(value)

    def values(self) -> list[bool]:
        return [False, True]

    def to_json(self) -> dict[str, Any]:
        return {"type": "switch", "name": self.name, "label": self.label}


@dataclass(frozen=True)
class Position:
    """Which cell is looked at, (row, column) from 0; how far it may go depends on the scene (`Scene.places`).

    Where one of several maps is chosen as well, the position starts with three numbers: (map, row, column).
    """

    name: str = "position"
    label: str = "Position"
    start: tuple[int, ...] = (0, 0)

    @property
    def axes(self) -> tuple[str, ...]:
        return ("map", "row", "column")[-len(self.start) :]

    def accept(self, value: Any) -> list[int]:
        """Return `value` as a list; TypeError or ValueError if it is not as many integers from 0 as the start."""
        expected = "expected a (row, column) pair" if len(self.start) == 2 else "expected (map, row, column)"
        if not isinstance(value, (tuple, list)):
            raise TypeError(f"{self.name}: got {value!r} ({type(value).__name__}), {expected}")
        if len(value) != len(self.start):
            raise ValueError(f"{self.name}: got {value!r} of length {len(value)}, {expected}")
        named = enumerate(zip(self.axes, value))
        return [arguments.integer(f"{self.name}[{k}] ({axis})", number, 0) for k, (axis, number) in named]

    def shown(self, value: list[int]) -> tuple[int, ...]:
        return tuple(value)

    def to_json(self) -> dict[str, Any]:
        return {"type": "position", "name": self.name, "label": self.label}


LETTERS = Switch("letters", "Letters in the cells")  # changes what stands in the cells, and no number
Setting = Range | Choice | Switch | Position | Real | Stops | Levels | Edits


# ---- scenes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grid:
    """One grid of a scene: what it is for, its title, its numbers, and the kind of each cell.

    values: (rows, columns), None where there is no number to show (minus infinity, a cell that is only a place).
    kinds: one string a row, a letter for each cell. counts: how many windows read each cell, or nothing.
    """

    role: str
    title: str
    values: list[list[Any]]
    kinds: list[str]
    counts: list[list[int]] | None = None

    def to_json(self) -> dict[str, Any]:
        form = {"role": self.role, "title": self.title, "values": self.values, "kinds": self.kinds}
        return form if self.counts is None else form | {"counts": self.counts}


@dataclass(frozen=True)
class Scene:
    """What one choice of settings shows.

    grids: those of role "input" stand with their padding. rows, columns: for each output row (column) the input rows
    (columns), counted with padding, that its window reads; so output (i, j) belongs to the input cells
    rows[i] x columns[j]. lines: formulas with the numbers put in. sentence: what is seen. message: why nothing fits,
    else empty. places: through how many (rows, columns) or (maps, rows, columns) the position goes, if it does not go
    through the output. details: whatever one explorer needs beside this.
    """

    output: tuple[int, int] | None
    grids: list[Grid]
    rows: list[list[int]]
    columns: list[list[int]]
    lines: list[str]
    sentence: str
    message: str = ""
    places: tuple[int, ...] | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the scene as dictionaries, lists, strings and numbers."""
        return {
            "output": None if self.output is None else list(self.output),
            "grids": [grid.to_json() for grid in self.grids],
            "rows": self.rows,
            "columns": self.columns,
            "lines": self.lines,
            "sentence": self.sentence,
            "message": self.message,
            **({} if self.places is None else {"places": list(self.places)}),
        } | self.details

    def grid(self, role: str, index: int = 0) -> Grid:
        """Return the grid of this role, the first or the one with the given index."""
        return [grid for grid in self.grids if grid.role == role][index]

    def window(self, row: int, column: int) -> list[tuple[int, int]]:
        """Return the cells of the padded input that output (row, column) is computed from."""
        return [(i, j) for i in self.rows[row] for j in self.columns[column]]

    def reached(self, row: int, column: int) -> list[tuple[int, int]]:
        """Return the outputs that the cell (row, column) of the padded input reaches."""
        rows = [i for i, window in enumerate(self.rows) if row in window]
        return [(i, j) for i in rows for j, window in enumerate(self.columns) if column in window]


def windows(count: int, kernel: int, stride: int, dilation: int = 1) -> list[list[int]]:
    """Return for each of `count` windows along an axis the cells that it reads, counted with padding.

    >>> windows(2, 3, stride=2)
    [[0, 1, 2], [2, 3, 4]]
    """
    return [[k * stride + m * dilation for m in range(kernel)] for k in range(count)]


def numbers(values: Any) -> list[list[Any]]:
    """Return a 2-D array as lists, whole numbers as integers, minus infinity as None."""
    return [
        [None if np.isneginf(v) else int(v) if float(v).is_integer() else float(v) for v in row]
        for row in np.asarray(values)
    ]


def grid(role: str, title: str, values: Any, kinds: Any, counts: list[list[int]] | None = None) -> Grid:
    """Return a grid of a 2-D array; kinds: an array of letters, or one letter for all cells."""
    known = kinds if isinstance(kinds, np.ndarray) else np.full(np.shape(values), kinds)
    return Grid(role, title, numbers(values), ["".join(row) for row in known], counts)


def text_of(value: Any) -> str:
    """Return a number as it stands in a cell: a true minus sign, at most two decimals.

    >>> text_of(-2.5)
    '−2.5'
    >>> text_of(0.125), text_of(-0.125)
    ('0.13', '−0.13')
    """
    if value is None:
        return "−∞"
    rounded = math.copysign(
        math.floor(abs(value) * 100 + 0.5) / 100, value
    )  # halves away from 0, as in web/sentences.js
    text = str(int(rounded)) if float(rounded).is_integer() else f"{rounded:g}"
    return text.replace("-", "−")


# ---- explorers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explorer:
    """An explorer before it is drawn: its name, settings, function from settings to a scene, and data for the browser.

    scene: called with every setting by name. data: what the browser looks scenes up in, made once when first needed.
    """

    name: str
    title: str
    settings: tuple[Setting, ...]
    scene: Callable[..., Scene]
    data: Callable[[], dict[str, Any]]

    def start(self) -> Settings:
        """Return the settings that the explorer opens with."""
        return {s.name: s.accept(s.start) for s in self.settings}

    def changed(self, before: Settings, **changes: Any) -> Settings:
        """Return `before` with some settings changed; TypeError or ValueError if a value is not allowed.

        A position given must be inside the new output; one that is only kept moves into it.
        """
        known = {s.name: s for s in self.settings}
        for name in changes:
            if name not in known:
                raise TypeError(f"{name}: not a setting, expected one of {', '.join(known)}")
        settings = before | {name: known[name].accept(value) for name, value in changes.items()}
        if "apart" in known:
            settings = self._together(settings, changes)
        if "position" in known:
            settings["position"] = self._position(settings, "position" in changes)
        return settings

    def scene_of(self, settings: Settings) -> Scene:
        """Return the scene of stored settings."""
        return self.scene(**settings)

    def text_alternative(self, settings: Settings) -> str:
        """Return what a reader without the picture needs: the explorer, its settings, what is seen."""
        scene = self.scene_of(settings)
        used = [s for s in self.settings if not isinstance(s, Range) or s.used(settings)]
        stop = between(translated(mark("{first}. {second}")))
        seen = scene.message or stop.join([*map(plain, scene.lines), scene.sentence])
        return self.in_words(listed(in_words(s, settings[s.name]) for s in used), seen)

    def in_words(self, settings: str, seen: str) -> str:
        """Return the text alternative from the settings in words and from what is seen."""
        return say(
            "[explorer: {title}; {settings}. {seen}]", title=translated(self.title), settings=settings, seen=seen
        )

    def page(self) -> dict[str, Any]:
        """Return the data for the browser with its sentences in the reader's language."""
        data = self.data()
        said: dict[str, Any] = {name: spoken(data[name]) for name in ("texts", "words", "legend") if name in data}
        if "presets" in data:
            said["presets"] = [[translated(label), settings] for label, settings in data["presets"]]
        return data | said | ({} if language() == ENGLISH else {"lang": language().replace("_", "-")})

    def sentences(self) -> Iterator[str]:
        """Yield every template that the page gets in another language, in English."""
        yield self.title
        for setting in self.settings:
            yield from (setting.label, *(label for _, label in setting.to_json().get("options", ())))
        data = self.data()
        for name in ("texts", "words", "legend"):
            yield from _templates(data.get(name), name)
        yield from (label for label, _ in data.get("presets", ()))

    def _together(self, settings: Settings, changes: Mapping[str, Any]) -> Settings:
        pairs = [s.name for s in self.settings if isinstance(s, Range) and s.pair]
        different = [name for name in pairs if settings[name][0] != settings[name][1]]
        if changes.get("apart") is False or not different:
            equal = {name: [settings[name][0]] * 2 for name in pairs}
            return settings | equal
        return settings | {"apart": True}

    def _position(self, settings: Settings, given: bool) -> list[int]:
        position: list[int] = settings["position"]
        scene = self.scene_of(settings)
        if scene.output is None:
            if given and any(position):
                nowhere = (0,) * len(position)
                raise ValueError(
                    f"position: got {tuple(position)}, expected {nowhere}: nothing fits, there is no output"
                )
            return position
        places = scene.places or scene.output
        if given and any(k >= count for k, count in zip(position, places)):
            raise ValueError(f"position: got {tuple(position)}, {self._places(scene, places)}")
        return [min(k, count - 1) for k, count in zip(position, places)]

    def _places(self, scene: Scene, places: tuple[int, ...]) -> str:
        """Return in words where the position may be."""
        axes = next(s.axes for s in self.settings if isinstance(s, Position))
        ends = [f"a {axis} from 0 to {count - 1}" for axis, count in zip(axes, places)]
        words = f"expected {', '.join(ends[:-1])} and {ends[-1]}"
        return words if scene.places else f"{words}: the output is {places[0]} × {places[1]}"


@dataclass(frozen=True)
class NumberScene(Scene):
    """A scene of numbers by name, in place of grids.

    numbers: the results, numbers or arrays. description: what else the picture shows, in words.
    """

    numbers: dict[str, Any] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True)
class NumberExplorer(Explorer):
    """An explorer of such scenes.

    presets: (label, settings) of buttons; what they do not name stays. settings_text: the settings in words, where one
    by one would be too long.
    """

    presets: tuple[tuple[str, Settings], ...] = ()
    settings_text: Callable[[Settings], str] | None = None

    def text_alternative(self, settings: Settings) -> str:
        """Return what a reader without the picture needs: the explorer, its settings, the numbers, what is seen."""
        shown: Any = self.scene_of(settings)
        one_by_one = (in_words(s, settings[s.name]) for s in self.settings if not isinstance(s, Position))
        words = self.settings_text(settings) if self.settings_text else listed(one_by_one)
        lines = (say("{line}.", line=plain(line)) for line in shown.lines)
        return self.in_words(words, joined([*lines, shown.message or shown.sentence, shown.description]).strip())


def _templates(value: Any, name: str) -> Iterator[str]:
    """Yield the sentences in a part of the data; code is the same in all languages."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            if not CODE.match(key):
                yield from _templates(one, key)
    elif name == "legend":
        yield from (said for _, said in value or ())
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _templates(one, name)


def control(setting: Setting) -> dict[str, Any]:
    """Return what the browser needs of a setting, in the reader's language."""
    form = setting.to_json()
    form["label"] = translated(form["label"])
    if "options" in form:
        form["options"] = [[value, translated(label)] for value, label in form["options"]]
    return form


def in_words(setting: Setting, value: Any) -> str:
    """Return a setting and its stored value in words."""
    label = translated(setting.label)
    return say("{setting} {value}", setting=label[0].lower() + label[1:], value=value_text(setting, value))


def plain(line: str) -> str:
    """Return a formula without the braces of its indices.

    >>> plain("x_{i+m}")
    'x_i+m'
    """
    return line.replace("{", "").replace("}", "")


def value_text(setting: Setting, value: Any) -> str:
    """Return a stored value in words for a text alternative."""
    if isinstance(setting, Switch):
        return say("yes") if value else say("no")
    if isinstance(setting, Choice):
        return translated(dict(setting.options)[value])
    if isinstance(setting, (Real, Stops, Levels)):
        return setting.value_text(value)
    if isinstance(setting, Range) and not setting.pair:
        return text_of(value)
    if isinstance(setting, Range) and value[0] == value[1]:
        return str(value[0])
    if isinstance(setting, Range):
        return say("{rows} (rows), {columns} (columns)", rows=value[0], columns=value[1])
    return f"({', '.join(map(str, value))})"


def key(settings: Mapping[str, Any], names: list[str]) -> str:
    """Return the name of the scene of these settings in a table of all scenes."""
    return "|".join(json.dumps(settings[name], separators=(",", ":"), ensure_ascii=False) for name in names)


def combinations(settings: tuple[Setting, ...]) -> Iterator[Settings]:
    """Yield every combination of settings; a position stays where it starts, a pair has one number for both axes."""
    lists: list[list[Any]] = []
    for s in settings:
        if isinstance(s, Position):
            lists.append([list(s.start)])
        elif isinstance(s, Range) and s.pair:
            lists.append([[number, number] for number in range(s.low, s.high + 1)])
        else:
            lists.append(s.values())
    for values in itertools.product(*lists):
        yield dict(zip([s.name for s in settings], values))


def all_scenes(settings: tuple[Setting, ...], scene: Callable[..., Scene]) -> dict[str, Any]:
    """Return the table of all scenes, for explorers with few settings: the browser then only looks them up.

    Position and letters are not among the keys: a scene must not depend on them.
    """
    settings = tuple(s for s in settings if s != LETTERS)
    names = [s.name for s in settings if not isinstance(s, Position)]
    return {
        "mode": "scenes",
        "keys": names,
        "scenes": {key(one, names): scene(**one).to_json() for one in combinations(settings)},
    }
