#!/bin/sh
# `npm test`: sets everything up, then runs every test but those of `npm run test:real`, or those whose paths are given.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
COPSE_CPP_NIX=$(sh scripts/judge.sh)
export COPSE_CPP_NIX
if [ $# -eq 0 ]; then set -- 'src/**/*.test.ts' 'test/!(real)/**/*.test.ts'; fi
exec bin/node --disable-warning=ExperimentalWarning --test-concurrency=2 --test "$@"
