"""Who asks: a person, acting for one organisation, with the roles held there."""

from __future__ import annotations

from dataclasses import dataclass, field

from marketplace.kernel.refusals import NotAllowed


@dataclass(frozen=True)
class Actor:
    """The asker as doors pass it on.

    by             how the audit trail names the person: `user:lin`, `system:settlement`
    organisation   the ref of the organisation acted for, empty for nobody's member
    roles          what that organisation's member may do here: buyer, supplier, factory, financier, approver
    staff          whether the platform employs the person
    """

    by: str
    organisation: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    staff: bool = False

    def must(self, role: str) -> None:
        """Pass when the asker holds `role`.

        :raises NotAllowed: it does not.
        """
        if role not in self.roles:
            raise NotAllowed(why=f"needs the role {role}", role=role)


NOBODY = Actor(by="anonymous")
