"""The widget of every explorer: it hands the data to the browser, which draws, and keeps the settings in step."""

from __future__ import annotations

import base64
import json
import pathlib
from typing import Any

import anywidget
import numpy as np
import traitlets

from cnncourse.language import translated

from . import still
from .picture import PAGE
from .scene import Explorer, Scene, Settings, control

_HERE = pathlib.Path(__file__).parent
# One style sheet for all cards. Each brings its copy to a page: were they different, what the last one says of a card
# would go for the cards of other kinds too.
_SHEETS = ("card.css", "curves.css", "pixels.css", "step.css")


class ExplorerWidget(anywidget.AnyWidget):
    """An explorer on the page: every setting is an attribute that can be read and set.

    `explorer.stride = 2` moves the slider, and moving the slider changes `explorer.stride`. A value that is not allowed
    raises TypeError or ValueError and changes nothing.
    """

    _esm: Any = _HERE / "bundle.js"
    _css: Any = "".join((_HERE / "web" / name).read_text(encoding="utf-8") for name in _SHEETS)

    title = traitlets.Unicode(read_only=True).tag(sync=True)
    controls: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    # One string of JSON: a notebook file gives every number of a nested list a line of its own.
    data = traitlets.Unicode(read_only=True).tag(sync=True)
    _settings: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    _explorer: Explorer

    def __init__(self, explorer: Explorer, **start: Any) -> None:
        settings = explorer.changed(explorer.start(), **start)
        object.__setattr__(self, "_explorer", explorer)
        self.set_trait("title", translated(explorer.title))
        self.set_trait("controls", [control(setting) for setting in explorer.settings])
        self.set_trait("data", json.dumps(explorer.page(), ensure_ascii=False, separators=(",", ":")))
        super().__init__(_settings=settings)

    @property
    def settings(self) -> Settings:
        """All settings by name: a copy, to be read."""
        return {s.name: s.shown(self._settings[s.name]) for s in self._explorer.settings}

    def change(self, **settings: Any) -> None:
        """Change several settings at once, all or none: `explorer.change(kernel=5, padding=2)`."""
        self._settings = self._explorer.changed(self._settings, **settings)

    @property
    def scene(self) -> Scene:
        """What is shown, as data."""
        return self._explorer.scene_of(dict(self._settings))

    @property
    def output(self) -> np.ndarray | None:
        """The numbers of the output as an array, (maps, rows, columns) if it has several maps; None if nothing fits."""
        maps = [grid.values for grid in self.scene.grids if grid.role == "output"]
        return None if not maps else np.array(maps if len(maps) > 1 else maps[0], dtype=float)

    @property
    def output_size(self) -> tuple[int, int] | None:
        """The size of the output, (rows, columns); None where the settings do not fit."""
        return self.scene.output

    def __getattr__(self, name: str) -> Any:  # only asked for what is not found in the usual way
        explorer = self.__dict__.get("_explorer")
        for setting in explorer.settings if explorer else ():
            if setting.name == name:
                return setting.shown(self._settings[name])
        raise AttributeError(f"{type(self).__name__} has no attribute or setting {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        explorer = self.__dict__.get("_explorer")
        if explorer and any(setting.name == name for setting in explorer.settings):
            self.change(**{name: value})
        elif not name.startswith("_") and not hasattr(
            type(self), name
        ):  # a misspelt setting should not pass in silence
            names = ", ".join(setting.name for setting in explorer.settings) if explorer else ""
            raise AttributeError(f"{name}: not a setting of this explorer, expected one of {names}")
        else:
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(setting.name for setting in self._explorer.settings)})

    @traitlets.validate("_settings")
    def _allowed(self, proposal: Any) -> Settings:
        explorer = self._explorer
        try:
            position = {name: value for name, value in proposal["value"].items() if name == "position"}
            others = {name: value for name, value in proposal["value"].items() if name != "position"}
            # The position is kept, not asked for: where there is no output, or a smaller one, it is no mistake.
            return explorer.changed(explorer.start() | position, **others)
        except (TypeError, ValueError) as error:
            # From the browser, where only this kind of error makes traitlets take the old value back.
            raise traitlets.TraitError(str(error)) from error

    def __repr__(self) -> str:
        return self._explorer.text_alternative(self._settings)

    def _picture(self) -> str:
        """Return what is shown as a PNG in base64, as a mime bundle holds it."""
        return still.png(self._explorer, self._settings)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the live view, and beside it a picture and a text for pages that cannot show it."""
        shown = super()._repr_mimebundle_(**kwargs)
        data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        words = repr(self)
        data = data | {"text/plain": words, "image/png": self._picture()}
        return data, metadata | {"image/png": {"alt": words, "width": PAGE}}


class PresetWidget(ExplorerWidget):
    """An explorer with presets: names for several settings at once."""

    @property
    def text_alternative(self) -> str:
        """The picture in words."""
        return repr(self)

    def save(self, path: Any) -> None:
        """Write the picture to `path` as a PNG."""
        pathlib.Path(path).write_bytes(base64.b64decode(self._picture()))

    @property
    def presets(self) -> list[str]:
        """The names that `choose` takes."""
        return list(self._presets)

    def choose(self, preset: str) -> None:
        """Take over the settings of a preset; ValueError if there is none of this name."""
        if preset not in self._presets:
            raise ValueError(f"preset: got {preset!r}, expected one of {', '.join(map(repr, self._presets))}")
        self.change(**self._presets[preset])

    @property
    def _presets(self) -> dict[str, dict[str, Any]]:
        explorer: Any = self._explorer  # its kind has presets; not every explorer does
        return dict(explorer.presets)
