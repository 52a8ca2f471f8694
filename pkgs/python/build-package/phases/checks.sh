# Tests of an installed package. Each check hook among the inputs ($pythonHooks) adds its phase, unless the package has an
# installCheckPhase of its own.

# Words of a variable that bash shall read once more, as a command's arguments.
readAsArguments() { eval "flags+=($1)"; }
# joined SEPARATOR WORD...
joined() {
  local separator=$1 first=$2
  shift 2
  printf '%s' "$first" "${@/#/$separator}"
}

pytestCheckPhase() {
  runHook preCheck
  local flags=() paths=() found=() path
  concatTo paths disabledTestPaths
  for path in "${paths[@]}"; do
    if [[ $path == *::* ]]; then flags+=("--deselect=$path")
    elif compgen -G "$path" >/dev/null; then flags+=("--ignore-glob=$path")
    else echo "pytestCheckPhase: disabledTestPaths has what matches no file: $path" >&2; return 1; fi
  done
  expression -k enabledTests disabledTests
  expression -m enabledTestMarks disabledTestMarks
  concatTo flags pytestFlags
  readAsArguments "${pytestFlagsArray[*]-}"
  paths=()
  concatTo paths enabledTestPaths
  for path in "${paths[@]}"; do
    # What is behind the first :: chooses among the tests of a file.
    mapfile -t found < <(compgen -G "${path%%::*}")
    if [ ${#found[@]} -eq 0 ]; then echo "pytestCheckPhase: enabledTestPaths has what matches no file: $path" >&2; return 1; fi
    if [[ $path == *::* ]]; then flags+=("$path"); else flags+=("${found[@]}"); fi
  done
  echoCmd "pytest flags" "${flags[@]}"
  python3 -m pytest "${flags[@]}"
  runHook postCheck
}
# expression OPTION ENABLED DISABLED: one expression of pytest's of both lists.
expression() {
  local enabled=() disabled=() terms=()
  concatTo enabled "$2"
  concatTo disabled "$3"
  if [ ${#enabled[@]} -gt 0 ]; then terms+=("($(joined " or " "${enabled[@]}"))"); fi
  terms+=("${disabled[@]/#/not }")
  if [ ${#terms[@]} -gt 0 ]; then flags+=("$1" "$(joined " and " "${terms[@]}")"); fi
}
unittestCheckPhase() {
  runHook preCheck
  local flags=()
  concatTo flags unittestFlags
  readAsArguments "${unittestFlagsArray[*]-}"
  if [ ${#flags[@]} -eq 0 ]; then flags=(discover); fi
  echoCmd "unittest flags" "${flags[@]}"
  python3 -m unittest "${flags[@]}"
  runHook postCheck
}

# From a folder where nothing but what is installed can be meant.
pythonImportsCheckPhase() {
  local modules=() module
  concatTo modules pythonImportsCheck
  for module in "${modules[@]}"; do
    echo "importing $module"
    (cd "$out" && python3 -c 'import importlib, sys; importlib.import_module(sys.argv[1])' "$module")
  done
}

for hook in ${pythonHooks:-}; do
  case $hook in
    pytest) if [ -z "${installCheckPhase:-}${dontUsePytestCheck:-}" ]; then appendToVar preDistPhases pytestCheckPhase; fi ;;
    unittest) if [ -z "${installCheckPhase:-}${dontUseUnittestCheck:-}" ]; then appendToVar preDistPhases unittestCheckPhase; fi ;;
  esac
done
unset hook
if [ -n "${pythonImportsCheck:-}" ] && [ -z "${dontUsePythonImportsCheck:-}" ]; then
  appendToVar preDistPhases pythonImportsCheckPhase
fi
