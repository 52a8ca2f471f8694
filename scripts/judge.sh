#!/bin/sh
# Prints a folder with C++ Nix's programs, the judge of many tests: the one that $COPSE_CPP_NIX names, the one on
# PATH, or Debian's nix-bin built by copse itself, which needs neither root nor a system package.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${COPSE_CPP_NIX:-}" ]; then echo "$COPSE_CPP_NIX"; exit 0; fi
found=$(command -v nix-instantiate || true)
if [ -n "$found" ] && [ "$(basename "$(readlink -f "$found")")" != copse ]; then dirname "$found"; exit 0; fi
folder=${XDG_CACHE_HOME:-$HOME/.cache}/copse/judge
mkdir -p "$folder"
# The link leads to the default store, where the judge stays between runs.
unset COPSE_STORE
bin/copse build -f test/judge/default.nix --frozen -o "$folder/result" >/dev/null
for program in "$folder"/result/bin/nix*; do
  name=${program##*/}
  # A store of the judge's own where a test names none: /nix may not be ours to write.
  printf '#!/bin/sh\nexport NIX_REMOTE="${NIX_REMOTE:-%s}"\nexec "%s" "$@"\n' "$folder/store" "$program" >"$folder/$name.part"
  chmod +x "$folder/$name.part"
  mv "$folder/$name.part" "$folder/$name"
done
"$folder/nix-instantiate" --version >&2
echo "$folder"
