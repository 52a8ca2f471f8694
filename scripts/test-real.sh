#!/bin/sh
# `npm run test:real`: what only the registries that this machine is configured for can show. Without one it is skipped.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
if [ $# -eq 0 ]; then set -- 'test/real/*.test.ts'; fi
exec bin/node --disable-warning=ExperimentalWarning --test-concurrency=1 --test "$@"
