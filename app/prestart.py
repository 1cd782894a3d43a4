"""All steps of prestart.sh."""

import sys

from app.ops.prestart import prestart

if __name__ == "__main__":
    sys.exit(prestart())
