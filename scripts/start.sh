#!/bin/sh
# `npm start`: sets everything up, then runs the main job.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh --omit=dev
exec bin/copse run -f examples/volume-report/shell.nix -- python3 examples/volume-report/report.py
