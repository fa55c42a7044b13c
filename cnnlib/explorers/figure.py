"""The base of the explorers that ask Python at every step: settings, a scene, one reused drawing, a widget.

The browser shows native sliders and a picture. It sends the settings; Python computes the scene, draws it into a figure
that is kept, and sends the picture back together with the sentence for those who do not see it.
"""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import numpy as np
import traitlets
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform
from PIL import Image

from .. import arguments
from ..plots import picture
from .scene import Choice, Settings

HERE = Path(__file__).parent
KEPT = 8  # so many backgrounds: who goes back and forth does not wait for the axes to be drawn again
COLOURS_AT_REST = (256, 32, 24, 16, 12, 8, 6, 4)  # a photograph is better served by fewer shades than by fewer dots


# ---- settings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Real:
    """A number from `low` to `high` in steps; `group` names sliders that stand together in a square."""

    name: str
    label: str
    symbol: str
    low: float
    high: float
    step: float
    start: float
    group: str = ""

    def accept(self, value: Any) -> float:
        """Return `value` on the nearest stop; TypeError for what is no number, ValueError for what is off the stops."""
        expected = f"expected a number from {self.low:g} to {self.high:g} in steps of {self.step:g}"
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise TypeError(f"{self.name}: got {value!r} ({type(value).__name__}), {expected}")
        if not self.low <= value <= self.high:  # also what NaN meets
            raise ValueError(f"{self.name}: got {value}, {expected}")
        steps = (float(value) - self.low) / self.step
        if abs(steps - round(steps)) > 1e-3:  # a float32 near a stop is meant as that stop
            raise ValueError(f"{self.name}: got {value}, {expected}")
        return self._stop(round(steps))

    def values(self) -> list[float]:
        """Return all values that the setting may have."""
        return [self._stop(k) for k in range(round((self.high - self.low) / self.step) + 1)]

    def said(self, value: float) -> str:
        return f"{value:.{self._decimals}f}".replace("-", "−")

    def to_json(self) -> dict[str, Any]:
        form = {"type": "real", "name": self.name, "label": self.label, "symbol": self.symbol, "group": self.group}
        return form | {"low": self.low, "high": self.high, "step": self.step, "decimals": self._decimals}

    @property
    def _decimals(self) -> int:
        return len(f"{self.step:g}".partition(".")[2])

    def _stop(self, k: int) -> float:
        return round(self.low + k * self.step, self._decimals) + 0.0  # + 0.0: no negative zero


@dataclass(frozen=True)
class Stops:
    """A whole number from the first to the last of `stops`; the slider goes from stop to stop, a field takes any."""

    name: str
    label: str
    symbol: str
    stops: tuple[int, ...]
    start: int

    def accept(self, value: Any) -> int:
        """Return `value`; TypeError or ValueError if it is no whole number from the first stop to the last."""
        low, high = self.stops[0], self.stops[-1]
        expected = f"expected an integer from {low} to {high:,}"
        try:
            number = arguments.integer(self.name, value, low)
        except TypeError:
            raise TypeError(f"{self.name}: got {value!r} ({type(value).__name__}), {expected}") from None
        except ValueError:
            raise ValueError(f"{self.name}: got {value!r}, {expected}") from None
        if number > high:
            raise ValueError(f"{self.name}: got {number}, {expected}")
        return number

    def values(self) -> list[int]:
        """Return the stops of the slider."""
        return list(self.stops)

    def said(self, value: int) -> str:
        return f"{value:,}"

    def to_json(self) -> dict[str, Any]:
        form = {"type": "stops", "name": self.name, "label": self.label, "symbol": self.symbol}
        return form | {"stops": list(self.stops)}


@dataclass(frozen=True)
class Levels:
    """A positive number of any size: the slider goes through the stops, Python may set any number between its ends."""

    name: str
    label: str
    symbol: str
    stops: tuple[float, ...]
    start: float

    def accept(self, value: Any) -> float:
        """Return `value`; TypeError or ValueError if it is no number from the first stop to the last."""
        low, high = self.stops[0], self.stops[-1]
        expected = f"expected a number from {self.said(low)} to {self.said(high)}"
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise TypeError(f"{self.name}: got {value!r} ({type(value).__name__}), {expected}")
        if not low <= value <= high:
            raise ValueError(f"{self.name}: got {value}, {expected}")
        return float(value)

    def values(self) -> list[float]:
        """Return the stops of the slider."""
        return list(self.stops)

    def said(self, value: float) -> str:
        """Return the number with three digits that count."""
        return f"{float(f'{value:.3g}'):.9f}".rstrip("0").rstrip(".")

    def to_json(self) -> dict[str, Any]:
        form = {"type": "levels", "name": self.name, "label": self.label, "symbol": self.symbol}
        return form | {"stops": list(self.stops)}


