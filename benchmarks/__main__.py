"""`make bench`, or `python -m benchmarks NAME …`: run measurements and print a table each."""

import os
import sys

from benchmarks import cycle, start

ALL = {"start": start.main, "cycle": cycle.main}

if __name__ == "__main__":
    for name in sys.argv[1:] or list(ALL):
        print(f"\n## {name}   (load average {', '.join(f'{load:.1f}' for load in os.getloadavg())})\n", flush=True)
        ALL[name]()
