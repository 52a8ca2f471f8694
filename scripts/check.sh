#!/bin/sh
# `npm run check`: everything that is checked without running the program.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
node_modules/.bin/tsc --noEmit
node_modules/.bin/biome ci .
bin/node scripts/check-layers.ts
