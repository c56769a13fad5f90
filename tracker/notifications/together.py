"""Several threads ask for alike, one of them does it for all that wait: a commit shared by many."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Asked(Generic[Question, Answer]):
    question: Question
    answer: Answer | None = None
    error: Exception | None = None
    is_done: bool = False


class Together(Generic[Question, Answer]):
    """Whoever gets the turn answers everything asked until then; nobody waits for company.

    `answer_all` returns one answer for each question, in order. When it raises, each question is
    tried alone, so that the fault of one stops no other; whose it is gets the error.
    """

    def __init__(
        self,
        answer_all: Callable[[Sequence[Question]], Sequence[Answer]],
        turn: AbstractContextManager[Any],
    ) -> None:
        self._answer_all = answer_all
        self._turn = turn
        self._mine = threading.Lock()  # one at a time, also where the database lets many in
        self._waiting: list[_Asked[Question, Answer]] = []
        self._list = threading.Lock()

    def ask(self, question: Question) -> Answer:
        """Return the answer, given by this thread or by another."""
        asked = _Asked[Question, Answer](question)
        with self._list:
            self._waiting.append(asked)
        with self._mine:
            if not asked.is_done:
                with self._turn:
                    self._answer(self._taken())
        if asked.error is not None:
            raise asked.error
        return asked.answer  # type: ignore[return-value]  # whoever is done has one

    def _taken(self) -> list[_Asked[Question, Answer]]:
        with self._list:
            taken, self._waiting = self._waiting, []
        return taken

    def _answer(self, all_asked: list[_Asked[Question, Answer]]) -> None:
        try:
            answers = self._answer_all([asked.question for asked in all_asked])
            for asked, answer in zip(all_asked, answers, strict=True):
                asked.answer, asked.is_done = answer, True
        except Exception as error:
            if len(all_asked) == 1:
                all_asked[0].error, all_asked[0].is_done = error, True
                return
            for asked in all_asked:
                self._answer([asked])
