"""The one family of errors a use case may raise on purpose.

A refusal is an answer, not an accident: somebody asked for what the rules do not allow. Doors turn it into a reply
(problem+json, a form error, exit code 1); whatever is not a Refusal is a bug and must surface as one.
"""

from __future__ import annotations

from typing import ClassVar

from marketplace.kernel.words import gettext_noop


class Refusal(Exception):
    """A request that the rules turn down.

    `code` is stable, machine-readable and part of the public API. `facts` hold the numbers that explain it; `words` is
    a template over them, which a door translates. `status` is the HTTP status of the answer: 409 unless the family says
    otherwise.
    """

    code: ClassVar[str] = "refused"
    words: ClassVar[str] = gettext_noop("This is not possible now.")
    status: ClassVar[int] = 409

    def __init__(self, **facts: object) -> None:
        super().__init__(f"{self.code}: " + ", ".join(f"{key}={value}" for key, value in facts.items()))
        self.facts = facts


class IllegalMove(Refusal):
    """The state machine has no such move from here."""

    code = "illegal_move"
    words = gettext_noop("A {machine} that is {state} cannot take this step ({verb}).")


class StaleWrite(Refusal):
    """Somebody else moved the thing first: read it again and decide anew."""

    code = "stale_write"
    words = gettext_noop("Somebody changed {ref} meanwhile. Look at it again, then decide.")


class NotFound(Refusal):
    """There is no such thing, or none that the asker may know of."""

    code = "not_found"
    words = gettext_noop("There is no {what} {ref}.")
    status = 404


class NotAllowed(Refusal):
    """The asker may see the thing and may not do this to it."""

    code = "not_allowed"
    words = gettext_noop("You may not do this: {why}.")
    status = 403


class BadValue(Refusal):
    """A value that cannot be what it claims to be; facts name the place, the value and the reason."""

    code = "bad_value"
    words = gettext_noop("{place}: {value} is refused: {reason}.")
    status = 400
