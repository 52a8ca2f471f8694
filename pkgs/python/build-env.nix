# python.buildEnv.override { extraLibs = [ ... ]; }: an environment, as withPackages makes it, by Nixpkgs' older name.
#
# `ignoreCollisions` is what happens in any case: of two packages with a file of one name the later one's is taken, and copse says so.
# What would change an environment after it was made is refused by name.
{ lib, withPackages }:
let
  # Others that may be stated as what they are by default.
  defaults = {
    extraOutputsToInstall = [ ];
    makeWrapperArgs = [ ];
    permitUserSite = false;
    postBuild = "";
    allowSubstitutes = true;
    preferLocalBuild = false;
    ignoreCollisions = null;
    extraLibs = null;
  };
  make =
    arguments:
    let
      further = lib.filterAttrs (name: value: (defaults.${name} or { }) != null && value != defaults.${name} or { }) arguments;
    in
    if further != { } then
      throw "python.buildEnv has no such argument, or only its default: `${builtins.head (builtins.attrNames further)}` (hint: runCommand or symlinkJoin change what an environment has)"
    else
      withPackages (_: arguments.extraLibs or [ ])
      // {
        override = changes: make (arguments // lib.toFunction changes arguments);
      };
in
make { }
