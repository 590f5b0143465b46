"""The command `edge-hasher`, also as `python -m edge_hasher`."""

import os
import signal
import sys


def main() -> None:
    """Run the command line. A missing package is named and ends it with 2; Ctrl-C, even while it starts, with 130."""
    code: object = 130  # what a shell reports for a program that Ctrl-C ended
    try:
        from edge_hasher.cli import main as command_line  # noqa: PLC0415 - needs the extra

        command_line(prog_name="edge-hasher")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("edge_hasher"):
            raise  # a fault of our own
        code = 2
        print(_missing(str(error.name).partition(".")[0]), file=sys.stderr)  # noqa: T201 - it may be closed
    except SystemExit as ended:
        code = ended.code
    except KeyboardInterrupt:
        print("edge-hasher: interrupted", file=sys.stderr)  # noqa: T201 - it may be closed
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # from here on, Ctrl-C would only interrupt the interpreter's own end
    if code in {130, 143}:
        sys.stdout.flush()
        os._exit(int(str(code)))  # without waiting for the calls that other threads still make
    sys.exit(code)  # type: ignore[arg-type]  # it is what another sys.exit() was given


def _missing(package: str) -> str:
    from importlib import metadata  # noqa: PLC0415 - seldom needed

    if package == "click":
        return "edge-hasher needs the extra 'cli': pip install 'edge-hasher[cli]'"
    wanted = " ".join(metadata.requires("edge-hasher") or ())
    install = "'edge-hasher[cli]'" if package.replace("_", "-") in wanted else package
    return f"edge-hasher: the Python package {package} is not installed: pip install {install}"


if __name__ == "__main__":
    main()
