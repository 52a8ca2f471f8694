#!/bin/sh
# Prints a folder with C++ Nix's programs, the judge of many tests: the one that $COPSE_CPP_NIX names, the one on
# PATH, or Debian's nix-bin in an environment of copse itself, which needs neither root nor a system package.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${COPSE_CPP_NIX:-}" ]; then echo "$COPSE_CPP_NIX"; exit 0; fi
found=$(command -v nix-instantiate || true)
if [ -n "$found" ] && [ "$(basename "$(readlink -f "$found")")" != copse ]; then dirname "$found"; exit 0; fi
folder=${XDG_CACHE_HOME:-$HOME/.cache}/copse/judge
mkdir -p "$folder"
for name in nix nix-build nix-hash nix-instantiate nix-store; do
  # Tests call these with an environment of their own, so what copse needs of ours is written down. And a store of
  # the judge's own where a test names none: /nix may not be ours to write.
  {
    echo '#!/bin/sh'
    echo "export HOME='$HOME' NIX_REMOTE=\${NIX_REMOTE:-'$folder/store'}"
    [ -z "${COPSE_STORE:-}" ] || echo "export COPSE_STORE='$COPSE_STORE'"
    [ -z "${XDG_DATA_HOME:-}" ] || echo "export XDG_DATA_HOME='$XDG_DATA_HOME'"
    [ -z "${XDG_CACHE_HOME:-}" ] || echo "export XDG_CACHE_HOME='$XDG_CACHE_HOME'"
    echo "exec '$PWD/bin/copse' run -f '$PWD/test/judge/shell.nix' -- $name \"\$@\""
  } >"$folder/$name.part"
  chmod +x "$folder/$name.part"
  mv "$folder/$name.part" "$folder/$name"
done
"$folder/nix-instantiate" --version >&2
echo "$folder"
