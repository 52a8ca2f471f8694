#!/bin/sh
# Installs what the lock file names into node_modules, once. Any argument is handed to npm.
# Runs under whatever Node and npm the machine has (18 or newer); copse itself runs on the pinned Node.
set -eu
cd "$(dirname "$0")/.."
command -v npm >/dev/null || { echo "error[npm-missing]: copse is set up by npm, which is not on PATH" >&2
  echo " hint: on Debian: apt install npm" >&2; exit 1; }
stamp=node_modules/.copse-setup
wanted="$(cksum <package-lock.json) $*"
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0
# A full set-up also serves where the smaller one is asked for.
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(cksum <package-lock.json) " ] && exit 0
# So does what somebody installed by hand, if it is newer than the lock file.
if [ "$*" = --omit=dev ] && [ node_modules/.package-lock.json -nt package-lock.json ] && [ -d node_modules/openpgp ]; then exit 0; fi
echo "Installing the pinned Node and libraries (npm ci)" >&2
npm ci --no-fund --no-audit --loglevel=error "$@" >&2
printf '%s' "$wanted" >"$stamp"
sh scripts/bundle.sh || echo "note: no bundle could be made; copse runs from source, which starts more slowly" >&2
