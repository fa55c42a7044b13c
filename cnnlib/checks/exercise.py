"""An exercise that asks for a function: trying it on random cases, and saying what is wrong."""

from __future__ import annotations

import dataclasses
import dis
import functools
import inspect
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .calling import Outcome, call_each, copied
from .comparing import (
    GENERAL,
    Difference,
    Mistake,
    a_kind_of,
    alike,
    difference,
    general_answer,
    short,
    shown,
)
from .result import Code, Result, Text

ALTOGETHER = 10.0  # seconds for all cases of one check

HINTS = {  # what an exception most often means here
    IndexError: "An index went past the end of an array: how many windows fit, and where does the last one begin?",
    NameError: "A name is used that nothing was assigned to, or it is misspelt.",
    RecursionError: "The function calls itself without end.",
}


ANOTHER_ANSWER = (
    "The same inputs give another answer at the second call: is something left over from the call before, or from "
    "`np.empty`? Make the arrays that you fill inside the function, with `np.zeros`."
)


class Case:
    """Arguments to try a function with: those without a name in front, then those with one."""

    def __init__(self, *values: Any, **by_name: Any) -> None:
        self.values, self.by_name = values, by_name

    def size(self) -> int:
        """Return how many numbers the arguments hold: the smallest case is the easiest one to look at."""
        return sum(_size(value) for value in [*self.values, *self.by_name.values()])

    def arguments(self, names: list[str]) -> dict[str, Any]:
        return dict(zip(names, self.values)) | self.by_name


@dataclass(frozen=True)
class Trial:
    """One case, what the function made of it, the right answer, and what is wrong (None: nothing)."""

    case: Case
    arguments: dict[str, Any]
    outcome: Outcome
    expected: Any
    problem: Difference | None


