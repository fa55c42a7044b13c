"""An exercise that asks for a function: trying it on random cases, and saying what is wrong."""

from __future__ import annotations

import dis
import functools
import inspect
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..language import joined, listed, mark, say, translated
from .calling import PATIENCE, Outcome, call_each, copied
from .comparing import Difference, Mistake, a_kind_of, alike, difference, differs_again, in_short, short, shown
from .hints import hint_for
from .matching import Case, Matching, Named, Trial
from .result import Code, Result, Text

__all__ = ["Case", "FunctionExercise", "Trial"]

TOTAL_TIMEOUT = 10.0  # seconds for all cases of one check
ANOTHER_ANSWER = mark(
    "The same inputs give another answer at the second call: is something left over from the call before, or from "
    "`np.empty`? Make the arrays that you fill inside the function, with `np.zeros`."
)
Explain = Callable[[dict[str, Any], tuple[int, ...], Any], list[Text | Code]]


@dataclass(frozen=True, repr=False)
class FunctionExercise:
    """A function to write. Call it with that function: `checks.name(your_function)`.

    reference_solution: the right function, with the signature that the exercise asks for. cases: gives the list of
    cases for a random generator. mistakes: the known ones, those with the most to say first. cases_description: what
    the cases are, for the message "right". explain: how a cell comes about, from (arguments, index of the cell, right
    answer).
    """

    name: str
    chapter: str
    reference_solution: Callable[..., Any]
    cases: Callable[[np.random.Generator], list[Case]]
    mistakes: Sequence[Mistake]
    cases_description: str
    explain: Explain | None = None
    seconds: float = 2.0  # for one call
    relative: float = 1e-9  # error that counts as rounding
    optional: bool = False  # a chapter may leave it out
    parts: tuple[str, ...] = ()  # what the values of an answer are called, where there are several
    drawn: bool = True  # whether each seed draws other cases; else they are always the same

    def __call__(self, function: Any = None, seed: int | None = None) -> Result:
        """Check `function`; the random cases are new each time unless a `seed` is given."""
        if function is None or function is ...:
            return self.result(
                "not yet", [Text(say("Write the function in the cell above, then run this cell again."))]
            )
        name = _name_of(function)
        if not callable(function):
            message = say(
                "This is {kind}. Hand over the function itself, without brackets and arguments: "
                "`checks.{name}(your_function)`.",
                kind=a_kind_of(function),
                name=self.name,
            )
            return self.result("wrong", [Text(message)])
        if seed is not None and not (isinstance(seed, (int, np.integer)) and seed >= 0):
            message = say("`seed` is {seed}, expected a whole number from 0 on.", seed=in_short(seed))
            return self.result("wrong", [Text(message)])
        seed = secrets.randbelow(1_000_000) if seed is None else int(seed)
        cases = sorted(self.cases(np.random.default_rng(seed)), key=Case.size)
        if misfit := next(filter(None, (self._misfit(function, case) for case in cases)), ""):
            return self.result("wrong", [Text(misfit)], seed, mistake="arguments")
        # The first case comes once more at the end: does the function remember something?
        outcomes = self._outcomes(function, [*cases, cases[0]])
        if any(_is_not_yet(outcome, function) for outcome in outcomes):
            message = say("Fill in `{name}` above, then run both cells again.", name=name)
            return self.result("not yet", [Text(message)], seed)
        trials = [self._trial(case, outcome) for case, outcome in zip([*cases, cases[0]], outcomes)]
        once, again = trials[: len(cases)], trials[len(cases) :]
        if any(trial.problem for trial in once):
            return self.wrong(name, function, once, seed)
        if not again:
            message = say(
                "The answers are right, but {count} small cases took more than {seconds:g} seconds: too slow. Is "
                "something computed again and again?",
                count=len(cases),
                seconds=TOTAL_TIMEOUT,
            )
            return self.result("wrong", [Text(message)], seed)
        if again[0].problem:
            return self._remembers(name, again[0], again[0].problem, seed)
        message = say("{count} cases: {what}", count=len(cases), what=translated(self.cases_description))
        return self.result("right", [Text(message)], seed)

    def __repr__(self) -> str:
        return f"checks.{self.name}(your_function), where your_function takes {self.signature}"

    @property
    def signature(self) -> str:
        """Return the arguments as an exercise writes them, without types: "(x, slope=0.01)"."""
        bare = [argument.replace(annotation=argument.empty) for argument in self.parameters]
        return str(inspect.Signature(bare))

    @property
    def parameters(self) -> list[inspect.Parameter]:
        return list(self._signature.parameters.values())

    @property
    def argument_names(self) -> list[str]:
        return list(self._signature.parameters)

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.reference_solution)

    def with_defaults(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return a copy of `arguments` with the defaults of those that are not there."""
        bound = self._signature.bind(**copied(arguments))
        bound.apply_defaults()
        return dict(bound.arguments)

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
            template = mark("The function takes {signature}, expected {expected}: {error}.")
            return say(template, signature=signature, expected=self.signature, error=error)
        return ""

    def _outcomes(self, function: Callable[..., Any], cases: list[Case]) -> list[Outcome]:
        calls = [(case.arguments(self.argument_names), len(case.values)) for case in cases]
        return call_each(function, calls, self.seconds, TOTAL_TIMEOUT)

    def _trial(self, case: Case, outcome: Outcome) -> Trial:
        arguments = case.arguments(self.argument_names)
        expected = self.reference_solution(**copied(arguments))
        return Trial(case, arguments, outcome, expected, self._problem(outcome, expected, arguments))

    def _problem(self, outcome: Outcome, expected: Any, arguments: dict[str, Any]) -> Difference | None:
        if outcome.time_up:
            return Difference("time", self._too_slow(outcome))
        if outcome.error_type is not None:
            return Difference("error", say("The function ends with an error."))
        if outcome.changed:
            first, *others = outcome.changed
            names = f"`{first}`"
            for other in others:
                names = say("{first} and `{second}`", first=names, second=other)
            message = say(
                "The function changes its argument {names}. Whoever calls it still needs the old numbers: work on a "
                "copy, or on a new array.",
                names=names,
            )
            return Difference("changed", message)
        if outcome.value is None:
            return Difference("nothing", self._nothing(outcome))
        if _whole_of_whole(outcome.value, arguments) and alike(outcome.value, expected, self.relative):
            return None
        return difference(outcome.value, expected, self.relative, parts=self.parts)

    def _too_slow(self, outcome: Outcome) -> str:
        message = say(
            "The function was stopped after {seconds:g} seconds, for a case that takes far less than one. Is there a "
            "loop that never ends, such as a `while` whose condition stays true?",
            seconds=self.seconds,
        )
        if outcome.waited:
            message = say(
                "The function was stopped after {seconds:g} seconds, in which it hardly computed anything. Does it "
                "wait for something, as with `input` or `time.sleep`?",
                seconds=PATIENCE * self.seconds,
            )
        if outcome.still_running:
            message = joined([message, say("It could not be ended and is still running: restart the kernel.")])
        return message

    @staticmethod
    def _nothing(outcome: Outcome) -> str:
        if outcome.printed:
            return say("The function prints something but gives nothing back: end it with `return` instead of `print`.")
        return say("The function gives None: is a `return` missing, or does one of its paths end without it?")

    # ---- what to say

    def result(self, status: str, parts: Sequence[Text | Code], seed: int | None = None, **more: Any) -> Result:
        """Return a result of this exercise."""
        return Result(self.name, status, tuple(parts), seed=seed, **more)

    def wrong(self, name: str, function: Callable[..., Any], trials: list[Trial], seed: int) -> Result:
        """Return the result where some cases came out wrong: the mistake, the smallest case, how to repeat it."""
        failed = [trial for trial in trials if trial.problem]
        trial, problem = failed[0], failed[0].problem
        assert problem is not None
        parts: list[Text | Code] = []
        certain: list[Named] = []
        if problem.kind not in ("changed", "nothing", "time"):
            matching = self.matching()
            certain = matching.certain(trials)
            parts += [self.sentence_on(one) for one in certain]
            if not certain and (likely := matching.likely(failed)):
                parts.append(self._perhaps(*likely, len(failed)))
            parts += self.which_part(matching.wrong_parts(trials))
        parts += self._report(name, trial, problem)
        if self._is_different_again(function, trial):
            parts.append(Text(translated(ANOTHER_ANSWER)))
        if len(trials) > 1:
            template = mark("Right: {count} of {all} cases.")
            parts.append(Text(say(template, count=len(trials) - len(failed), all=len(trials))))
        if self.drawn:
            call = f"`checks.{self.name}({name}, seed={seed})`"
            parts.append(Text(say("The same numbers again: {call}.", call=call)))
        return self._about(trial, certain[0].mistake.name if certain else problem.kind, parts, seed)

    def sentence_on(self, named: Named) -> Text:
        """Return a sentence on a mistake that is certain."""
        name, message = named.mistake.said_name(), named.mistake.said()
        if named.part is None:
            return Text(say("The mistake: {name}. {message}", name=name, message=message), strong=name)
        part = self.parts[named.part]
        template = mark("The mistake in `{part}`: {name}. {message}")
        return Text(say(template, part=part, name=name, message=message), strong=name)

    def _perhaps(self, named: Named, explained: int, failed: int) -> Text:
        name, message = named.mistake.said_name(), named.mistake.said()
        if named.part is None:
            perhaps = say("Perhaps: {name}. {message}", name=name, message=message)
        else:
            template = mark("Perhaps in `{part}`: {name}. {message}")
            perhaps = say(template, part=self.parts[named.part], name=name, message=message)
        count = say(
            "{explained} of the {failed} wrong cases come out as with this mistake; there may be another one.",
            explained=explained,
            failed=failed,
        )
        return Text(joined([perhaps, count]), strong=name)

    def which_part(self, wrong: list[int]) -> list[Text]:
        """Return a sentence that says which of several results are wrong, and which are right."""
        if not wrong or len(wrong) == len(self.parts):
            return []
        names = [f"`{part}`" for part in self.parts]
        those = [name for k, name in enumerate(names) if k in wrong]
        others = [name for k, name in enumerate(names) if k not in wrong]
        template = mark("Wrong: {wrong}. Right in all cases: {right}.")
        return [Text(say(template, wrong=listed(those), right=listed(others)))]

    def _remembers(self, name: str, trial: Trial, problem: Difference, seed: int) -> Result:
        message = say("All cases came out right, but the first one, tried again, does not.")
        parts = [Text(joined([message, translated(ANOTHER_ANSWER)])), *self._report(name, trial, problem)]
        return self._about(trial, "left over from the call before", parts, seed)

    def _is_different_again(self, function: Callable[..., Any], trial: Trial) -> bool:
        """Return whether a second call with the same arguments gives something else."""
        if not trial.outcome.completed:
            return False
        again = self._outcomes(function, [trial.case])
        return bool(again) and again[0].completed and differs_again(again[0].value, trial.outcome.value)

    def _about(self, trial: Trial, mistake: str, parts: list[Text | Code], seed: int) -> Result:
        got, expected = trial.outcome.value, trial.expected
        return self.result(
            "wrong", parts, seed, mistake=mistake, inputs=copied(trial.arguments), got=got, expected=expected
        )

    def _report(self, name: str, trial: Trial, problem: Difference) -> list[Text | Code]:
        """Return what goes wrong in one case: the inputs, the call, the difference, how the cell comes about."""
        outcome = trial.outcome
        arrays = {key: value for key, value in trial.arguments.items() if isinstance(value, (np.ndarray, dict))}
        call_text = ", ".join(
            key if key in arrays else f"{key}={short(value)}" for key, value in trial.arguments.items()
        )
        lines = [shown(key, value) for key, value in arrays.items()]
        parts: list[Text | Code] = [
            Text(say("The smallest case with a wrong answer:")),
            Code("\n".join([*lines, f"{name}({call_text})"])),
        ]
        if problem.kind == "error":
            place = say("It ends with an error in line {line}:", line=outcome.line_number)
            parts.append(Text(place if outcome.line else say("It ends with an error:")))
            parts.append(Code("\n".join(filter(None, [outcome.line, outcome.error]))))
            hint = hint_for(outcome)
            parts += [Text(hint)] if hint else []
        else:
            parts.append(Text(_sentence(problem.message)))
        if problem.kind == "value" and self.explain:
            parts += self.explain(trial.arguments, problem.index or (), trial.expected)
        if outcome.warned:
            parts.append(Text(say("On the way there was a warning: {warning}", warning=outcome.warned)))
        if outcome.printed and problem.kind != "time":
            parts += [Text(say("It printed:")), Code(outcome.printed)]
        return parts

    def sentences(self) -> Iterator[str]:
        """Yield the English of everything that this exercise knows to say, in the order of its file."""
        yield self.cases_description
        for mistake in self.mistakes:
            for one in mistake.of or (mistake,):
                yield from (one.name, one.message)

    # ---- naming mistakes

    def matching(self) -> Matching:
        """Return what finds the known mistake behind an answer."""
        return Matching(self.mistakes, self._signature, self.relative, len(self.parts))

    def closest_mistake(self, failed: list[Trial]) -> Text | None:
        """Return a sentence on the known mistake that explains the smallest case and at least half of the others."""
        likely = self.matching().likely(failed)
        return self._perhaps(*likely, len(failed)) if likely else None


# ---- small helpers --------------------------------------------------------------------------------------------------


def _name_of(function: Any) -> str:
    name = getattr(function, "__name__", "")
    return name if isinstance(name, str) and name.isidentifier() else "your_function"


def _whole_of_whole(value: Any, arguments: dict[str, Any]) -> bool:
    """Return whether a result is an array of whole numbers, as all arrays are that it was made of."""
    arrays = [value, *(one for one in arguments.values() if isinstance(one, np.ndarray))]
    return len(arrays) > 1 and all(type(one) is np.ndarray and one.dtype.kind in "iu" for one in arrays)


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


def _sentence(message: str) -> str:
    begun = message[:1].upper() + message[1:]
    return begun if message[-1] in ".:?。：？" else say("{sentence}.", sentence=begun)
