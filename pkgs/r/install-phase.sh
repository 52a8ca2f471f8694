# R CMD INSTALL into $out/library, the same bytes whenever and wherever it is done.
runHook preInstall
export HOME=$TMPDIR TZ=UTC
mkdir -p "$out/library"
# What a compiler writes of where it works must not depend on that.
makevars=$TMPDIR/Makevars
for flags in CFLAGS CXXFLAGS CXX11FLAGS CXX14FLAGS CXX17FLAGS CXX20FLAGS FFLAGS FCFLAGS; do
  echo "$flags += -ffile-prefix-map=$PWD=/r-package"
done >"$makevars"
if [ -n "${rMakevars:-}" ]; then printf '%s\n' "$rMakevars" >>"$makevars"; fi
R_MAKEVARS_USER=$makevars MAKEFLAGS="-j${NIX_BUILD_CORES:-1}" \
  R CMD INSTALL --built-timestamp="1970-01-01 00:00:01 UTC" --no-test-load ${installFlags:-} \
  ${rConfigureArgs:+--configure-args="$rConfigureArgs"} ${rConfigureVars:+--configure-vars="$rConfigureVars"} \
  --library="$out/library" .
# An archive holds what its name says, or is refused.
description=$out/library/$rName/DESCRIPTION
if [ ! -f "$description" ]; then
  echo "the archive of $rName has another package: $(ls "$out/library")" >&2
  exit 1
fi
if [ -n "${rVersion:-}" ] && ! grep -qFx "Version: $rVersion" "$description"; then
  echo "the archive of $rName $rVersion has another version: $(grep '^Version:' "$description")" >&2
  exit 1
fi
runHook postInstall
