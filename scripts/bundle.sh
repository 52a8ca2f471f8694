#!/bin/sh
# Bundles the program into a few files, which load several times faster than some three hundred. Takes a fraction of
# a second; bin/copse calls it whenever a source file is newer than the bundle. Without it, or where this folder may
# not be written, copse runs from src all the same.
#
# A bundle is a folder of its own that is never changed, and dist/current leads to the newest: a process that still
# runs from an older one finds all its files.
set -eu
cd "$(dirname "$0")/.."
case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) exit 1 ;; esac
esbuild=node_modules/@esbuild/linux-$arch/bin/esbuild
[ -x "$esbuild" ] || exit 1
name=build-$(date +%s)-$$
mkdir -p dist
# Before reading the sources: what is edited meanwhile is newer.
touch "dist/$name.stamp"
"$esbuild" src/cli/main.ts src/fetch/bridge-worker.ts src/root/root-worker.ts src/store/tree-worker.ts \
  src/store/hash-worker.ts src/resolve/service-worker.ts src/build/service-thread.ts \
  --bundle --splitting --format=esm --platform=node --target=node24 --outbase=src --outdir="dist/$name" \
  --chunk-names=chunks/[name]-[hash] --external:openpgp --external:xz-decompress --log-level=error
mv "dist/$name.stamp" "dist/$name/stamp"
ln -s "$name" "dist/$name.link"
mv -T "dist/$name.link" dist/current
find dist -mindepth 1 -maxdepth 1 -name 'build-*' ! -name "$name" -mmin +60 -exec rm -rf {} +
