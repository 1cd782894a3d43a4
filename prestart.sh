#!/usr/bin/env bash
# Makes the database ready: waits for it, brings its tables up to date, adds the first data.
# It installs nothing and may run any number of times, also several at once.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"

# The Python on PATH if it has the dependencies (a container, an active environment), else ours.
if ! python scripts/has_dependencies.py 2>/dev/null; then
  PATH=$PWD/.venv/bin:$PATH
  if ! python scripts/has_dependencies.py 2>/dev/null; then
    echo "prestart: the dependencies are missing: run scripts/setup first" >&2
    exit 1
  fi
fi

exec python -m app.prestart
