"""
``python -m stack run | stop | status | env``: the embedded stack.

Exit codes: 0 well, 1 the stack is not (fully) up, 2 something is missing here or in the way, 130 interrupted.
"""

from __future__ import annotations

import argparse
import errno
import sys

from stack.commands import COMMANDS
from stack.errors import StackError
from stack.settings import load


def main() -> int:
    """Run one subcommand; what is in the way is said in one line."""
    parser = argparse.ArgumentParser(prog="python -m stack", description="The shop and its logs on this machine.")
    subcommands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        subcommands.add_parser(name, help=(command.__doc__ or "").strip().splitlines()[0])
    name = parser.parse_args().command
    try:
        return COMMANDS[name](load())
    except StackError as error:
        print(f"stack: {error}", file=sys.stderr)
    except OSError as error:
        cure = "Make room on that disk" if error.errno == errno.ENOSPC else "Is it yours, and may you write there"
        print(f"stack: {error.filename}: {error.strerror}. {cure}?", file=sys.stderr)
    except KeyboardInterrupt:
        print("stack: interrupted before anything was started", file=sys.stderr)
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main())
