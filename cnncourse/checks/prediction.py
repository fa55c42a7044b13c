"""An exercise that asks for a prediction: numbers, shapes, or one of several statements."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .comparing import USE_FLOOR_DIVISION, a_kind_of, in_short, is_numeric, is_whole, number
from .matching import Case
from .patches import mistakes_of
from .result import Result, Text


@dataclass(frozen=True)
class Verdict:
    """What to answer to one prediction: whether it is right, a sentence, the name of the mistake.

    known: name and sentence of each known mistake that leads to a wrong answer, where the sentence is to name them.
    """

    right: bool
    message: str = ""
    mistake: str = ""
    known: tuple[tuple[str, str], ...] = ()

    def only(self, names: set[str]) -> Verdict:
        """Return a verdict on the same answer that names these mistakes and no others."""
        known = tuple(one for one in self.known if one[0] in names)
        return replace(self, mistake=" or ".join(name for name, _ in known), known=known)

    def sentence(self) -> str:
        """Return the whole of what to say: a single mistake is certain, of several only one is."""
        if not self.known:
            return self.message
        reasons = " Or: ".join(f"{name}. {message}" for name, message in self.known)
        return f"{self.message} {'The mistake' if len(self.known) == 1 else 'Perhaps'}: {reasons}"


Question = Callable[[Any], Verdict]


@dataclass(frozen=True, repr=False)
class Prediction:
    """Numbers to predict, or one of several statements to choose. Call it with the answer: `checks.name(answer)`.

    questions: what judges each part of an answer, by the key of the part; a single one has the key "". message:
    what is added when all is right. chained: whether each part is worked out from the one before, so that a mistake in
    one shows in the others.
    """

    name: str
    chapter: str
    questions: Mapping[str, Question]
    message: str = ""
    optional: bool = False
    chained: bool = False

    def __call__(self, answer: Any = ...) -> Result:
        """Check `answer`; parts that are still `...` are left out."""
        single = "" in self.questions
        if not single and (fault := self._form(answer)):
            return self.result("wrong", [fault], mistake="form")
        answers = {"": answer} if single else ({} if _is_open(answer) else answer)
        verdicts = {key: judge(answers[key]) for key, judge in self.questions.items() if not _is_open(answers.get(key))}
        still_open = [key for key in self.questions if key not in verdicts]
        wrong = {key: verdict for key, verdict in verdicts.items() if not verdict.right}
        wrong = self._along_the_chain(verdicts, wrong) if self.chained else _with_common_names(wrong)
        if wrong:
            lines = [_labelled(key, verdict.sentence()) for key, verdict in wrong.items()]
            lines += [self._count(verdicts, wrong, still_open)] if not single else []
            return self.result("wrong", lines, mistake=next(iter(wrong.values())).mistake)
        if not verdicts:
            where = "the `...`" if single else "each `...`"
            return self.result("not yet", [f"Put your answer in place of {where} above, then run both cells again."])
        if still_open:
            return self.result("not yet", [self._count(verdicts, wrong, still_open)])
        lines = [] if single else [f"All {len(verdicts)} answers."]
        lines += [_labelled(key, verdict.message) for key, verdict in verdicts.items() if verdict.message]
        return self.result("right", [*lines, self.message] if self.message else lines)

    def __repr__(self) -> str:
        return f"checks.{self.name}(your_answer)"

    def result(self, status: str, lines: list[str], mistake: str = "") -> Result:
        """Return a result of this exercise."""
        return Result(self.name, status, tuple(Text(line) for line in lines), mistake=mistake)

    def _form(self, answer: Any) -> str:
        """Return what is wrong with the form of an answer of several parts, "" if nothing is."""
        if isinstance(answer, dict):
            if answer.keys() == self.questions.keys():
                return ""
            return f"The answer has the keys {in_short(list(answer))}, expected {list(self.questions)}."
        if _is_open(answer):
            return ""
        return f"This is {a_kind_of(answer)}, expected the dictionary of the cell above, with your answers in it."

    def _along_the_chain(self, verdicts: dict[str, Verdict], wrong: dict[str, Verdict]) -> dict[str, Verdict]:
        """Return the verdicts with those mistakes that agree with the most answers, the right ones too."""

        def agrees(name: str, key: str) -> bool:
            if key in wrong:
                return any(name == other for other, _ in wrong[key].known)
            question = self.questions[key]
            return isinstance(question, Exact) and all(name != other for _, other, _ in question.known)

        made = {}
        for key, verdict in wrong.items():
            counts = {name: sum(agrees(name, other) for other in verdicts) for name, _ in verdict.known}
            most = max(counts.values(), default=0)
            made[key] = verdict.only({name for name in counts if counts[name] == most}) if counts else verdict
        return made

    @staticmethod
    def _count(verdicts: dict[str, Verdict], wrong: dict[str, Verdict], still_open: list[str]) -> str:
        right = [key for key in verdicts if key not in wrong]
        messages = [f"Right so far: {', '.join(right) or 'none'}."]
        if still_open:
            messages.append(f"Still open: {', '.join(still_open)}.")
        return " ".join(messages)


def _with_common_names(wrong: dict[str, Verdict]) -> dict[str, Verdict]:
    """Return the verdicts with only those mistakes that explain all wrong answers at once, if there are such."""
    named = [{name for name, _ in verdict.known} for verdict in wrong.values()]
    common = set.intersection(*named) if len(named) > 1 else set()
    return {key: verdict.only(common) for key, verdict in wrong.items()} if common else wrong


# ---- right answers and mistakes by formula ---------------------------------------------------------------------------

Known = tuple[Any, str, str]  # a wrong answer, the name of the mistake, a sentence about it


class WrongForm(ValueError):
    """An answer is not of the kind that is asked for; the text says what came and what was expected."""


@dataclass(frozen=True)
class Exact:
    """A question that one answer is right for, to the last digit.

    read: gives an answer its plain form, or raises WrongForm. known: wrong answers.
    """

    read: Callable[[Any], Any]
    expected: Any
    known: Sequence[Known] = ()

    def __call__(self, value: Any) -> Verdict:
        """Judge an answer."""
        try:
            answer = self.read(value)
        except WrongForm as error:
            return Verdict(False, str(error), "form")
        if answer == self.expected:
            return Verdict(True)
        return not_it(answer, [(name, message) for wrong, name, message in self.known if answer == wrong])


def by_formula(
    formula: Callable[..., Any], mistakes: str, cases: Mapping[str, Case], sentences: dict[str, str] | None = None
) -> dict[str, Exact]:
    """Return a question for each case: what does `formula` give?

    formula: gives a whole number, or a shape. mistakes: changes of it, as `patches.mistakes_of` reads them.
    """
    known = mistakes_of(formula, mistakes, sentences)
    made = {}
    for key, case in cases.items():
        right = formula(*case.values, **case.by_name)
        wrong = [(answer, one.name, one.message) for one in known for answer in _tried(one.answer, case, right)]
        made[key] = (shape if isinstance(right, tuple) else whole_number)(right, *wrong)
    return made


def from_formulas(formula: Callable[[], dict[str, Any]], mistakes: str) -> dict[str, Exact]:
    """Return a question for each key of the dictionary that `formula` gives; changes may go through several of them."""
    known = mistakes_of(formula, mistakes)
    made = {}
    for key, right in formula().items():
        wrong = [(one.answer()[key], one.name, one.message) for one in known]
        wrong = [item for item in wrong if item[0] != right]
        made[key] = (shape if isinstance(right, tuple) else whole_number)(right, *wrong)
    return made


def _tried(wrong: Callable[..., Any], case: Case, right: Any) -> Iterable[Any]:
    """Return what a changed formula gives, as one answer: none if it is right all the same, or no answer at all."""
    try:
        answer = wrong(*case.values, **case.by_name)
    except ArithmeticError:
        return []
    return [answer] if answer != right else []


def whole_number(expected: int, *known: Known) -> Exact:
    """Return a question for a whole number; `known`: wrong numbers with the name of the mistake and a sentence each."""
    return Exact(read_whole_number, expected, known)


def shape(expected: tuple[int, ...], *known: Known) -> Exact:
    """Return a question for the shape of an array, as a tuple (a list will do); `known` as in `whole_number`."""
    return Exact(functools.partial(read_shape, axes=len(expected)), expected, known)


def read_whole_number(value: Any) -> int:
    """Return a whole number as Python's own, also where it is typed as 3.0; raises WrongForm for anything else."""
    if is_whole(value):
        return int(value)
    if is_numeric(value) and np.ndim(value) == 0 and not isinstance(value, (bool, np.bool_)):
        if np.isfinite(value) and value == int(value):
            return int(value)
        raise WrongForm(f"This is {in_short(value)}, expected a whole number.")
    if isinstance(value, tuple) and len(value) > 1 and all(is_whole(part) and 0 <= part < 1000 for part in value):
        raise WrongForm(f"This is {in_short(value)}, several numbers: Python writes thousands without a comma.")
    if isinstance(value, str):
        raise WrongForm(f"This is {in_short(value)}, a text: write the number without quotation marks.")
    raise WrongForm(f"This is {a_kind_of(value)}, expected a whole number.")


