#!/usr/bin/env bash
# Sets up what is missing, makes the database ready and serves. Settings: .env.example
set -euo pipefail

# Each step is a process group of its own, so that a stop signal ends all of it, and then us.
run() {
  set -m
  "$@" &
  set +m
  wait $!
}
stop() {
  trap '' TERM INT
  local job
  for job in $(jobs -p); do kill -TERM -- "-$job" || true; done
  wait
  exit "$1"
}
trap 'stop 0' TERM
trap 'stop 130' INT

cd "$(dirname "$(realpath "$0")")"

# A container and an active environment have the dependencies already.
if ! python scripts/has_dependencies.py 2>/dev/null; then
  run scripts/setup --only main
  PATH=$PWD/.venv/bin:$PATH
fi
run ./prestart.sh

# A stop signal that comes while Python starts waits until there is a handler for it.
hold=(env --block-signal=TERM)
"${hold[@]}" true 2>/dev/null || hold=() # Only GNU's env can do that.
exec "${hold[@]}" python -m app.serving.supervisor