@dataclass(frozen=True, repr=False)
class FunctionExercise:
    """A function to write. Call it with that function: `checks.name(your_function)`.

    truth: the right function, with the signature that the exercise asks for. cases: gives the list of cases for a
    random generator. mistakes: the known ones, those with the most to say first. tried: what the cases are, for the
    message "right". explain: how a cell comes about, from (arguments, index of the cell, right answer).
    """

    name: str
    chapter: str
    truth: Callable[..., Any]
    cases: Callable[[np.random.Generator], list[Case]]
    mistakes: tuple[Mistake, ...]
    tried: str
    explain: Callable[[dict[str, Any], tuple[int, ...], Any], list[Text | Code]] | None = None
    seconds: float = 2.0  # for one call
    relative: float = 1e-9  # error that counts as rounding
    optional: bool = False  # a chapter may leave it out
    parts: tuple[str, ...] = ()  # what the values of an answer are called, where there are several

    def __call__(self, function: Any = None, seed: int | None = None) -> Result:
        """Check `function`; the random cases are new each time unless a `seed` is given."""
        if function is None or function is ...:
            return self._result("not yet", [Text("Write the function in the cell above, then run this cell again.")])
        name = _name_of(function)
        if not callable(function):
            says = f"This is {a_kind_of(function)}. Hand over the function itself, without brackets and arguments: "
            return self._result("wrong", [Text(f"{says}`checks.{self.name}(your_function)`.")])
        seed = secrets.randbelow(1_000_000) if seed is None else int(seed)
        cases = sorted(self.cases(np.random.default_rng(seed)), key=Case.size)
        if misfit := next(filter(None, (self._misfit(function, case) for case in cases)), ""):
            return self._result("wrong", [Text(misfit)], seed, mistake="arguments")
        # The first case comes once more at the end: does the function remember something?
        outcomes = self._outcomes(function, [*cases, cases[0]])
        if any(_is_not_yet(outcome, function) for outcome in outcomes):
            return self._result("not yet", [Text(f"Fill in `{name}` above, then run both cells again.")], seed)
        trials = [self._trial(case, outcome) for case, outcome in zip([*cases, cases[0]], outcomes)]
        *once, again = trials if len(trials) > len(cases) else [*trials, None]
        if any(trial.problem for trial in once):
            return self._wrong(name, function, once, seed)
        if again is None:
            says = f"The answers are right, but {len(cases)} small cases took more than {ALTOGETHER:g} seconds: "
            return self._result("wrong", [Text(f"{says}too slow. Is something computed again and again?")], seed)
        if again.problem:
            return self._remembers(name, again, seed)
        return self._result("right", [Text(f"{len(cases)} cases: {self.tried}")], seed)

    def __repr__(self) -> str:
        return f"checks.{self.name}(your_function), where your_function takes {self.signature}"

    @property
    def signature(self) -> str:
        """Return the arguments as an exercise writes them, without types: "(x, slope=0.01)"."""
        bare = [argument.replace(annotation=argument.empty) for argument in self._signature.parameters.values()]
        return str(inspect.Signature(bare))

    @property
    def argument_names(self) -> list[str]:
        return list(self._signature.parameters)

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.truth)

    # ---- one case

    def _misfit(self, function: Callable[..., Any], case: Case) -> str:
        """Return what is wrong with the arguments that `function` takes, "" if nothing is."""
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # functions written in C need not have one
            return ""
        try:
            signature.bind(*case.values, **case.by_name)
        except TypeError as error:
            return f"The function takes {signature}, expected {self.signature}: {error}."
        return ""

    def _outcomes(self, function: Callable[..., Any], cases: list[Case]) -> list[Outcome]:
        calls = [(case.arguments(self.argument_names), len(case.values)) for case in cases]
        return call_each(function, calls, self.seconds, ALTOGETHER)

    def _trial(self, case: Case, outcome: Outcome) -> Trial:
        arguments = case.arguments(self.argument_names)
        expected = self.truth(**copied(arguments))
        return Trial(case, arguments, outcome, expected, self._problem(outcome, expected))

    def _problem(self, outcome: Outcome, expected: Any) -> Difference | None:
        if outcome.time_up:
            return Difference("time", self._too_slow(outcome))
        if outcome.error_type is not None:
            return Difference("error", "The function ends with an error.")
        if outcome.changed:
            names = " and ".join(f"`{name}`" for name in outcome.changed)
            says = f"The function changes its argument {names}. Whoever calls it still needs the old numbers: "
            return Difference("changed", f"{says}work on a copy, or on a new array.")
        if outcome.value is None:
            return Difference("nothing", self._nothing(outcome))
        found = difference(outcome.value, expected, self.relative)
        for k, part in enumerate(self.parts if found else (), start=1):
            found = dataclasses.replace(found, says=found.says.replace(f"value {k} of the result", f"`{part}`"))
        return found

    def _too_slow(self, outcome: Outcome) -> str:
        says = f"The function was stopped after {self.seconds:g} seconds, for a case that takes far less than one. "
        says += "Is there a loop that never ends, such as a `while` whose condition stays true?"
        if outcome.still_running:
            says += " It could not be ended and is still running: restart the kernel."
        return says

    @staticmethod
    def _nothing(outcome: Outcome) -> str:
        if outcome.printed:
            return "The function prints something but gives nothing back: end it with `return` instead of `print`."
        return "The function gives None: is a `return` missing, or does one of its paths end without it?"

    # ---- what to say

    def _result(self, status: str, parts: list[Text | Code], seed: int | None = None, **more: Any) -> Result:
        return Result(self.name, status, tuple(parts), seed=seed, **more)

    def _wrong(self, name: str, function: Callable[..., Any], trials: list[Trial], seed: int) -> Result:
        failed = [trial for trial in trials if trial.problem]
        trial = failed[0]
        parts: list[Text | Code] = []
        mistake = None
        if trial.problem.kind not in ("changed", "nothing", "time"):
            mistake = self.named(trials)
            if mistake:
                parts.append(Text(f"The mistake: {mistake.name}. {mistake.says}", strong=mistake.name))
            elif likely := self.likely(failed):
                parts.append(likely)
        parts += self._report(name, trial)
        if self._is_different_again(function, trial):
            parts.append(Text(ANOTHER_ANSWER))
        if len(trials) > 1:
            parts.append(Text(f"Right: {len(trials) - len(failed)} of {len(trials)} cases."))
        parts.append(Text(f"The same numbers again: `checks.{self.name}({name}, seed={seed})`."))
        return self._about(trial, mistake.name if mistake else trial.problem.kind, parts, seed)

    def _remembers(self, name: str, trial: Trial, seed: int) -> Result:
        says = f"All cases came out right, but the first one, tried again, does not. {ANOTHER_ANSWER}"
        parts = [Text(says), *self._report(name, trial)]
        return self._about(trial, "left over from the call before", parts, seed)

    def _is_different_again(self, function: Callable[..., Any], trial: Trial) -> bool:
        """Return whether a second call with the same arguments gives something else."""
        if not trial.outcome.completed:
            return False
        again = self._outcomes(function, [trial.case])
        return bool(again) and again[0].completed and not alike(again[0].value, trial.outcome.value)

    def _about(self, trial: Trial, mistake: str, parts: list[Text | Code], seed: int) -> Result:
        got, expected = trial.outcome.value, trial.expected
        return self._result(
            "wrong", parts, seed, mistake=mistake, inputs=copied(trial.arguments), got=got, expected=expected
        )

    def _report(self, name: str, trial: Trial) -> list[Text | Code]:
        """Return what goes wrong in one case: the inputs, the call, the difference, how the cell comes about."""
        outcome, problem = trial.outcome, trial.problem
        arrays = {key: value for key, value in trial.arguments.items() if isinstance(value, (np.ndarray, dict))}
        call_text = ", ".join(
            key if key in arrays else f"{key}={short(value)}" for key, value in trial.arguments.items()
        )
        lines = [shown(key, value) for key, value in arrays.items()]
        parts: list[Text | Code] = [
            Text("The smallest case with a wrong answer:"),
            Code("\n".join([*lines, f"{name}({call_text})"])),
        ]
        if problem.kind == "error":
            parts.append(Text("It ends with an error" + (f" in line {outcome.line_number}:" if outcome.line else ":")))
            parts.append(Code("\n".join(filter(None, [outcome.line, outcome.error]))))
            hint = next((text for kind, text in HINTS.items() if issubclass(outcome.error_type, kind)), "")
            if hint:
                parts.append(Text(hint))
        else:
            parts.append(Text(_sentence(problem.says)))
        if problem.kind == "value" and self.explain:
            parts += self.explain(trial.arguments, problem.index or (), trial.expected)
        if outcome.warned:
            parts.append(Text(f"On the way there was a warning: {outcome.warned}"))
        if outcome.printed and problem.kind != "time":
            parts += [Text("It printed:"), Code(outcome.printed)]
        return parts

    # ---- naming mistakes

    def named(self, trials: list[Trial]) -> Mistake | None:
        """Return the first known mistake that explains all trials, the right ones too; None if there is none."""
        for mistake in self.mistakes:
            if all(self._explains(mistake, trial) for trial in trials):
                return mistake
        for mistake in GENERAL:
            if all(self._explains_in_general(mistake, trial) for trial in trials):
                return mistake
        return None

    def likely(self, failed: list[Trial]) -> Text | None:
        """Return the known mistake that explains at least half of what is wrong, for there may be two at once.

        Trials whose numbers are right, in a dtype that is not, say nothing about a mistake in the numbers.
        """
        failed = [trial for trial in failed if not alike(trial.outcome.value, trial.expected, self.relative)]
        best, most = None, 1
        for mistake in self.mistakes:
            count = sum(trial.outcome.completed and self._explains(mistake, trial) for trial in failed)
            if count > most and 2 * count >= len(failed):
                best, most = mistake, count
        if not best:
            return None
        cases = f"{most} of the {len(failed)} wrong cases come"
        says = f"Perhaps: {best.name}. {best.says} {cases} out as with this mistake; there may be another one."
        return Text(says, strong=best.name)

    def _explains(self, mistake: Mistake, trial: Trial) -> bool:
        try:
            answer = mistake.answer(**self.with_defaults(trial.arguments))
        except (IndexError, ValueError):
            return trial.outcome.error_type in (IndexError, ValueError)
        return trial.outcome.completed and alike(trial.outcome.value, answer, self.relative)

    def with_defaults(self, arguments: dict[str, Any]) -> dict[str, Any]:
        bound = self._signature.bind(**copied(arguments))
        bound.apply_defaults()
        return bound.arguments

    def _explains_in_general(self, mistake: Mistake, trial: Trial) -> bool:
        try:
            answer = general_answer(mistake, trial.expected)
        except (IndexError, ValueError, TypeError):
            return False
        return trial.outcome.completed and alike(trial.outcome.value, answer, self.relative)


# ---- small helpers --------------------------------------------------------------------------------------------------


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(part) for part in value.values())
    return int(np.size(value))


def _name_of(function: Any) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else "your_function"


def _is_not_yet(outcome: Outcome, function: Callable[..., Any]) -> bool:
    """Return whether the function is still a stub: it says so, gives `...`, or does nothing and gives None."""
    if outcome.error_type is not None:
        return issubclass(outcome.error_type, NotImplementedError)
    value = outcome.value
    parts = value if isinstance(value, (tuple, list)) else [value]
    if any(part is ... for part in parts):
        return True
    return outcome.completed and all(part is None for part in parts) and _does_nothing(function)


def _does_nothing(function: Callable[..., Any]) -> bool:
    """Return whether a function only returns a constant; `...`, `pass` and a docstring leave no other trace."""
    code = getattr(function, "__code__", None)
    quiet = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "BUILD_TUPLE", "COPY_FREE_VARS"}
    return code is not None and {step.opname for step in dis.get_instructions(code)} <= quiet


def _sentence(says: str) -> str:
    return says[:1].upper() + says[1:] + ("" if says[-1] in ".:?" else ".")