def read_shape(value: Any, axes: int) -> tuple[int, ...]:
    """Return a shape as a tuple of `axes` whole numbers; raises WrongForm for anything else."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = tuple(value)
    parts = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if not all(is_whole(part) for part in parts):
        message = f"This is {in_short(value)}, expected a tuple of whole numbers."
        floats = all(is_whole(part) or isinstance(part, (float, np.floating)) for part in parts)
        raise WrongForm(f"{message} {USE_FLOOR_DIVISION}." if floats else message)
    if len(parts) != axes:
        numbers = "one number" if axes == 1 else f"{axes} numbers"
        raise WrongForm(f"This has {len(parts)} number{'s' * (len(parts) != 1)}, expected {numbers}.")
    return tuple(int(part) for part in parts)


def not_it(answer: Any, mistakes: list[tuple[str, str]]) -> Verdict:
    """Return the verdict on a wrong answer; `mistakes`: name and sentence of each that leads to it."""
    known: dict[str, str] = {}
    for name, message in mistakes:
        known.setdefault(name, message)  # of two with one name, the first
    return Verdict(False, f"{in_short(answer)} is not it.", " or ".join(known), tuple(known.items()))


# ---- other questions -------------------------------------------------------------------------------------------------


def real_number(expected: float, relative: float, *known: tuple[float, str, str]) -> Question:
    """Return a question for a number that may be `relative` off; `known` as in `whole_number`, to three digits."""

    def judge(value: Any) -> Verdict:
        if not is_numeric(value) or np.ndim(value) > 0 or isinstance(value, (bool, np.bool_)):
            return Verdict(False, f"This is {a_kind_of(value)}, expected a number.", "form")
        if abs(value - expected) <= relative * abs(expected):
            return Verdict(True)
        reasons = [(name, message) for wrong, name, message in known if abs(value - wrong) <= 5e-4 * abs(wrong)]
        return replace(not_it(value, reasons), message=f"{number(value)} is not it.")

    return judge


def choice(right: str, others: Mapping[str, str]) -> Question:
    """Return a question for one letter; `others`: the wrong letters, each with the reason why it is not the one."""
    letters = sorted([right, *others])

    def judge(value: Any) -> Verdict:
        letter = value.strip().strip("().").lower() if isinstance(value, str) else ""
        if letter not in letters:
            expected = f"expected one of the letters {', '.join(letters)}, as a text in quotation marks."
            return Verdict(False, f"This is {in_short(value)}, {expected}", "form")
        if letter == right:
            return Verdict(True)
        return Verdict(False, f"Not {letter}: {others[letter]}", letter)

    return judge


def _labelled(key: str, message: str) -> str:
    return f"{key}: {message}" if key else message


def _is_open(value: Any) -> bool:
    """Return whether a place in an answer is still as it was: `...`, None, or a collection with such a part."""
    if isinstance(value, (tuple, list)):
        return any(part is None or part is ... for part in value)
    return value is None or value is ...
