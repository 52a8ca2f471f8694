# Setup hooks: inputs whose nix-support/setup-hook a build reads at its start, and which define what its phases call.
final: prev:
let
  inherit (final) lib;

  # makeSetupHook { name = "..."; substitutions = { word = "..."; }; } ./script.sh
  makeSetupHook =
    {
      name ? "hook",
      substitutions ? { },
      propagatedBuildInputs ? [ ],
      depsTargetTargetPropagated ? [ ],
      meta ? { },
      passthru ? { },
      ...
    }:
    script:
    let
      names = builtins.attrNames substitutions;
      text = builtins.replaceStrings (map (one: "@${one}@") names) (map (one: "${substitutions.${one}}") names) (
        builtins.readFile script
      );
    in
    final.runCommandLocal name
      {
        inherit text propagatedBuildInputs meta passthru;
        passAsFile = [ "text" ];
      }
      ''
        install -D --mode=644 --no-target-directory "$textPath" "$out/nix-support/setup-hook"
      '';
  # Marked besides, for what needs to know it by sight.
  hook = name: script: makeSetupHook { inherit name; } script;

  # Hooks for what has no need here: nothing is patched, since every build and program is in a root that has all it names.
  nothing = name: final.writeTextDir "nix-support/setup-hook" "# ${name}: of no effect in a root of Debian's packages\n" // { inherit name; };
in
{
  inherit makeSetupHook;
  makeWrapper = hook "make-wrapper-hook" ./hooks/make-wrapper.sh;
  makeShellWrapper = final.makeWrapper;
  makeBinaryWrapper = final.makeWrapper;
  installShellFiles = hook "install-shell-files" ./hooks/install-shell-files.sh;
  installFonts = final.installShellFiles;
  versionCheckHook = hook "version-check-hook" ./hooks/version-check.sh;
  writableTmpDirAsHomeHook = hook "writable-home-hook" ./hooks/writable-home.sh;
  addBinToPathHook = hook "add-bin-to-path-hook" ./hooks/add-bin-to-path.sh;
  mpiCheckPhaseHook = hook "mpi-check-hook" ./hooks/mpi-check.sh;
  autoPatchelfHook = nothing "auto-patchelf-hook";
  addDriverRunpath = nothing "add-driver-runpath";
  desktopToDarwinBundle = nothing "desktop-to-darwin-bundle";
}
