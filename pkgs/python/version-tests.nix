# What files ask of an interpreter's version: pythonOlder "3.9", isPy311, ...
{ lib, pythonVersion }:
{
  pythonOlder = version: builtins.compareVersions pythonVersion version < 0;
  pythonAtLeast = version: builtins.compareVersions pythonVersion version >= 0;
  isPy2 = false;
  isPy3 = true;
  isPy3k = true;
  isPyPy = false;
}
// builtins.listToAttrs (
  map (version: {
    name = "isPy${builtins.replaceStrings [ "." ] [ "" ] version}";
    value = pythonVersion == version;
  }) ([ "2.7" ] ++ map (minor: "3.${toString minor}") (lib.range 5 16))
)
