# The installed program says which version it is: that of the package, in the output of --version or of --help.
#
#   versionCheckProgram       default: $out/bin/ and meta.mainProgram, or pname
#   versionCheckProgramArg    instead of the two

versionCheckHook() {
  local program=${versionCheckProgram:-$out/bin/${versionCheckMainProgram:-$pname}} argument printed
  for argument in ${versionCheckProgramArg:---version --help}; do
    printed=$("$program" $argument 2>&1) || true
    if [[ $printed == *"$version"* ]]; then return 0; fi
  done
  echo "versionCheckHook: $program does not say that it is version $version: $printed" >&2
  return 1
}
if [ -z "${dontVersionCheck:-}" ]; then preInstallCheckHooks+=(versionCheckHook); fi
