# The package set: Nixpkgs' names and conventions over Debian's packages.
#
#   import <nixpkgs> { }
#   import <nixpkgs> { config.debian.suite = "trixie"; overlays = [ (final: prev: { ... }) ]; }
#
# Every Debian package stands under `debian.<name>`, and under its own name at the top where no other package
# has it; names that Nixpkgs gives differently are in ./debian/names.nix.
{
  system ? builtins.currentSystem,
  # Bookworm no longer changes by point releases, so its mirrors keep every byte that a lock names.
  suite ? config.debian.suite or config.suite or "bookworm",
  config ? { },
  overlays ? [ ],
  ...
}:
let
  lib = import ./lib;

  engine =
    builtins.copse
      or (throw "this package set needs copse's engine: it was evaluated by another Nix (hint: use `copse build`, `copse shell`)");

  debianUniverse = import ./debian/universe.nix { inherit suite config; };

  # Each stage is an overlay; a later one sees the earlier as `prev` and the whole as `final`.
  stages = [
    (final: prev: {
      inherit
        lib
        config
        system
        suite
        debianUniverse
        engine
        ;
      pkgs = final;
      # There is no cross compilation: what builds is what runs.
      buildPackages = final;
      callPackage = lib.callPackageWith final;
      callPackages = lib.callPackagesWith final;
      hostPlatform = final.stdenv.hostPlatform;
    })
    (import ./debian)
    (import ./debian/source-packages.nix)
    (import ./build-support)
    (import ./build-support/hooks.nix)
    (import ./build-support/fetchers.nix)
    (import ./stdenv)
    (import ./shell)
    (import ./python)
    (import ./r)
  ]
  ++ overlays;

  # What no stage names is looked up among Debian's packages.
  withFallback =
    set:
    engine.openSet {
      inherit set;
      has = name: engine.debianHas debianUniverse name;
      get = name: set.debian.${name};
      nearest = name: engine.debianNearest debianUniverse name;
    };

  final = lib.fix (
    self: withFallback (builtins.foldl' (prev: stage: prev // stage self prev) { } (stages ++ [ extension ]))
  );

  extension = final: prev: {
    extend =
      overlay:
      import ./. {
        inherit system suite config;
        overlays = overlays ++ [ overlay ];
      };
    appendOverlays =
      more:
      import ./. {
        inherit system suite config;
        overlays = overlays ++ more;
      };
  };
in
final
