# Python with packages from PyPI.
#
#   python3.withPackages (ps: with ps; [ numpy nibabel ])
#   python3.withRequirements [ "torch>=2" "monai[all]" ]
#   python3.withRequirements { requirements = [ "torch>=2" ]; constraints = [ "numpy<2" ]; excludeNewer = "2024-03-01"; }
#   pythonOfVersion "3.12.4"
#   python3Packages.numpy, and `mkShell { packages = [ python3 python3Packages.numpy ]; }`
#
# PyPI's names cannot be listed, so `ps` is an open set: what it does not have is looked for in the lock, then in the
# index. All that is asked for in one environment is solved together, when the environment is composed.
final: prev:
let
  inherit (prev) lib;

  python3 = makeInterpreter (import ./interpreter/from-debian.nix final { request = "python3"; });
  makeInterpreter = interpreter: import ./interpreter.nix final { inherit interpreter; };
  pythonOfVersion = import ./interpreter/versions.nix final { inherit makeInterpreter python3; };

  attributes = import ./interpreter/attributes.nix { inherit lib; };
in
attributes.of pythonOfVersion
// {
  inherit python3 pythonOfVersion;
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
