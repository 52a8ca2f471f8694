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
  printf '#!/bin/sh\nexec "%s/bin/copse" run -f "%s/test/judge/shell.nix" -- %s "$@"\n' "$PWD" "$PWD" "$name" >"$folder/$name.part"
  chmod +x "$folder/$name.part"
  mv "$folder/$name.part" "$folder/$name"
done
"$folder/nix-instantiate" --version >&2
echo "$folder"
