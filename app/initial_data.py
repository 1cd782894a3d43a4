"""The last step of prestart.sh: create the first superuser and the first recipes."""

import sys

from app.ops.prestart import first_data

if __name__ == "__main__":
    sys.exit(first_data())
