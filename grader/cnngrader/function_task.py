"""A task that asks for a function: its cases, the criteria that they belong to, and what is said about it.

What is said to a student names mistakes and kinds of cases; the numbers of a hidden case are not told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import numpy as np

from cnncourse.checks.calling import Outcome, copied
from cnncourse.checks.comparing import USE_FLOOR_DIVISION, a_kind_of, difference, is_whole
from cnncourse.checks.exercise import FunctionExercise
from cnncourse.checks.hints import hint_for
from cnncourse.checks.matching import Case, Named, Trial

from . import results, serialization
from .received import Answer, Cells, Received, outcome
from .results import PART_AND_NAME, Part, TaskResult, part_in_words, round_down_to_half
from .task import OUTPUT_BYTES, AnsweredTask, Arguments, Criterion
from .wording import listed, say, translated

NOT_A_LINE = ("...", "pass", "return", "return None")  # what a function that does nothing may consist of
CHANGED_COSTS = 1.0  # points, and at most half of what was earned
STAND_IN = "NotThereWhileGrading"  # the kind of what stands in the sandbox for a package that is not there
PROBLEMS = {  # what a wrong result differs in, without the numbers
    "type": "{what} is not of the kind that the task asks for.",
    "dtype": "{what} has another dtype than the task asks for.",
    "shape": "{what} has the wrong shape.",
    "value": "{what} has wrong numbers.",
    "changed": "The function changes one of its arguments: whoever calls it still needs the old numbers.",
    "nothing": "The function gives None: is a `return` missing?",
    "open": "The function still gives `...`.",
    "time": "The function takes too long, and was stopped.",
    "error": "The function ends with an error.",
    "unreached": "The process ended before the function was done.",
    "unreadable": results.TEXTS["unreadable"],
}
MISTAKES = {  # the same in the teacher's table
    "type": "wrong kind of result",
    "dtype": "wrong dtype",
    "shape": "wrong shape",
    "value": "wrong numbers",
    "changed": "argument changed",
    "nothing": "nothing returned",
    "open": "not done",
    "time": "too slow, or endless",
    "error": "error",
    "unreached": "ended early",
    "unreadable": results.TEXTS["unreadable, in short"],
}
TEXTS = {
    "the result": "The result",
    "part": "`{part}`",
    "all right": "{count} cases: {cases}",
    "remembers": (
        "All cases came out right, but the first one, tried again, does not: is something left over from the call "
        "before? Make the arrays that you fill inside the function."
    ),
    "remembers, in short": "left over from the call before",
    "stub": "The function is still the stub: it gives nothing.",
    "prints": "It prints something: end it with `return` instead of `print`.",
    "smallest": "{problem} The smallest such case: {case}.",
    "count": "Right: {right} of {cases} cases.",
    "count and points": "Right: {right} of {cases} cases. Points for: {earned}.",
    "earned": "{name} ({points:g})",
    "try it": "`checks.{task}({answer})` in the notebook shows such a case with its numbers.",
    "not there": "{what} comes from a package that is not there while grading.",
    "kind": "{what} is {got}, expected {wanted}.",
    "kind of parts": "{what} is {got}, expected {wanted}: `{parts}`.",
    "array": "a NumPy array",
    "number": "a number ({kind})",
    "values": "{count} values",
    "and a hint": "{message} {hint}.",
    "error": "    {error}",
    "error in a line": "    line {line}: {source}\n    {error}",
    "error in a line of a cell": "    line {line} of {cell}: {source}\n    {error}",
    "shape of": "`{name}` of shape {shape}",
    "setting": "{name} {value}",
    "cases": "cases",
}


class Judged(NamedTuple):
    """One case, and what kind of problem it has: a key of PROBLEMS, "" for none."""

    trial: Trial
    problem: str


@dataclass(frozen=True)
class FunctionTask(AnsweredTask[FunctionExercise]):
    """A function to write.

    criteria: what the points are given for; without any, they are for the cases as a whole. finer: cases that are
    looked at only where all criteria are earned, so that a mistake costs nothing twice; their points are what a wrong
    one then costs. kind_of_case: words for a hidden case, from its arguments, that do not give its numbers away.
    """

    kind = "function"
    expects = FunctionExercise

    _: KW_ONLY
    criteria: tuple[Criterion, ...] = ()
    finer: tuple[Criterion, ...] = ()
    kind_of_case: Callable[[Arguments], str] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_points(self.criteria)
        for part, criteria in self.by_part().items():
            if [criterion.when for criterion in criteria].index(None) + 1 != len(criteria):
                raise ValueError(f"{self.name}: expected `when=None` for the last criterion, and for no other")
            if part and part not in self.exercise.parts:
                raise ValueError(f"{self.name}: got part {part!r}, expected one of {self.exercise.parts}")
        if any(one.when is None or one.part for one in self.finer) or (self.finer and not self.criteria):
            raise ValueError(f"{self.name}: expected criteria, and `when` without `part` for every finer one")

    def by_part(self) -> dict[str, list[Criterion]]:
        """Return the criteria by the result that they look at."""
        found: dict[str, list[Criterion]] = {}
        for criterion in self.criteria:
            found.setdefault(criterion.part, []).append(criterion)
        return found

    def rule(self) -> str:
        """Return how the points are given, as the text of the task says it; "" without criteria."""
        if not self.criteria:
            return ""
        told = [part for name, criteria in self.by_part().items() for part in _told(name, criteria)]
        costs = [f"that shows only for {one.name} costs {one.points:g}" for one in self.finer]
        finer = f" A mistake {', one '.join(costs)}." if costs else ""
        return f"**Points:** {', '.join(told)}.{finer}"

    def criterion_of(self, arguments: Arguments, part: str | None = None) -> Criterion | None:
        """Return what a case belongs to: a finer criterion, else the first that takes it, of those of one part."""
        among = [*self.finer, *(one for one in self.criteria if part is None or one.part == part)]
        return next((criterion for criterion in among if criterion.takes(arguments)), None)

    def describe_case(self, arguments: Arguments) -> str:
        """Return words for a hidden case that do not give its numbers away."""
        if self.kind_of_case:
            return self.kind_of_case(arguments)
        words = []
        if any(isinstance(value, np.ndarray) for value in arguments.values()):
            for name, value in arguments.items():
                if isinstance(value, np.ndarray):
                    words.append(say(TEXTS["shape of"], name=name, shape=" × ".join(map(str, value.shape)) or "()"))
                elif isinstance(value, (int, tuple, str)) and len(str(value)) < 40:
                    words.append(say(TEXTS["setting"], name=name, value=value))
        criterion = self.criterion_of(arguments)
        return listed(dict.fromkeys([*words, *([translated(criterion.name)] if criterion else [])]))

    # ---- what is asked of the sandbox

    def cases(self, seed: int) -> list[Case]:
        """Return the cases for `seed`, the smallest first, and that one once more at the end."""
        cases = sorted(self.exercise.cases(np.random.default_rng(seed)), key=Case.size)
        return [*cases, cases[0]]

    def arguments(self, case: Case) -> dict[str, Any]:
        """Return the arguments of a case by their names."""
        return case.arguments(self.exercise.argument_names)

    def calls(self, cases: list[Case], arrays: list[np.ndarray]) -> list[dict[str, Any]]:
        made = []
        for case in cases:
            pairs = [[name, serialization.as_tree(value, arrays)] for name, value in self.arguments(case).items()]
            made.append({"arguments": pairs, "positional": len(case.values)})
        return made

    def output_bytes(self, cases: list[Case]) -> int:
        right: list[np.ndarray] = []
        for case in cases:
            serialization.as_tree(self._right(case), right)
        return OUTPUT_BYTES + 4 * (sum(array.nbytes for array in right) + 1000 * len(cases))

    def _right(self, case: Case) -> Any:
        return self.exercise.reference_solution(**copied(self.arguments(case)))

    @property
    def call_seconds(self) -> float:
        return self.exercise.seconds

    def is_settled(self, first: TaskResult) -> bool:
        """A function that is too slow stays so."""
        return first.mistake == MISTAKES["time"] or super().is_settled(first)

    # ---- points

    def judge(self, received: Received, result: TaskResult) -> None:
        """Give the points of the criteria, and name the mistake."""
        answers = received.answers()
        *once, again = [self._judged(case, answers.get(number)) for number, case in enumerate(received.cases)]
        if all(problem in ("open", "nothing") for _, problem in once):
            _nothing(self, result, {problem for _, problem in once}, received.cells)
            return
        failed = [one for one in once if one.problem]
        result.points, result.parts = self._points(once)
        if not failed and again.problem and again.problem != "unreached":
            result.points, result.status = round_down_to_half(self.points / 2), "partly"
            result.say(translated(TEXTS["remembers"]), mistake=TEXTS["remembers, in short"])
            return
        if not failed:
            result.status = "right"
            result.say(say(TEXTS["all right"], count=len(once), cases=translated(self.exercise.cases_description)))
            return
        if any(trial.outcome.changed for trial, _ in once):
            result.points = round_down_to_half(result.points - min(CHANGED_COSTS, result.points / 2))
        result.status = "partly" if result.points else "wrong"
        _name_the_mistake(self, result, once, failed, received.cells)
        earned = [
            say(TEXTS["earned"], name=part_in_words(part["name"]), points=part["points"])
            for part in result.parts
            if part["points"] > 0
        ]
        key = "count and points" if earned and self.criteria else "count"
        right = len(once) - len(failed)
        result.paragraphs += [
            say(TEXTS[key], right=right, cases=len(once), earned=listed(earned)),
            say(TEXTS["try it"], task=self.name, answer=self.answer),
        ]

    def _judged(self, case: Case, answer: Answer | None) -> Judged:
        """Return what came of one case; None as the answer of a call that was not made."""
        arguments, expected = self.arguments(case), self._right(case)
        try:
            found = outcome(answer) if answer else Outcome(time_up=True)
        except serialization.Unreadable:
            return Judged(Trial(case, arguments, Outcome(time_up=True), expected, None), "unreadable")
        problem = None
        if answer is None:
            kind = "unreached"
        elif found.time_up:
            kind = "time"
        elif found.error_type is not None:
            kind = "error"
        elif found.value is None:
            kind = "nothing"
        elif _is_open(found.value):
            kind = "open"
        else:
            problem = difference(found.value, expected, self.exercise.relative)  # its words are not shown
            kind = problem.kind if problem else "changed" if found.changed else ""
        return Judged(Trial(case, arguments, found, expected, problem), kind)

    def _points(self, judged: list[Judged]) -> tuple[float, list[Part]]:
        """Return the points for the cases, and what they consist of."""
        if not self.criteria:
            right = sum(problem in ("", "changed") for _, problem in judged)
            # Not a share of the points for a share of the cases: they are drawn, so it would be more once, less once.
            points = float(self.points) if right == len(judged) else 0.0
            return points, [Part(name=TEXTS["cases"], points=points, of=self.points, right=right, cases=len(judged))]
        parts = []
        for criterion in self.criteria:
            held = self._held(criterion, judged, criterion.part)
            name = criterion.name or criterion.part
            if criterion.name and criterion.part:
                name = PART_AND_NAME.format(part=criterion.part, name=criterion.name)
            parts.append(_part(name, criterion.points if held and all(held) else 0.0, criterion.points, held))
        points = sum(part["points"] for part in parts)
        for finer in self.finer if points >= self.points else ():
            held = self._held(finer, judged)
            lost = 0.0 if all(held) else finer.points
            parts.append(_part(finer.name, 0.0 - lost, -finer.points, held))
            points -= lost
        return max(points, 0.0), parts

    def _held(self, criterion: Criterion, judged: list[Judged], part: str | None = None) -> list[bool]:
        """Return for each case of a criterion whether it came out right."""
        return [
            self._holds(criterion, one) for one in judged if self.criterion_of(one.trial.arguments, part) is criterion
        ]

    def _holds(self, criterion: Criterion, judged: Judged) -> bool:
        trial, problem = judged
        if problem in ("", "changed"):
            return True
        if not trial.outcome.completed or problem in ("open", "nothing"):
            return False
        value, names = trial.outcome.value, self.exercise.parts
        if criterion.part and isinstance(value, (tuple, list)) and len(value) <= len(names):
            k = names.index(criterion.part)
            if k < len(value) and difference(value[k], trial.expected[k], self.exercise.relative) is None:
                return True
        try:
            return criterion.holds is not None and bool(criterion.holds(trial.arguments, value, trial.expected))
        except Exception:  # what it is asked about is whatever a student's function gave
            return False


def _told(part: str, criteria: list[Criterion]) -> list[str]:
    each = [f"{one.points:g} for {one.name}" for one in criteria]
    if not part:
        return each
    total = sum(one.points for one in criteria)
    inside = ", ".join(each) if len(each) > 1 else criteria[0].name
    return [f"{total:g} for `{part}`" + (f" ({inside})" if inside else "")]


def _part(name: str, points: float, of: float, held: list[bool]) -> Part:
    return Part(name=name, points=points, of=of, right=sum(held), cases=len(held))


def _is_open(value: Any) -> bool:
    return value is ... or (isinstance(value, (tuple, list)) and bool(value) and all(part is ... for part in value))


# ---- what is said ---------------------------------------------------------------------------------------------------


def _nothing(task: FunctionTask, result: TaskResult, problems: set[str], cells: Cells) -> None:
    """Say that a function gives nothing: it is the stub, or somebody forgot to return what it works out."""
    defined = [text for text in cells.sources.values() if f"def {task.answer}" in text]
    if "open" in problems or (all(is_stub(text, task.stub) for text in cells.own) and len(defined) < 2):
        result.status = "not yet"
        result.say(translated(TEXTS["stub"]))
        return
    prints = "print(" in "\n".join([*cells.own, *defined])
    result.say(
        translated(PROBLEMS["nothing"]), *([translated(TEXTS["prints"])] if prints else []), mistake=MISTAKES["nothing"]
    )


def is_stub(source: str, stub: str) -> bool:
    """Return whether a cell does no more than the one that was handed out. It is read by lines and never parsed."""

    def bare(text: str) -> list[str]:
        lines = [line.strip() for line in text.splitlines()]
        return [line for line in lines if line and line not in NOT_A_LINE and not line.startswith("#")]

    return bare(source) in ([], bare(stub))


def _name_the_mistake(
    task: FunctionTask, result: TaskResult, once: list[Judged], failed: list[Judged], cells: Cells
) -> None:
    exercise = task.exercise
    trial, kind = next((one for one in failed if one.problem != "changed"), failed[0])
    matching = exercise.matching()
    certain: list[Named] = []
    if kind not in ("changed", "nothing", "open", "time", "unreached", "unreadable"):
        certain = matching.certain([one.trial for one in once])
    result.mistake = certain[0].mistake.name if certain else MISTAKES[kind]
    result.paragraphs += [exercise.sentence_on(one).text for one in certain]
    if not certain and kind in ("value", "shape", "error"):
        closest = exercise.closest_mistake([one.trial for one in failed if one.problem != "changed"])
        result.paragraphs += [closest.text] if closest else []
    wrong = matching.wrong_parts([one.trial for one in once])
    result.paragraphs += [sentence.text for sentence in exercise.which_part(wrong)]
    problem, case = _problem(exercise, trial, kind), task.describe_case(trial.arguments)
    result.paragraphs.append(say(TEXTS["smallest"], problem=problem, case=case) if case else problem)
    if kind == "error":
        result.paragraphs += _line(trial.outcome, cells)


def _problem(exercise: FunctionExercise, trial: Trial, kind: str) -> str:
    """Return what the result of a case differs in."""
    got, expected, what = trial.outcome.value, trial.expected, translated(TEXTS["the result"])
    if trial.problem and trial.problem.part is not None and exercise.parts:
        part = trial.problem.part
        got, expected, what = got[part], expected[part], say(TEXTS["part"], part=exercise.parts[part])
    if kind != "type":
        return say(PROBLEMS[kind], what=what)
    if type(got).__name__ == STAND_IN:
        return say(TEXTS["not there"], what=what)
    key = "kind of parts" if isinstance(expected, tuple) else "kind"
    parts = ", ".join(exercise.parts)
    message = say(TEXTS[key], what=what, got=_kind(got), wanted=_kind(expected), parts=parts)
    if is_whole(expected) and isinstance(got, float):
        return say(TEXTS["and a hint"], message=message, hint=translated(USE_FLOOR_DIVISION))
    return message


def _line(found: Outcome, cells: Cells) -> list[str]:
    """Return the line of a cell that ends with an error, the error, and what it most often means."""
    lines, number = cells.sources.get(found.line, "").splitlines(), found.line_number or 0
    known = {"error": found.error, "line": number, "cell": cells.name(found.line)}
    if 0 < number <= len(lines):
        key = "error in a line of a cell" if known["cell"] else "error in a line"
        text = say(TEXTS[key], source=lines[number - 1].strip(), **known)
    else:
        text = say(TEXTS["error"], **known)
    hint = hint_for(found)
    return [text, *([hint] if hint else [])]


def _kind(value: Any) -> str:
    """Return what a value is, in words, without its numbers."""
    if isinstance(value, np.ndarray):
        return translated(TEXTS["array"])
    if isinstance(value, (bool, int, float, np.generic)):
        return say(TEXTS["number"], kind=type(value).__name__)
    if isinstance(value, tuple):
        return say(TEXTS["values"], count=len(value))
    return a_kind_of(value)
