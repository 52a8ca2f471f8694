#!/bin/sh
# Bundles the program into a few files, which load several times faster than some three hundred. Takes a fraction of
# a second; bin/copse calls it whenever a source file is newer than the bundle. Without it, or where this folder may
# not be written, copse runs from src all the same.
#
# A bundle is a folder of its own that is never changed, and dist/current leads to the newest: a process that still
# runs from an older one finds all its files. `bundle.sh packed` makes dist/packed-… instead, which npm's package holds.
set -eu
cd "$(dirname "$0")/.."
case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) exit 1 ;; esac
esbuild=node_modules/@esbuild/linux-$arch/bin/esbuild
[ -x "$esbuild" ] || exit 1
name=${1:-build}-$(date +%s)-$$
mkdir -p dist
[ "${1-}" != packed ] || rm -rf dist/packed-*
trap 'rm -f "dist/$name.stamp"' EXIT
# Before reading the sources: what is edited meanwhile is newer.
touch "dist/$name.stamp"
"$esbuild" src/cli/main.ts src/fetch/bridge-worker.ts src/root/root-worker.ts src/store/trees/tree-worker.ts \
  src/store/trees/hash-worker.ts src/store/gc/root-sender-worker.ts src/resolve/service-worker.ts src/build/service-thread.ts \
  --bundle --splitting --format=esm --platform=node --target=node24 --outbase=src --outdir="dist/$name" \
  --chunk-names=chunks/[name]-[hash] --external:openpgp --external:xz-decompress --external:yaml --log-level=error
mv "dist/$name.stamp" "dist/$name/stamp"
[ "${1-}" != packed ] || exit 0
ln -s "$name" "dist/$name.link"
mv -T "dist/$name.link" dist/current
find dist -mindepth 1 -maxdepth 1 -name 'build-*' ! -name "$name" -mmin +60 -exec rm -rf {} +
