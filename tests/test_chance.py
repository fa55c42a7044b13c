"""The interval of a share holds what it says: checked against its equation, a simulation, and both ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnncourse import chance


@pytest.mark.parametrize(("count", "of"), [(1, 3), (288, 300), (51, 10_000), (0.5, 7), (179, 360)])
def test_at_both_ends_the_count_is_as_far_off_as_chance_allows(count: float, of: int) -> None:
    for share in chance.interval(count, of):
        deviation = math.sqrt(share * (1 - share) / of)
        assert abs(count / of - share) == pytest.approx(1.96 * deviation)


@pytest.mark.parametrize(("share", "of"), [(0.02, 360), (0.5, 40), (0.97, 300)])
def test_the_true_share_is_inside_in_about_95_of_100_draws(share: float, of: int) -> None:
    counts = np.random.default_rng(0).binomial(of, share, 4000)
    inside = [low <= share <= high for low, high in (chance.interval(count, of) for count in counts)]
    assert 0.93 < np.mean(inside) < 0.97


@pytest.mark.parametrize("of", [1, 10, 1000])
def test_none_and_all_stay_between_0_and_1(of: int) -> None:
    low, high = chance.interval(0, of)
    assert low == 0 and 0 < high < 1
    assert chance.interval(of, of) == pytest.approx((1 - high, 1))


def test_few_images_tell_less() -> None:
    widths = [high - low for low, high in (chance.interval(0.9 * of, of) for of in (10, 100, 1000))]
    assert widths == sorted(widths, reverse=True) and widths[0] > 3 * widths[1] / 2


def test_as_text_the_interval_stands_in_brackets() -> None:
    assert chance.percent(np.int64(180), 360) == "50 % (45 to 55)"
    assert chance.percent(73, 10_000, 2) == "0.73 % (0.58 to 0.92)"


@pytest.mark.parametrize(
    ("count", "of", "words"),
    [(1, 0, "of: got 0"), (-1, 5, "count: got -1"), (6, 5, "from 0 to 5"), (math.nan, 5, "count: got nan")],
)
def test_what_is_no_share_is_refused(count: float, of: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chance.percent(count, of)
