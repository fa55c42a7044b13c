"""An exercise that asks for a prediction: numbers, shapes, or one of several statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .comparing import a_kind_of, is_numeric, number, short
from .result import Result, Text


@dataclass(frozen=True)
class Verdict:
    """What is said about one prediction: whether it is right, the name of the mistake, a sentence."""

    right: bool
    says: str = ""
    mistake: str = ""


Question = Callable[[Any], Verdict]


@dataclass(frozen=True, repr=False)
class Prediction:
    """Numbers to predict, or one of several statements to choose. Call it with the answer: `checks.name(answer)`.

    questions: what judges each part of an answer, by the key of the part; a single one has the key "". said: what
    is added when all is right.
    """

    name: str
    chapter: str
    questions: Mapping[str, Question]
    said: str = ""
    optional: bool = False

    def __call__(self, answer: Any = ...) -> Result:
        """Check `answer`; parts that are still `...` are left out."""
        single = "" in self.questions
        if not single and isinstance(answer, dict) and answer.keys() != self.questions.keys():
            says = f"The answer has the keys {list(answer)}, expected {list(self.questions)}."
            return self._result("wrong", [says], mistake="form")
        if not single and not isinstance(answer, dict) and not _is_open(answer):
            says = f"This is {a_kind_of(answer)}, expected the dictionary of the cell above, with your answers in it."
            return self._result("wrong", [says], mistake="form")
        answers = {"": answer} if single else ({} if _is_open(answer) else answer)
        verdicts = {key: judge(answers[key]) for key, judge in self.questions.items() if not _is_open(answers.get(key))}
        still_open = [key for key in self.questions if key not in verdicts]
        wrong = {key: verdict for key, verdict in verdicts.items() if not verdict.right}
        if wrong:
            lines = [_labelled(key, verdict.says) for key, verdict in wrong.items()]
            lines += [self._count(verdicts, wrong, still_open)] if not single else []
            return self._result("wrong", lines, mistake=next(iter(wrong.values())).mistake)
        if not verdicts:
            where = "the `...`" if single else "each `...`"
            return self._result("not yet", [f"Put your answer in place of {where} above, then run both cells again."])
        if still_open:
            return self._result("not yet", [self._count(verdicts, wrong, still_open)])
        lines = [] if single else [f"All {len(verdicts)} answers."]
        lines += [_labelled(key, verdict.says) for key, verdict in verdicts.items() if verdict.says]
        return self._result("right", [*lines, self.said] if self.said else lines)

    def __repr__(self) -> str:
        return f"checks.{self.name}(your_answer)"

    def _result(self, status: str, lines: list[str], mistake: str = "") -> Result:
        return Result(self.name, status, tuple(Text(line) for line in lines), mistake=mistake)

    @staticmethod
    def _count(verdicts: dict[str, Verdict], wrong: dict[str, Verdict], still_open: list[str]) -> str:
        right = [key for key in verdicts if key not in wrong]
        says = [f"Right so far: {', '.join(right) or 'none'}."]
        if still_open:
            says.append(f"Still open: {', '.join(still_open)}.")
        return " ".join(says)


def whole_number(expected: int, *known: tuple[int, str, str]) -> Question:
    """Return a question for a whole number; `known`: wrong numbers with the name of the mistake and a sentence each."""

    def judge(value: Any) -> Verdict:
        number = is_numeric(value) and np.ndim(value) == 0 and not isinstance(value, (bool, np.bool_))
        if not number or not np.isfinite(value) or value != int(value):
            return Verdict(False, f"This is {a_kind_of(value)}, expected a whole number.", "form")
        return _judge_value(int(value), expected, known)

    return judge


def shape(expected: tuple[int, ...], *known: tuple[tuple[int, ...], str, str]) -> Question:
    """Return a question for the shape of an array, as a tuple (a list will do); `known` as in `whole_number`."""

    def judge(value: Any) -> Verdict:
        parts = value if isinstance(value, (tuple, list)) else (value,)
        if not all(isinstance(part, (int, np.integer)) and not isinstance(part, bool) for part in parts):
            return Verdict(False, f"This is {short(value)}, expected a tuple of whole numbers.", "form")
        if len(parts) != len(expected):
            numbers = "one number" if len(expected) == 1 else f"{len(expected)} numbers"
            return Verdict(False, f"This has {len(parts)} numbers, expected {numbers}.", "form")
        return _judge_value(tuple(int(part) for part in parts), expected, known)

    return judge


def real_number(expected: float, relative: float, *known: tuple[float, str, str]) -> Question:
    """Return a question for a number that may be `relative` off; `known` as in `whole_number`."""

    def judge(value: Any) -> Verdict:
        if not is_numeric(value) or np.ndim(value) > 0 or isinstance(value, (bool, np.bool_)):
            return Verdict(False, f"This is {a_kind_of(value)}, expected a number.", "form")
        if abs(value - expected) <= relative * abs(expected):
            return Verdict(True)
        for wrong, name, says in known:
            if abs(value - wrong) <= 1e-6 * abs(wrong):
                return Verdict(False, f"{number(value)} is not it. The mistake: {name}. {says}", name)
        return Verdict(False, f"{number(value)} is not it.")

    return judge


def choice(right: str, others: Mapping[str, str]) -> Question:
    """Return a question for one letter; `others`: the wrong letters, each with the reason why it is not the one."""
    letters = sorted([right, *others])

    def judge(value: Any) -> Verdict:
        letter = value.strip().strip("().").lower() if isinstance(value, str) else ""
        if letter not in letters:
            return Verdict(False, f"This is {short(value)}, expected one of the letters {', '.join(letters)}.", "form")
        if letter == right:
            return Verdict(True)
        return Verdict(False, f"Not {letter}: {others[letter]}", letter)

    return judge


def _judge_value(value: Any, expected: Any, known: tuple[tuple[Any, str, str], ...]) -> Verdict:
    if value == expected:
        return Verdict(True)
    reasons = {name: says for wrong, name, says in reversed(known) if value == wrong}  # of two with a name, the first
    if not reasons:
        return Verdict(False, f"{short(value)} is not it.")
    names = list(reversed(reasons))
    told = " Or: ".join(f"{name}. {reasons[name]}" for name in names)
    return Verdict(False, f"{short(value)} is not it. The mistake: {told}", " or ".join(names))


def _labelled(key: str, says: str) -> str:
    return f"{key}: {says}" if key else says


def _is_open(value: Any) -> bool:
    """Return whether a place in an answer is still as it was: `...`, None, or a collection with such a part."""
    if isinstance(value, (tuple, list)):
        return any(_is_open(part) for part in value)
    return value is None or value is ...
