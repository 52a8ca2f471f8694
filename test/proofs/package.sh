#!/bin/sh
# `npm run proof:package`: what `npm pack` makes installs by `npm install -g` where there is no checkout, under another
# user where we are root, with an empty home, and its command works.
set -eu
cd "$(dirname "$0")/../.."
top=$(mktemp -d)
trap 'chmod -R u+w "$top"; rm -rf "$top"' EXIT
chmod 755 "$top"
npm pack --pack-destination "$top" --loglevel=error >/dev/null
archive=$(echo "$top"/copse-*.tgz)
echo "packed: $(du -h "$archive" | cut -f1), $(tar tzf "$archive" | wc -l) files"
if tar tzf "$archive" | grep -E '\.test\.ts$|/test/|/bench/|node_modules'; then
  echo "the package holds what it should not" >&2
  exit 1
fi
mkdir "$top/home" "$top/prefix"
# Variables of this machine, such as certificates and proxies, stay: npm reaches its registry by them.
unset COPSE_STORE COPSE_FROM_SOURCE COPSE_CPP_NIX NODE_OPTIONS XDG_CACHE_HOME XDG_DATA_HOME XDG_CONFIG_HOME
# What `npm run` says to its scripts: these are the folders of another user.
unset npm_config_cache npm_config_userconfig npm_config_prefix npm_config_globalconfig npm_config_init_module
registry=$(npm config get registry)
as_user=
if [ "$(id -u)" = 0 ]; then
  chown -R 65534:65534 "$top/home" "$top/prefix"
  as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
run() { $as_user env HOME="$top/home" "$@"; }
cd /
run npm install -g --prefix "$top/prefix" --registry "$registry" --loglevel=error "$archive"
copse=$top/prefix/bin/copse
run "$copse" --version
[ "$(run "$copse" eval --expr 'builtins.length [ 1 2 3 ]')" = 3 ]
[ "$(run "$copse" run -- true 2>&1 | grep -c 'error\[target-missing\]')" = 1 ]
run "$copse" doctor
ln -s "$copse" "$top/prefix/bin/nix-instantiate"
[ "$(run "$top/prefix/bin/nix-instantiate" --eval -E '1 + 1')" = 2 ]
run "$copse" build --no-link -E 'with import <nixpkgs> { }; runCommand "greeting" { } "echo hello > $out"'
echo "the package works"
