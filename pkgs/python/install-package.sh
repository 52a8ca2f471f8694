# The tree of an unpacked wheel as the package wants it: demands relaxed, then its own hooks.
cp -r --no-preserve=timestamps -- "$tree" "$out"
chmod -R u+w -- "$out"
if [ -n "$relaxed$removed" ]; then python3 -I "$changeMetadata" "$out/$sitePackages"; fi
runHook postInstall
runHook postFixup
