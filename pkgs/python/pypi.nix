# Python with packages from PyPI.
#
#   python3.withPackages (ps: with ps; [ numpy nibabel ])
#   python3.withRequirements [ "torch>=2" "monai[all]" ]
#   python3.withRequirements { requirements = [ "torch>=2" ]; constraints = [ "numpy<2" ]; excludeNewer = "2024-03-01"; }
#   python3Packages.numpy, and `mkShell { packages = [ python3 python3Packages.numpy ]; }`
#
# PyPI's names cannot be listed, so `ps` is an open set: what it does not have is looked for in the lock, then in the
# index. All that is asked for in one environment is solved together, when the environment is composed.
final: prev:
let
  inherit (prev) lib;
  inherit (final) suite system config;

  makeInterpreter = import ./interpreter.nix final;

  # Which of Debian's suites have which Python. The first has it as its own.
  suitesOf = {
    "3.9" = [ "bullseye" ];
    "3.11" = [ "bookworm" ];
    "3.13" = [
      "trixie"
      "forky"
      "sid"
    ];
    "3.14" = [
      "forky"
      "sid"
    ];
  };

  python3 = makeInterpreter { request = "python3"; };

  # A version of another suite brings that suite's root with it.
  pythonOfVersion =
    version:
    let
      suites =
        suitesOf.${version}
          or (throw "Python ${version} is in none of Debian's suites (hint: at hand are ${
            lib.concatStringsSep ", " (map (one: "${one} of ${builtins.head suitesOf.${one}}") (builtins.attrNames suitesOf))
          })");
      other = import ../. {
        inherit system;
        suite = builtins.head suites;
        config = removeAttrs config [ "debian" ];
      };
    in
    if !(builtins.elem suite suites) then
      other.${attributeOf version}
    else if python3.pythonVersion == version then
      python3
    else
      makeInterpreter { request = "python${version}"; };

  attributeOf = version: "python${builtins.replaceStrings [ "." ] [ "" ] version}";
  versions = map (minor: "3.${toString minor}") (lib.range 8 15);
in
builtins.listToAttrs (
  map (version: {
    name = attributeOf version;
    value = pythonOfVersion version;
  }) versions
  ++ map (version: {
    name = "${attributeOf version}Packages";
    value = (pythonOfVersion version).pkgs;
  }) versions
)
// {
  inherit python3;
  # Overlays of every interpreter's set of packages: [ (pyfinal: pyprev: { ... }) ]
  pythonPackagesExtensions = [ ];
  python3Packages = python3.pkgs;
  python3Full = python3;
  python = python3;
  pythonPackages = python3.pkgs;

  # The environments that a shell's inputs ask for: one for each interpreter, in which all is solved together.
  pythonTools.environmentsOf =
    inputs:
    let
      ours = builtins.filter (input: input ? ofPython && !final.debianTools.isForeign input) inputs;
      interpreters = lib.uniqueStrings (map (input: input.ofPython.key) ours);
      composed =
        key:
        let
          of = builtins.filter (input: input.ofPython.key == key) ours;
        in
        (builtins.head of).ofPython.environmentWith (map (input: input.ofPython.wanted) of);
    in
    map composed interpreters;

  # Interpreters of other suites come as programs with roots of their own; what is asked for of one is one environment,
  # too, in the place of the first.
  pythonTools.mergeForeign =
    inputs:
    let
      keyOf = input: "${input.debian.universe} ${input.ofPython.key}";
      merged =
        seen: rest:
        if rest == [ ] then
          [ ]
        else
          let
            input = builtins.head rest;
            further = builtins.tail rest;
          in
          if !(input ? ofPython) then
            [ input ] ++ merged seen further
          else if builtins.elem (keyOf input) seen then
            merged seen further
          else
            let
              alike = builtins.filter (other: other ? ofPython && keyOf other == keyOf input) rest;
            in
            [ (if builtins.length alike == 1 then input else input.ofPython.packageWith (map (other: other.ofPython.wanted) alike)) ]
            ++ merged (seen ++ [ (keyOf input) ]) further;
    in
    merged [ ] inputs;
}
