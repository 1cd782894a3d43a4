"""The first step of prestart.sh: wait until the database answers."""

import sys

from app.ops.prestart import wait

if __name__ == "__main__":
    sys.exit(wait())