Setting = Real | Stops | Levels | Choice


def said(setting: Setting, value: Any) -> str:
    """Return a stored value in words."""
    return dict(setting.options)[value] if isinstance(setting, Choice) else setting.said(value)


# ---- scenes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """What one choice of settings shows.

    numbers: the results by name, numbers or arrays; all that is drawn is drawn from them. lines: formulas with the
    numbers put in. sentence: what is seen. message: why the settings do not fit and what would, else empty. told: what
    else the picture shows, for those who do not see it.
    """

    numbers: dict[str, Any]
    lines: tuple[str, ...]
    sentence: str
    message: str = ""
    told: str = ""


@dataclass(frozen=True)
class Explorer:
    """An explorer before it is shown: its settings, the function from them to a scene, what draws it, and presets.

    scene: called with every setting by name. presets: (label, settings) of buttons; what they do not name stays.
    follow: gives the settings that come of a change, from those before and those wanted.
    """

    name: str
    title: str
    settings: tuple[Setting, ...]
    scene: Callable[..., Scene]
    drawing: Callable[[], Drawing]
    presets: tuple[tuple[str, Settings], ...] = ()
    spoken: Callable[[Settings], str] | None = None  # the settings in words, where one by one would be too long
    follow: Callable[[Settings, Settings], Settings] | None = None

    def start(self) -> Settings:
        """Return the settings that the explorer opens with."""
        return {s.name: s.accept(s.start) for s in self.settings}

    def changed(self, before: Mapping[str, Any], **changes: Any) -> Settings:
        """Return `before` with some settings changed; TypeError or ValueError if a value is not allowed."""
        known = {s.name: s for s in self.settings}
        for name in changes:
            if name not in known:
                raise TypeError(f"{name}: not a setting, expected one of {', '.join(known)}")
        after = dict(before) | {name: known[name].accept(value) for name, value in changes.items()}
        return self.follow(dict(before), after) if self.follow else after

    def text_alternative(self, settings: Mapping[str, Any]) -> str:
        """Return what a reader without the picture needs: the explorer, its settings, what is seen."""
        return self._text(settings, self.scene(**settings))

    def _text(self, settings: Mapping[str, Any], scene: Scene) -> str:
        one_by_one = (f"{s.label[0].lower()}{s.label[1:]} {said(s, settings[s.name])}" for s in self.settings)
        shown = self.spoken(dict(settings)) if self.spoken else ", ".join(one_by_one)
        seen = " ".join([*(f"{line}." for line in scene.lines), scene.message or scene.sentence, scene.told]).strip()
        return f"[explorer: {self.title}; {shown}. {seen}]"


# ---- drawings -------------------------------------------------------------------------------------------------------


class Drawing:
    """One figure that is kept: axes and labels are drawn once, for every scene only what moves.

    An explorer's drawing says in `build` what there is, in `frame` and `set_frame` what changes rarely (limits of the
    axes), and in `update` what moves. Whatever `moving` returns is drawn on top, in this order.
    """

    size = (7.8, 3.0)  # inches
    quick = 1.5  # dots for each pixel of the page while a slider moves
    grey = False  # without colours: a third of the bytes, so quicker made
    at_rest = (2.0, 1.5, 1.0)  # in a stored picture: the first that is small enough

    def __init__(self) -> None:
        with picture.style():
            self.figure = picture.blank(*self.size)
            self.build()
        for artist in self.moving():
            artist.set_animated(True)
        self._stills: dict[Hashable, Any] = {}  # about 2 MB each
        self._drawn: Hashable = None

    def build(self) -> None:
        """Make the axes and everything in them."""
        raise NotImplementedError

    def moving(self) -> list[Artist]:
        """Return what `update` changes, the lowest first."""
        raise NotImplementedError

    def frame(self, scene: Scene) -> Hashable:
        """Return what everything but the moving parts depends on; equal values, equal still parts."""
        raise NotImplementedError

    def set_frame(self, scene: Scene) -> None:
        """Change the parts that do not move to what `frame` of this scene says."""
        raise NotImplementedError

    def update(self, scene: Scene) -> None:
        """Change the moving parts to this scene."""
        raise NotImplementedError

    def pixels(self, scene: Scene, sharpness: float) -> np.ndarray:
        """Return the picture of a scene, bytes (height, width, 3), or (height, width) if grey."""
        wanted = (sharpness, self.frame(scene))
        if wanted != self._drawn:
            self._set(scene, wanted)
        agg = self.figure.canvas
        agg.restore_region(self._stills[wanted])
        self.update(scene)
        for artist in self.moving():
            artist.draw(agg.renderer)
        pixels = np.asarray(agg.buffer_rgba())
        return pixels[..., 0] if self.grey else pixels[..., :3]

    def _set(self, scene: Scene, wanted: tuple[float, Hashable]) -> None:
        """Set the frame, and draw what stands still unless it is known."""
        self.figure.set_dpi(picture.CSS_PIXELS * wanted[0])
        agg = FigureCanvasAgg(self.figure)
        with picture.style():
            self.set_frame(scene)
            if wanted in self._stills:
                agg.get_renderer()
            else:
                agg.draw()
                while len(self._stills) >= KEPT:
                    self._stills.pop(next(iter(self._stills)))
                self._stills[wanted] = agg.copy_from_bbox(self.figure.bbox)
        self._drawn = wanted

    def quick_png(self, scene: Scene) -> bytes:
        """Return the picture as a PNG that is quickly made."""
        out = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(self.pixels(scene, self.quick))).save(out, "PNG", compress_level=1)
        return out.getvalue()

    def small_png(self, scene: Scene) -> bytes:
        """Return the picture as a PNG that is quickly loaded: at most 50 KB, as sharp as that allows."""
        for sharpness in self.at_rest:
            image = Image.fromarray(np.ascontiguousarray(self.pixels(scene, sharpness)))
            for count in COLOURS_AT_REST[: None if sharpness == self.at_rest[-1] else 1]:
                out = io.BytesIO()
                _reduced(image, count).save(out, "PNG", optimize=True)
                if out.tell() <= picture.SIZE_LIMIT:
                    return out.getvalue()
        return out.getvalue()


class Word(Text):
    """A short text that is painted once and kept as a picture: one that comes back costs a tenth of the time."""

    kept: ClassVar[dict[Hashable, tuple[int, int, np.ndarray]]] = {}
    room = (1200, 80)  # dots, with the anchor in the middle

    def draw(self, renderer: Any) -> None:
        """Draw the text, from its picture if there is one."""
        if not self.get_visible() or not self.get_text():
            return
        look = (self.get_fontsize(), self.get_fontweight(), self.get_color(), self.get_ha(), self.get_va())
        key = (self.get_text(), *look, renderer.dpi)
        if key not in self.kept:
            if len(self.kept) > 3000:
                self.kept.clear()
            self.kept[key] = self._painted(renderer.dpi)
        left, bottom, picture_of_it = self.kept[key]
        x, y = self.get_transform().transform(self.get_position())
        renderer.draw_image(renderer.new_gc(), round(x) + left, round(y) + bottom, picture_of_it)

    def _painted(self, dpi: float) -> tuple[int, int, np.ndarray]:
        """Return the text as bytes (rows, columns, 4), and where it lies, seen from its anchor."""
        sheet = RendererAgg(*self.room, dpi)
        place, transform = self.get_position(), self.get_transform()
        middle = self.room[0] // 2, self.room[1] // 2
        self.set_transform(IdentityTransform())
        self.set_position(middle)
        super().draw(sheet)
        self.set_position(place)
        self.set_transform(transform)
        painted = np.asarray(sheet.buffer_rgba())[::-1]
        rows, columns = (np.flatnonzero(painted[..., 3].any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return 0, 0, np.zeros((1, 1, 4), np.uint8)
        part = painted[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
        return int(columns[0]) - middle[0], int(rows[0]) - middle[1], part


def word(axes: Axes, x: float, y: float, text: str = "", **look: Any) -> Word:
    """Return a `Word` put into the axes, as `axes.text` puts a text."""
    return axes.add_artist(Word(x, y, text, clip_on=False, **look))


def raised(k: int) -> str:
    """Return k as an exponent, in plain characters: they are drawn much faster than formulas.

    >>> "10" + raised(-12)
    '10⁻¹²'
    """
    return str(k).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _reduced(image: Image.Image, count: int) -> Image.Image:
    """Return the image in so many colours; shades of grey at equal distances, or broad areas would take them all."""
    if image.mode != "L":
        return image.quantize(count, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    places = np.rint(np.asarray(image) * ((count - 1) / 255)).astype(np.uint8)
    reduced = Image.fromarray(places)
    reduced.putpalette(np.repeat(np.rint(np.linspace(0, 255, count)).astype(np.uint8), 3).tobytes())
    return reduced


# ---- the widget -----------------------------------------------------------------------------------------------------


class FigureExplorer(anywidget.AnyWidget):
    """A live explorer: each setting is an attribute that can be read and set, `scene` is what is shown now."""

    _esm = HERE / "figure.js"
    _css = "".join((HERE / name).read_text(encoding="utf-8") for name in ("grid.css", "figure.css"))

    form = traitlets.Dict().tag(sync=True)  # title, controls, presets; never changes
    png = traitlets.Bytes().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)  # settings, words, and which request they answer
    request = traitlets.Dict().tag(sync=True)  # from the browser: settings, and who asks for the how-manieth time

    def __init__(self, explorer: Explorer, **settings: Any) -> None:
        state = explorer.changed(explorer.start(), **settings)
        super().__init__()
        self._explorer, self._drawing = explorer, explorer.drawing()
        self._lock = threading.RLock()  # a kernel may answer the browser in a thread of its own while a cell runs
        width, height = self._drawing.figure.get_size_inches()
        self.form = {
            "title": explorer.title,
            "controls": [s.to_json() for s in explorer.settings],
            "presets": [[label, values] for label, values in explorer.presets],
            "size": [round(width * picture.CSS_PIXELS), round(height * picture.CSS_PIXELS)],
        }
        self._change(state, small=True)

    # ---- from Python

    @property
    def settings(self) -> Settings:
        """All settings by name: a copy, to be read."""
        return dict(self._state)

    @property
    def scene(self) -> Scene:
        """What is shown now: `scene.numbers` holds the results, `scene.sentence` says what is seen."""
        return self._scene

    @property
    def text_alternative(self) -> str:
        """The picture in words."""
        return self._explorer._text(self._state, self._scene)

    @property
    def presets(self) -> list[str]:
        """The names that `choose` takes."""
        return [label for label, _ in self._explorer.presets]

    def change(self, **settings: Any) -> None:
        """Change several settings at once, all or none: `explorer.change(depth=5, weight=2)`."""
        self._change(self._explorer.changed(self._state, **settings), small=True)

    def choose(self, preset: str) -> None:
        """Take over the settings of a preset; ValueError if there is none of this name."""
        known = dict(self._explorer.presets)
        if preset not in known:
            raise ValueError(f"preset: got {preset!r}, expected one of {', '.join(map(repr, known))}")
        self.change(**known[preset])

    def save(self, path: Any) -> None:
        """Write the picture to `path` as a PNG."""
        Path(path).write_bytes(self._small_png())

    def __getattr__(self, name: str) -> Any:
        state = self.__dict__.get("_state", {})
        if name in state:
            return state[name]
        raise AttributeError(f"{type(self).__name__} has no attribute or setting {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__.get("_state", {}):
            self.change(**{name: value})
        elif name.startswith("_") or hasattr(type(self), name) or "_state" not in self.__dict__:
            super().__setattr__(name, value)
        else:
            raise AttributeError(f"{name}: not a setting of this explorer, expected one of {', '.join(self._state)}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._state})

    def __repr__(self) -> str:
        return self.text_alternative

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        width, height = self.form["size"]
        data = data | {
            "text/plain": self.text_alternative,
            "image/png": base64.b64encode(self._small_png()).decode("ascii"),
        }
        return data, metadata | {"image/png": {"width": width, "height": height, "alt": self.text_alternative}}

    def _small_png(self) -> bytes:
        with self._lock:
            return self.png if self._at_rest else self._drawing.small_png(self._scene)

    # ---- from the browser

    @traitlets.observe("request")
    def _asked(self, change: Any) -> None:
        request = change["new"]
        settings, who = request.get("settings"), {key: request.get(key) for key in ("client", "serial")}
        try:
            state = self._explorer.changed(self._state, **settings) if isinstance(settings, dict) else self._state
        except (TypeError, ValueError) as error:  # nothing the controls can send; said instead of thrown away
            self.answer = self.answer | who | {"message": f"{error}."}
            return
        if state == self._state and not self._at_rest:
            self.answer = self.answer | who | {"message": self._scene.message}
        else:
            self._change(state, small=False, **who)

    def _change(self, state: Settings, small: bool, client: Any = "", serial: Any = 0) -> None:
        with self._lock:
            scene = self._explorer.scene(**state)
            png = self._drawing.small_png(scene) if small else self._drawing.quick_png(scene)
            self._state, self._scene, self._at_rest = state, scene, small
            with self.hold_sync():
                self.png = png
                self.answer = {
                    "client": client,
                    "serial": serial,
                    "settings": state,
                    "alt": self._explorer._text(state, scene),
                    "lines": list(scene.lines),
                    "sentence": scene.sentence,
                    "message": scene.message,
                }
