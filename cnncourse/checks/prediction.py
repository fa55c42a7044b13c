"""An exercise that asks for a prediction: numbers, shapes, or one of several statements."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..language import joined, listed, mark, say, say_count, translated
from .comparing import USE_FLOOR_DIVISION, Mistake, a_kind_of, in_short, is_numeric, is_whole, number, plain_number
from .matching import Case
from .patches import mistakes_of
from .result import Result, Text


@dataclass(frozen=True)
class Verdict:
    """What to answer to one prediction: whether it is right, a sentence, the name of the mistake.

    known: name and sentence of each known mistake that leads to a wrong answer, where the sentence is to name them.
    The message is in the reader's language; the names, and what is known, are English and translated where it is said.
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
        (name, reason), *others = self.known
        template = mark("Perhaps: {name}. {message}") if others else mark("The mistake: {name}. {message}")
        sentences = [self.message, say(template, name=translated(name), message=translated(reason))]
        template = mark("Or: {name}. {message}")
        sentences += [say(template, name=translated(name), message=translated(reason)) for name, reason in others]
        return joined(sentences)


Question = Callable[[Any], Verdict]


@dataclass(frozen=True, repr=False)
class Prediction:
    """Numbers to predict, or one of several statements to choose. Call it with the answer: `checks.name(answer)`.

    questions: what judges each part of an answer, by the key of the part; a single one has the key "". message:
    what is added when all is right. chained: whether each part is worked out from the one before, so that a mistake in
    one shows in the others. mistakes: those that a question knows beside its own.
    """

    name: str
    chapter: str
    questions: Mapping[str, Question]
    message: str = ""
    optional: bool = False
    chained: bool = False
    mistakes: Sequence[Mistake] = ()

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
            one = mark("Put your answer in place of the `...` above, then run both cells again.")
            several = mark("Put your answer in place of each `...` above, then run both cells again.")
            return self.result("not yet", [translated(one if single else several)])
        if still_open:
            return self.result("not yet", [self._count(verdicts, wrong, still_open)])
        lines = [] if single else [say("All {count} answers.", count=len(verdicts))]
        lines += [_labelled(key, verdict.message) for key, verdict in verdicts.items() if verdict.message]
        return self.result("right", [*lines, translated(self.message)] if self.message else lines)

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
            template = mark("The answer has the keys {keys}, expected {expected}.")
            return say(template, keys=in_short(list(answer)), expected=list(self.questions))
        if _is_open(answer):
            return ""
        template = mark("This is {kind}, expected the dictionary of the cell above, with your answers in it.")
        return say(template, kind=a_kind_of(answer))

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
        messages = [say("Right so far: {parts}.", parts=listed(right)) if right else say("Right so far: none.")]
        if still_open:
            messages.append(say("Still open: {parts}.", parts=listed(still_open)))
        return joined(messages)

    def sentences(self) -> Iterator[str]:
        """Yield the English of everything that this exercise knows to say, in the order of its file."""
        yield self.message
        for question in self.questions.values():
            if isinstance(question, (Exact, RealNumber, Choice)):
                yield from question.sentences()
        for mistake in self.mistakes:
            yield from (mistake.name, mistake.message)


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

    def sentences(self) -> Iterator[str]:
        """Yield the English names and sentences of the wrong answers that are known."""
        for _, name, message in self.known:
            yield from (name, message)


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
    value = plain_number(value)
    if is_whole(value):
        return int(value)
    if is_numeric(value) and np.ndim(value) == 0 and not isinstance(value, (bool, np.bool_)):
        if np.isfinite(value) and value == int(value):
            return int(value)
        raise WrongForm(say("This is {kind}, expected a whole number.", kind=repr(float(value))))
    if isinstance(value, tuple) and len(value) > 1 and all(is_whole(part) and 0 <= part < 1000 for part in value):
        template = mark("This is {value}, several numbers: Python writes thousands without a comma.")
        raise WrongForm(say(template, value=in_short(value)))
    if isinstance(value, str):
        template = mark("This is {value}, a text: write the number without quotation marks.")
        raise WrongForm(say(template, value=in_short(value)))
    raise WrongForm(say("This is {kind}, expected a whole number.", kind=a_kind_of(value)))


