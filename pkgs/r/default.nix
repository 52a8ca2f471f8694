# R from Debian: CRAN's and Bioconductor's packages under R's own names, `_` for `.` as in Nixpkgs.
final: prev:
let
  inherit (final) lib engine debianUniverse debianTools;

  debianNames =
    name:
    let
      lower = lib.toLower (builtins.replaceStrings [ "_" ] [ "." ] name);
    in
    [
      "r-cran-${lower}"
      "r-bioc-${lower}"
    ];
  debianName = name: lib.findFirst (engine.debianHas debianUniverse) null (debianNames name);

  rPackages = engine.openSet {
    set = { };
    has = name: debianName name != null;
    get =
      name:
      debianTools.package {
        pname = name;
        requests = [ (debianName name) ];
      };
    nearest =
      name:
      map (found: builtins.replaceStrings [ "." ] [ "_" ] (lib.removePrefix "r-bioc-" (lib.removePrefix "r-cran-" found))) (
        builtins.filter (found: lib.hasPrefix "r-cran-" found || lib.hasPrefix "r-bioc-" found) (
          builtins.concatMap (engine.debianNearest debianUniverse) (debianNames name)
        )
      );
  };

  withPackages =
    packages:
    debianTools.package {
      pname = "R";
      requests = [ "r-base-core" ] ++ debianTools.requestsOf (debianTools.ofOneUniverse (lib.flatten packages));
      passthru.override = { packages ? [ ], ... }: withPackages packages;
    };
in
{
  inherit rPackages;
  R = withPackages [ ];
  rWrapper = withPackages [ ];
}
