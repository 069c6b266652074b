"""`python -m app.local run | stop | reset | demo-day`; the Makefile calls it."""

import argparse
import sys

from app.local.commands import demo_day, reset, run, stop
from app.local.errors import LocalError, StopRequested

COMMANDS = {"run": run, "stop": stop, "reset": reset, "demo-day": demo_day}


def main() -> int:
    """Do one command; a foreseen problem is one message, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m app.local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = COMMANDS[parser.parse_args().command]
    try:
        command()
    except StopRequested:
        print("止まりました。", flush=True)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except PermissionError as error:
        owner = "別の利用者が作ったファイルのようです。"
        print(f"{error.filename} を使えません。{owner}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
