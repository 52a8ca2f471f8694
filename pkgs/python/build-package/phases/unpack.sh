# From what was fetched to sources that can be built from.

# A wheel needs no sources: it stands where a build would have left it.
unpackWheelPhase() {
  runHook preUnpack
  mkdir -p sources/dist
  cp -- "$src" "sources/dist/$wheelName"
  sourceRoot=sources
  runHook postUnpack
}
if [ -n "${wheelName:-}" ] && [ -z "${unpackPhase:-}" ]; then unpackPhase=unpackWheelPhase; fi

# Files of the store are of 1970.
bringIntoZipsTime() {
  find . -not -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

pythonSourcesPhase() {
  cp -r --no-preserve=timestamps -- . "$out"
  exit 0
}
