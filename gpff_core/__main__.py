"""`python -m gpff_core`."""

import sys

from gpff_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
