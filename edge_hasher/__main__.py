"""`python -m edge_hasher` is the command `edge-hasher`."""

from edge_hasher.cli import main

main(prog_name="edge-hasher")
