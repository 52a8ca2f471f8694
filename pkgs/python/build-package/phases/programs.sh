# A package's programs. While it is built they run as they will later, with an interpreter that finds what they
# need. As a part of environments they are made anew by each, for its own interpreter, so what is kept of them is what an
# environment takes: the first line `#!python`, and of entry points nothing but entry_points.txt.

generatedPrograms=$NIX_BUILD_TOP/generated-programs

# makeWrapperArgs are for all programs. As a string it has quotes of its own.
wrapPythonPrograms() {
  local arguments=() program
  if declaresArray makeWrapperArgs; then arguments=("${makeWrapperArgs[@]}"); else eval "arguments=(${makeWrapperArgs:-})"; fi
  if [ ${#arguments[@]} -eq 0 ] || [ -n "${dontWrapPythonPrograms:-}" ]; then return; fi
  for program in "$out"/bin/*; do
    if [ -f "$program" ] && [ -x "$program" ]; then wrapProgram "$program" "${arguments[@]}"; fi
  done
}
postFixupHooks+=(wrapPythonPrograms)

pythonFinishPhase() {
  "$pythonPrefix/bin/python3" -I "$pythonPhases/finish-programs.py" "$generatedPrograms"
  find "$out" -name __pycache__ -prune -exec rm -rf {} +
}
