# Tests a package in an environment that has it; what passes is the package, unchanged.
export HOME=$PWD/home PATH="$environment/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0
mkdir -p "$HOME"

for module in $importsCheck; do
  echo "importing $module"
  (cd "$HOME" && python3 -I -c 'import importlib, sys; importlib.import_module(sys.argv[1])' "$module")
done

# The words of a variable, one on each line, as arguments.
lines() {
  arguments=()
  if [ -n "$1" ]; then mapfile -t arguments <<<"$1"; fi
}
pytestCheckPhase() {
  lines "$pytestArguments"
  python3 -m pytest "${arguments[@]}"
}
unittestCheckPhase() {
  lines "$unittestArguments"
  if [ ${#arguments[@]} -eq 0 ]; then arguments=(discover); fi
  python3 -m unittest "${arguments[@]}"
}
if [ -n "$testing" ]; then
  if [ -n "${source:-}" ]; then
    cp -r --no-preserve=timestamps -- "$source" source
    chmod -R u+w source
    cd source
  fi
  eval "$testing"
fi
cp -r --no-preserve=timestamps -- "$tree" "$out"
