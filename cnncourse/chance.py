"""How sure a share is that was counted on few images: `interval` gives it as numbers, `percent` as text."""

from __future__ import annotations

import math

SURE = 1.96  # standard deviations on both sides of a normal distribution that hold 95 % of it

__all__ = ["interval", "percent"]


def interval(count: float, of: int) -> tuple[float, float]:
    """Return from where to where the true share lies if `count` of `of` were counted, 95 % sure (Wilson 1927).

    Parameters
    ----------
    count : float
        How many images were read right, say, from 0 to `of`. A mean of several networks need not be whole.
    of : int
        How many there were, 1 or more.

    Returns
    -------
    low, high : float
        Shares from 0 to 1. The interval says what chance in drawing the images does. That another start gives another
        network, and that images of one hand are alike, it does not know.

    Raises
    ------
    ValueError
        If `of` is below 1, or `count` not between 0 and `of`.

    Examples
    --------
    >>> low, high = interval(288, 300)
    >>> round(low, 3), round(high, 3)
    (0.931, 0.977)
    """
    if of < 1:
        raise ValueError(f"of: got {of}, expected 1 or more")
    if not 0 <= count <= of:
        raise ValueError(f"count: got {count}, expected a number from 0 to {of}")
    share, unit = count / of, SURE**2 / of
    middle, half = share + unit / 2, SURE * math.sqrt(share * (1 - share) / of + (unit / of) / 4)
    return max((middle - half) / (1 + unit), 0.0), min((middle + half) / (1 + unit), 1.0)


def percent(count: float, of: int, decimals: int = 0) -> str:
    """Return the share `count` of `of` in percent as text, and its interval in brackets.

    Examples
    --------
    >>> percent(288, 300)
    '96 % (93 to 98)'
    >>> percent(51, 10_000, 2)
    '0.51 % (0.39 to 0.67)'
    """
    low, high = interval(count, of)
    return f"{100 * count / of:.{decimals}f} % ({100 * low:.{decimals}f} to {100 * high:.{decimals}f})"
