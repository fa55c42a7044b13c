"""Settings that are numbers on the stops of a slider: in equal steps, whole numbers, or numbers of any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlib import arguments


class AsStored:
    """A setting whose values Python code reads as they are stored."""

    def shown(self, value: Any) -> Any:
        """Return a stored value as Python code reads it."""
        return value


def whole(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`; TypeError or ValueError for others."""
    expected = f"expected an integer from {low} to {high:,}"
    try:
        number = arguments.integer(name, value, low)
    except TypeError:
        raise TypeError(f"{name}: got {value!r} ({type(value).__name__}), {expected}") from None
    except ValueError:
        raise ValueError(f"{name}: got {value!r}, {expected}") from None
    if number > high:
        raise ValueError(f"{name}: got {number}, {expected}")
    return number


def between(name: str, value: Any, low: float, high: float, expected: str) -> float:
    """Return a number from `low` to `high`; TypeError or ValueError, with what was expected, for others."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}: got {value!r} ({type(value).__name__}), {expected}")
    if not low <= value <= high:  # also what NaN meets
        raise ValueError(f"{name}: got {value}, {expected}")
    return float(value)


@dataclass(frozen=True)
class Real(AsStored):
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
        steps = (between(self.name, value, self.low, self.high, expected) - self.low) / self.step
        if abs(steps - round(steps)) > 1e-3:  # a float32 near a stop is meant as that stop
            raise ValueError(f"{self.name}: got {value}, {expected}")
        return self._stop(round(steps))

    def values(self) -> list[float]:
        """Return all values that the setting may have."""
        return [self._stop(k) for k in range(round((self.high - self.low) / self.step) + 1)]

    def value_text(self, value: float) -> str:
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
class Stops(AsStored):
    """A whole number from the first to the last of `stops`; the slider goes from stop to stop, a field takes any.

    With a `group` it has no slider among the controls: the stage moves it.
    """

    name: str
    label: str
    symbol: str
    stops: tuple[int, ...]
    start: int
    group: str = ""

    def accept(self, value: Any) -> int:
        """Return `value`; TypeError or ValueError if it is no whole number from the first stop to the last."""
        return whole(self.name, value, self.stops[0], self.stops[-1])

    def values(self) -> list[int]:
        """Return the stops of the slider."""
        return list(self.stops)

    def value_text(self, value: int) -> str:
        return f"{value:,}"

    def to_json(self) -> dict[str, Any]:
        form = {"type": "stops", "name": self.name, "label": self.label, "symbol": self.symbol}
        return form | {"stops": list(self.stops)} | ({"group": self.group} if self.group else {})


@dataclass(frozen=True)
class Levels(AsStored):
    """A positive number of any size: the slider goes through the stops, Python may set any number between its ends."""

    name: str
    label: str
    symbol: str
    stops: tuple[float, ...]
    start: float

    def accept(self, value: Any) -> float:
        """Return `value`; TypeError or ValueError if it is no number from the first stop to the last."""
        low, high = self.stops[0], self.stops[-1]
        expected = f"expected a number from {self.value_text(low)} to {self.value_text(high)}"
        return between(self.name, value, low, high, expected)

    def values(self) -> list[float]:
        """Return the stops of the slider."""
        return list(self.stops)

    def value_text(self, value: float) -> str:
        """Return the number with three digits that count."""
        return f"{float(f'{value:.3g}'):.9f}".rstrip("0").rstrip(".")

    def to_json(self) -> dict[str, Any]:
        form = {"type": "levels", "name": self.name, "label": self.label, "symbol": self.symbol}
        return form | {"stops": list(self.stops)}


def raised(k: int) -> str:
    """Return k as an exponent, in plain characters: no formula has to be set for it.

    >>> "10" + raised(-12)
    '10⁻¹²'
    """
    return str(k).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
