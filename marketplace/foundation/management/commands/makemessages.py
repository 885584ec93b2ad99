"""Django's own command, told that our templates of refusals hold {facts} and are no printf formats."""

from __future__ import annotations

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    xgettext_options = [*makemessages.Command.xgettext_options, "--flag=gettext_noop:1:no-python-format"]
