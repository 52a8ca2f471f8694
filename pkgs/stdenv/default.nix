# stdenv: derivations built by phases, in a root with Debian's toolchain and the inputs' packages.
final: prev:
let
  inherit (final) lib system debianTools;

  toolchain = [
    "binutils"
    "bzip2"
    "file"
    "g++"
    "gcc"
    "libc6-dev"
    "make"
    "patch"
    "pkg-config"
    "xz-utils"
  ];
  archivers = [
    "bzip2"
    "patch"
    "xz-utils"
  ];

  platform = {
    inherit system;
    config = "${builtins.head (lib.splitString "-" system)}-unknown-linux-gnu";
    isLinux = true;
    isDarwin = false;
    isx86_64 = system == "x86_64-linux";
    isAarch64 = system == "aarch64-linux";
    is64bit = true;
    parsed.cpu.name = builtins.head (lib.splitString "-" system);
    extensions.sharedLibrary = ".so";
  };

  inputNames = [
    "nativeBuildInputs"
    "buildInputs"
    "propagatedNativeBuildInputs"
    "propagatedBuildInputs"
    "checkInputs"
    "nativeCheckInputs"
  ];

  # An input's own propagated inputs come along, to the end of the chain.
  withPropagated =
    inputs:
    builtins.genericClosure {
      startSet = map (input: {
        key = builtins.unsafeDiscardStringContext "${input}";
        inherit input;
      }) inputs;
      operator =
        { input, ... }:
        map (next: {
          key = builtins.unsafeDiscardStringContext "${next}";
          input = next;
        }) (input.copsePropagated or [ ]);
    };

  makeStdenv =
    { name, tools }:
    let
      mkDerivation =
        fnOrAttrs:
        if builtins.isFunction fnOrAttrs then
          lib.fix (
            finalPackage:
            build (lib.fix (finalAttrs: fnOrAttrs (finalAttrs // { inherit finalPackage; }))) (
              change: mkDerivation (lib.extends (lib.toExtension change) fnOrAttrs)
            )
          )
        else
          build fnOrAttrs (change: mkDerivation (fnOrAttrs // lib.toExtension change fnOrAttrs fnOrAttrs));

      build =
        attrs: overrideAttrs:
        let
          inputsOf = field: builtins.filter (input: input != null) (lib.flatten (attrs.${field} or [ ]));
          direct = builtins.concatMap inputsOf inputNames;
          debianInputs = builtins.filter (input: input.debian.isPackage or false) direct;
          others = map (entry: entry.input) (withPropagated (debianTools.otherThanDebian direct));
          requests = debianTools.requestsOf (debianInputs ++ others);
          name = attrs.name or "${attrs.pname}-${attrs.version}";
          outside = field: debianTools.otherThanDebian (inputsOf field);
          drv = derivation (
            removeAttrs attrs (
              [
                "meta"
                "passthru"
                "pos"
              ]
              ++ builtins.filter (field: attrs ? ${field}) inputNames
            )
            // lib.genAttrs (builtins.filter (field: attrs ? ${field}) inputNames) outside
            // {
              inherit name system;
              builder = attrs.builder or "/bin/bash";
              args =
                attrs.args or [
                  "-e"
                  ./builder.sh
                ];
              stdenv = setup;
              sandboxRoot = debianTools.makeRoot {
                name = "build";
                packages = tools ++ requests;
              };
              requiredSystemFeatures = [ "copse-root" ] ++ attrs.requiredSystemFeatures or [ ];
            }
          );
        in
        drv
        // {
          inherit name overrideAttrs;
          meta = {
            available = true;
          }
          // attrs.meta or { };
          passthru = attrs.passthru or { };
          copseInputs = direct;
          copsePropagated = debianTools.otherThanDebian (
            inputsOf "propagatedBuildInputs" ++ inputsOf "propagatedNativeBuildInputs"
          );
          # What it was linked with must be in any root that it runs in.
          debian = {
            inherit requests;
            isPackage = false;
          };
        }
        // lib.optionalAttrs (attrs ? pname) { inherit (attrs) pname version; }
        // attrs.passthru or { };
    in
    {
      inherit name mkDerivation system;
      hostPlatform = platform;
      buildPlatform = platform;
      targetPlatform = platform;
      inherit (platform) isLinux isDarwin isx86_64 isAarch64 is64bit;
      outPath = "${setup}";
    };

  # A folder with `setup`, which builders source.
  setup = builtins.path {
    name = "copse-stdenv";
    path = ./setup;
  };
in
{
  stdenv = makeStdenv {
    name = "stdenv-debian";
    tools = toolchain;
  };
  stdenvNoCC = makeStdenv {
    name = "stdenv-debian-no-cc";
    tools = archivers;
  };
}
