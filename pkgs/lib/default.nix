# The part of Nixpkgs' `lib` that the package set itself and plain shell files use: same names, same argument
# order, same laziness. Each file is a function of the whole.
let
  parts = {
    trivial = import ./trivial.nix { inherit lib; };
    lists = import ./lists.nix { inherit lib; };
    strings = import ./strings.nix { inherit lib; };
    attrsets = import ./attrsets.nix { inherit lib; };
    fixedPoints = import ./fixed-points.nix { inherit lib; };
    customisation = import ./customisation.nix { inherit lib; };
    sources = import ./sources.nix { inherit lib; };
  };
  lib =
    parts
    // parts.trivial
    // parts.lists
    // parts.strings
    // parts.attrsets
    // parts.fixedPoints
    // parts.customisation
    // parts.sources
    // {
      licenses = import ./licenses.nix;
      platforms = import ./platforms.nix;
    };
in
lib
