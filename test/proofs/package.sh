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
# npm reads its registry from the configuration of whoever packs.
npm config get userconfig >/dev/null
mkdir -m 777 "$top/home" "$top/prefix"
run() {
  if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 "$top/home" "$top/prefix"
    setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" HOME="$top/home" "$@"
  else
    env -i PATH="$PATH" HOME="$top/home" "$@"
  fi
}
cd /
run npm install -g --prefix "$top/prefix" --registry "$(npm config get registry)" --loglevel=error "$archive"
copse=$top/prefix/bin/copse
run "$copse" --version
[ "$(run "$copse" eval --expr 'builtins.length [ 1 2 3 ]')" = 3 ]
[ "$(run "$copse" run -- true 2>&1 | grep -c 'error\[target-missing\]')" = 1 ]
run "$copse" doctor
ln -s "$copse" "$top/prefix/bin/nix-instantiate"
[ "$(run "$top/prefix/bin/nix-instantiate" --eval -E '1 + 1')" = 2 ]
run "$copse" build --no-link -E 'with import <nixpkgs> { }; runCommand "greeting" { } "echo hello > $out"'
echo "the package works"
