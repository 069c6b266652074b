"""Many things done one after the other; one that fails stops no other."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")


def each(things: Iterable[Thing], work: Callable[[Thing], bool]) -> int:
    """Do `work` for each of them and return for how many it said yes.

    What went wrong is raised, as a group, when all had their turn.
    """
    done, wrong = 0, []
    for thing in things:
        try:
            done += work(thing)
        except Exception as error:
            error.add_note(f"{thing}")
            wrong.append(error)
    if wrong:
        raise ExceptionGroup(f"{len(wrong)} failed, {done} were done", wrong)
    return done
