"""The command `edge-hasher`, also as `python -m edge_hasher`."""

import sys


def main() -> None:
    """Run the command line. Without the packages of the extra `cli`, say so and exit with 2."""
    try:
        from edge_hasher.cli import main as command_line  # noqa: PLC0415 - needs the extra

        command_line(prog_name="edge-hasher")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("edge_hasher"):
            raise  # a fault of our own
        sys.stderr.write("edge-hasher needs the extra 'cli': pip install 'edge-hasher[cli]'\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