def read_shape(
    value: Any, axes: int, template: str = mark("This is {value}, expected a tuple of whole numbers.")
) -> tuple[int, ...]:
    """Return a shape as a tuple of `axes` whole numbers; raises WrongForm for anything else.

    template: what is said about a value that is none.
    """
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = tuple(value)
    parts = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if not all(is_whole(part) for part in parts):
        message = say(template, value=in_short(value))
        floats = all(is_whole(part) or isinstance(part, (float, np.floating)) for part in parts)
        hint = say("{sentence}.", sentence=translated(USE_FLOOR_DIVISION))
        raise WrongForm(joined([message, hint]) if floats else message)
    if len(parts) != axes:
        raise WrongForm(_number_of_parts(len(parts), axes))
    return tuple(int(part) for part in parts)


def _number_of_parts(count: int, axes: int) -> str:
    """Return a sentence that says that there are `count` numbers and should be `axes`."""
    if axes == 1:
        return say_count(
            "This has {count} number, expected one number.", "This has {count} numbers, expected one number.", count
        )
    return say_count(
        "This has {count} number, expected {axes} numbers.",
        "This has {count} numbers, expected {axes} numbers.",
        count,
        axes=axes,
    )


def not_it(answer: Any, mistakes: list[tuple[str, str]]) -> Verdict:
    """Return the verdict on a wrong answer; `mistakes`: name and sentence of each that leads to it."""
    known: dict[str, str] = {}
    for name, message in mistakes:
        known.setdefault(name, message)  # of two with one name, the first
    message = say("{answer} is not it.", answer=in_short(answer))
    return Verdict(False, message, " or ".join(known), tuple(known.items()))


# ---- other questions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RealNumber:
    """A question for a number that may be `relative` off; `known` as in `whole_number`, to three digits."""

    expected: float
    relative: float
    known: Sequence[tuple[float, str, str]]

    def __call__(self, value: Any) -> Verdict:
        """Judge an answer."""
        value = plain_number(value)
        if not is_numeric(value) or np.ndim(value) > 0 or isinstance(value, (bool, np.bool_)):
            return Verdict(False, say("This is {kind}, expected a number.", kind=a_kind_of(value)), "form")
        value = float(value)
        if abs(value - self.expected) <= self.relative * abs(self.expected):
            return Verdict(True)
        near = [(name, message) for wrong, name, message in self.known if abs(value - wrong) <= 5e-4 * abs(wrong)]
        return replace(not_it(value, near), message=say("{answer} is not it.", answer=number(value)))

    def sentences(self) -> Iterator[str]:
        """Yield the English names and sentences of the wrong answers that are known."""
        for _, name, message in self.known:
            yield from (name, message)


def real_number(expected: float, relative: float, *known: tuple[float, str, str]) -> RealNumber:
    """Return a question for a number that may be `relative` off; `known` as in `whole_number`, to three digits."""
    return RealNumber(expected, relative, known)


@dataclass(frozen=True)
class Choice:
    """A question for one letter; `others`: the wrong letters, each with the reason why it is not the one."""

    right: str
    others: Mapping[str, str]

    def __call__(self, value: Any) -> Verdict:
        """Judge an answer."""
        letters = sorted([self.right, *self.others])
        typed = unicodedata.normalize("NFKC", value) if isinstance(value, str) else ""  # （c） is typed in Chinese
        letter = typed.strip().strip("().").lower()
        if letter not in letters:
            template = mark("This is {value}, expected one of the letters {letters}, as a text in quotation marks.")
            return Verdict(False, say(template, value=in_short(value), letters=listed(letters)), "form")
        if letter == self.right:
            return Verdict(True)
        return Verdict(
            False, say("Not {letter}: {reason}", letter=letter, reason=translated(self.others[letter])), letter
        )

    def sentences(self) -> Iterator[str]:
        """Yield the English reasons."""
        yield from self.others.values()


def choice(right: str, others: Mapping[str, str]) -> Choice:
    """Return a question for one letter; `others`: the wrong letters, each with the reason why it is not the one."""
    return Choice(right, others)


def _labelled(key: str, message: str) -> str:
    return say("{key}: {message}", key=key, message=message) if key else message


def _is_open(value: Any) -> bool:
    """Return whether a place in an answer is still as it was: `...`, None, or a collection with such a part."""
    if isinstance(value, (tuple, list)):
        return any(part is None or part is ... for part in value)
    return value is None or value is ...
