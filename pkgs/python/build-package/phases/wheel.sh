# Sources become a wheel in dist/ by their own backend (PEP 517), and the wheel becomes the package's tree.

# Not -I, which would ignore the seed of hashes too.
callBackend() { PYTHONHASHSEED=0 PYTHONPATH= "$pythonPrefix/bin/python3" -s "$pep517" "$@"; }

# The steps before the build: what the backend wants besides, or METADATA. preBuild may write what it reads.
pythonDescribePhase() {
  runHook preBuild
  bringIntoZipsTime
  callBackend "$pythonStep"
  exit 0
}

pythonBuildPhase() {
  runHook preBuild
  bringIntoZipsTime
  mkdir -p dist
  callBackend wheel dist
  runHook postBuild
}
# What the outside world calls it; phases of packages call it by name.
pypaBuildPhase() { pythonBuildPhase; }

pythonInstallPhase() {
  runHook preInstall
  if [ -n "${runEnvironment:-}" ]; then useEnvironment "$runEnvironment"; fi
  local wheel
  for wheel in dist/*.whl; do
    "$pythonPrefix/bin/python3" -I "$pythonPhases/install-wheel.py" "$wheel" "$pythonPrefix/bin/python3" "$generatedPrograms"
  done
  if [ -n "${relaxed:-}${removed:-}" ]; then
    "$pythonPrefix/bin/python3" -I "$pythonPhases/change-metadata.py" "$out/$sitePackages"
  fi
  # Named `dist` among the outputs, the wheel itself is kept.
  if [ -n "${dist:-}" ]; then mkdir -p "$dist" && cp dist/*.whl "$dist"; fi
  useInstalled
  runHook postInstall
}
pypaInstallPhase() { pythonInstallPhase; }

# From here on the package itself is there, and what it runs with.
useInstalled() {
  if [ -n "${runEnvironment:-}" ] && [ "$pythonPrefix" != "$runEnvironment" ]; then useEnvironment "$runEnvironment"; fi
  export PATH="$out/bin:$PATH"
  # Also for an interpreter that is called by its own path, and knows of no environment.
  export PYTHONPATH="$out/$sitePackages:$pythonPrefix/$sitePackages${PYTHONPATH:+:$PYTHONPATH}"
}

if [ -n "${hasBackend:-}" ] && [ -z "${dontUsePypaBuild:-}" ]; then : "${buildPhase:=pythonBuildPhase}"; fi
if [ -n "${hasBackend:-}${wheelName:-}" ] && [ -z "${dontUsePypaInstall:-}" ]; then : "${installPhase:=pythonInstallPhase}"; fi
if [ -n "${wheelName:-}" ]; then dontBuild=1; fi
# An installPhase of the package's own does not say that it is through.
if [ "${installPhase:-}" != pythonInstallPhase ]; then preFixupPhases="useInstalled ${preFixupPhases:-}"; fi
