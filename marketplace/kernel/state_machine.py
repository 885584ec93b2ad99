"""State machines as tables: who may go where, by which verb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from marketplace.kernel.refusals import IllegalMove


@dataclass(frozen=True)
class Machine:
    """A finite table {(state, verb): next state}; feeds `move`, buttons, the API's `verbs`, constraints and docs."""

    name: str
    moves: Mapping[tuple[Any, str], StrEnum]

    def after(self, state: str, verb: str) -> StrEnum:
        """Return the state that `verb` leads to from `state`.

        :raises IllegalMove: the table has no such move.
        """
        try:
            return self.moves[(state, verb)]
        except KeyError:
            raise IllegalMove(machine=self.name, state=str(state), verb=verb) from None

    def verbs(self, state: str) -> list[str]:
        """Return the verbs open in `state`, in table order."""
        return [verb for (origin, verb) in self.moves if origin == state]

    def states(self) -> list[str]:
        """Return every state the table knows, in the order of first mention."""
        seen: dict[str, None] = {}
        for (origin, _), target in self.moves.items():
            seen.setdefault(str(origin))
            seen.setdefault(str(target))
        return list(seen)

    def mermaid(self) -> str:
        """Return the table as a Mermaid state diagram, for the docs."""
        rows = [f"    {origin} --> {target}: {verb}" for (origin, verb), target in self.moves.items()]
        return "\n".join(["stateDiagram-v2", *rows])
