"""`python -m benchmarks`: measure everything, then render the plots and the report."""

from benchmarks.command import main

main()
