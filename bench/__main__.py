"""Run one bench by name and print its figures as one line of JSON."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """Return the benches there are: the modules of this folder that have a `run`."""
    return sorted(path.stem for path in HERE.glob("[a-z]*.py") if "\ndef run(" in path.read_text(encoding="utf-8"))


def main(argv: list[str]) -> int:
    """Run the bench named first with the options that follow."""
    sys.path.insert(0, str(HERE.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    if not argv or argv[0] not in names():
        print(f"usage: python -m bench NAME [options]; NAME is one of: {', '.join(names())}", file=sys.stderr)
        return 2
    bench = importlib.import_module(f"bench.{argv[0]}")
    print(json.dumps(bench.run(argv[1:]), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
