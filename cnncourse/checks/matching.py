"""Which of the known mistakes explains what a function answered."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .calling import Outcome, run_jobs
from .comparing import FLOAT32, GENERAL, ROUNDED, Difference, Mistake, alike, difference, general_answer

SECONDS = 1.0  # for one mistake in one case
TOTAL_SECONDS = 5.0  # of the processor, for all of them: a busy computer hides no name; a tenth of a second is usual
OUT_OF_BOUNDS = (IndexError, ValueError)  # an index and a slice that leave an array end in one of the two


@dataclass(frozen=True)
class Case:
    """Arguments to try a function with: those without a name in front, then those with one."""

    values: tuple[Any, ...]
    by_name: dict[str, Any]

    def __init__(self, *values: Any, **by_name: Any) -> None:
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "by_name", by_name)

    def size(self) -> int:
        """Return how many numbers the arguments hold: the smallest case is the easiest one to look at."""
        return sum(_size(value) for value in [*self.values, *self.by_name.values()])

    def arguments(self, names: list[str]) -> dict[str, Any]:
        return dict(zip(names, self.values)) | self.by_name


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(part) for part in value.values())
    return int(np.size(value))


@dataclass(frozen=True)
class Trial:
    """One case, what the function made of it, the right answer, and what is wrong (None: nothing)."""

    case: Case
    arguments: dict[str, Any]
    outcome: Outcome
    expected: Any
    problem: Difference | None


@dataclass(frozen=True)
class Named:
    """A mistake, and which of several results it is in (None: what it says is about all of them)."""

    mistake: Mistake
    part: int | None = None


class Matching:
    """The answers of known mistakes to the cases of one check, computed when they are asked for."""

    def __init__(self, mistakes: Sequence[Mistake], signature: inspect.Signature, relative: float, parts: int) -> None:
        self.mistakes, self.signature, self.relative, self.parts = mistakes, signature, relative, parts
        self._answers: dict[tuple[int, int], Outcome] = {}
        self._end = time.process_time() + TOTAL_SECONDS

    # ---- what a mistake answers

    def answers(self, mistakes: Iterable[Mistake], trial: Trial) -> list[Outcome]:
        """Return what each of the mistakes comes to in this case; `time_up` where the time did not suffice."""
        wanted = list(mistakes)
        missing = [mistake for mistake in wanted if (id(mistake), id(trial)) not in self._answers]
        while missing and time.process_time() < self._end:
            bound = self.signature.bind(**trial.arguments)
            bound.apply_defaults()
            jobs = [(mistake.answer, dict(bound.arguments), 0) for mistake in missing]
            outcomes = run_jobs(jobs, SECONDS, max(self._end - time.process_time(), 0.01), ours=True)
            if not outcomes:
                break
            for mistake, outcome in zip(missing, outcomes):
                self._answers[id(mistake), id(trial)] = outcome
            missing = missing[len(outcomes) :]
        return [self._answers.get((id(mistake), id(trial)), Outcome(time_up=True)) for mistake in wanted]

    def explains(self, mistake: Mistake, trial: Trial, part: int | None = None) -> bool:
        """Return whether the function did in this case what `mistake` does, in one part of the answer or in all."""
        (answer,) = self.answers([mistake], trial)
        return self._same(trial, answer, part)

    def _same(self, trial: Trial, answer: Outcome, part: int | None) -> bool:
        outcome = trial.outcome
        if answer.time_up or outcome.time_up:
            return False
        if answer.error_type is not None:
            return _same_error(outcome, answer)
        return outcome.completed and self._alike(outcome.value, answer.value, part)

    def _alike(self, got: Any, answer: Any, part: int | None) -> bool:
        if part is None:
            return alike(got, answer, self.relative)
        fits = isinstance(got, (tuple, list)) and isinstance(answer, (tuple, list))
        return fits and len(got) == len(answer) == self.parts and alike(got[part], answer[part], self.relative)

    # ---- certain

    def certain(self, trials: Sequence[Trial]) -> list[Named]:
        """Return the mistakes that explain every case, the right ones too.

        That is one, or one for each wrong part of an answer that has several; none if nothing known explains it.
        """
        if whole := self._certain(trials, None):
            return [Named(whole)]
        named = [Named(found, part) for part in self.wrong_parts(trials) if (found := self._certain(trials, part))]
        names = {one.mistake.message for one in named}
        if len(named) > 1 and len(names) == 1 and len(named) == len(self.wrong_parts(trials)):
            return [Named(named[0].mistake)]
        return named

    def _certain(self, trials: Sequence[Trial], part: int | None) -> Mistake | None:
        if not trials or (part is None and not _tells_enough(trials)):
            return self._by_message(trials)
        if all(alike(*self._of_part(trial, part), self.relative) for trial in trials):
            return None  # the numbers are right, in something else than what is asked for
        shown = next((trial for trial in trials if trial.problem), trials[0])
        answers = zip(self.mistakes, self.answers(self.mistakes, shown))
        candidates = [mistake for mistake, answer in answers if self._same(shown, answer, part)]
        fitting = [mistake for mistake in candidates if all(self.explains(mistake, trial, part) for trial in trials)]
        if fitting:  # the first, unless the words of its errors say that it is another one
            return max(fitting, key=lambda mistake: self._same_messages(mistake, trials))
        told = shown.problem and shown.problem.kind == "dtype"  # and what it does to the numbers
        for mistake in () if told else GENERAL:
            if all(self._in_general(mistake, trial, part) for trial in trials):
                return mistake
        if all(self._rounded(trial, part) for trial in trials):
            return ROUNDED
        return None

    def _same_messages(self, mistake: Mistake, trials: Sequence[Trial]) -> int:
        """Return how often a mistake ends with the function's error to the letter."""
        return sum(
            bool(trial.outcome.error) and self.answers([mistake], trial)[0].error == trial.outcome.error
            for trial in trials
        )

    def _by_message(self, trials: Sequence[Trial]) -> Mistake | None:
        """Return the mistake that ends with the same error in every case, to the letter."""
        shown = trials[0]
        for mistake, answer in zip(self.mistakes, self.answers(self.mistakes, shown)):
            if answer.error != shown.outcome.error or not answer.error_type:
                continue
            if all(self.answers([mistake], trial)[0].error == trial.outcome.error for trial in trials):
                return mistake
        return None

    def _in_general(self, mistake: Mistake, trial: Trial, part: int | None) -> bool:
        got, expected = self._of_part(trial, part)
        try:
            answer = general_answer(mistake, expected)
        except (IndexError, ValueError, TypeError):
            return False
        return trial.outcome.completed and alike(got, answer, self.relative)

    def _rounded(self, trial: Trial, part: int | None) -> bool:
        """Return whether a part is right to single precision, in which whole numbers made of such are exact."""
        got, expected = self._of_part(trial, part)
        if not isinstance(got, np.ndarray) or got.dtype != np.float64 or not alike(got, expected, FLOAT32):
            return False
        given = [value for value in trial.arguments.values() if isinstance(value, np.ndarray)]
        whole = np.trunc(expected) == expected if all(np.all(np.trunc(one) == one) for one in given) else False
        return bool(np.all((got == expected) | ~np.asarray(whole)))

    def _of_part(self, trial: Trial, part: int | None) -> tuple[Any, Any]:
        got, expected = trial.outcome.value, trial.expected
        if part is None:
            return got, expected
        return (got[part], expected[part]) if _has_parts(got, self.parts) else (None, None)

    def wrong_parts(self, trials: Sequence[Trial]) -> list[int]:
        """Return which values of the answer are wrong in some case; [] if the cases do not all have them."""
        done = [trial for trial in trials if trial.outcome.completed]
        if not self.parts or not done or not all(_has_parts(trial.outcome.value, self.parts) for trial in done):
            return []
        return [
            k
            for k in range(self.parts)
            if any(difference(trial.outcome.value[k], trial.expected[k], self.relative) for trial in done)
        ]

    # ---- likely

    def likely(self, failed: Sequence[Trial]) -> tuple[Named, int] | None:
        """Return the mistake that explains the case that is shown and at least half of the wrong ones, and how many.

        There may be two mistakes at once. Trials whose numbers are right, in a dtype that is not, say nothing about a
        mistake in the numbers.
        """
        shown = failed[0]
        failed = [trial for trial in failed if not alike(trial.outcome.value, trial.expected, self.relative)]
        if not shown.outcome.completed or not failed or shown is not failed[0]:
            return None
        best, most = None, 1
        for part in [None, *self.wrong_parts([shown])]:
            candidates = zip(self.mistakes, self.answers(self.mistakes, shown))
            for mistake in [mistake for mistake, answer in candidates if self._same(shown, answer, part)]:
                count = sum(trial.outcome.completed and self.explains(mistake, trial, part) for trial in failed)
                if count > most and 2 * count >= len(failed):
                    best, most = Named(mistake, part), count
        return (best, most) if best else None


def _tells_enough(trials: Sequence[Trial]) -> bool:
    """Return whether some case has an answer: errors alone may have any reason."""
    return any(trial.outcome.completed for trial in trials)


def _same_error(outcome: Outcome, answer: Outcome) -> bool:
    kind, other = outcome.error_type, answer.error_type
    if kind is None or other is None:
        return False
    return kind is other or (issubclass(kind, OUT_OF_BOUNDS) and issubclass(other, OUT_OF_BOUNDS))


def _has_parts(value: Any, count: int) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == count
