# rPackages.buildRPackage: an R package built from source, as $out/library/NAME.
#
#   buildRPackage {
#     pname = "mine";
#     version = "1.0";                      # or, as in Nixpkgs, name = "mine-1.0"
#     src = ./.;
#     propagatedBuildInputs = with rPackages; [ lme4 Rcpp ];
#     buildInputs = [ debian.libxml2-dev ];
#     needsCompilation = true;              # false saves the compilers
#   }
#
# What it demands is found by R_LIBS_SITE: the libraries of all source packages behind it, then Debian's.
{ final }:
let
  inherit (final) lib debianTools;

  # Compilers as R's own Makeconf names them.
  toolchain = [
    "g++"
    "gcc"
    "gfortran"
    "libblas-dev"
    "liblapack-dev"
    "r-base-dev"
  ];

  flat = inputs: builtins.filter (input: input != null) (lib.flatten inputs);

  # The source packages among inputs, with all those behind them, each once.
  closure =
    inputs:
    map (entry: entry.value) (
      builtins.genericClosure {
        startSet = map entryOf (builtins.filter (input: input.isRPackage or false) inputs);
        operator = entry: map entryOf entry.value.rInputs;
      }
    );
  entryOf = value: {
    key = builtins.unsafeDiscardStringContext "${value}";
    inherit value;
  };

  libraryPath =
    packages: lib.concatStringsSep ":" (map (package: "${package}/library") packages ++ [ "/usr/lib/R/site-library" ]);

  buildRPackage =
    {
      name ? null,
      pname ? null,
      version ? null,
      needsCompilation ? true,
      propagatedBuildInputs ? [ ],
      buildInputs ? [ ],
      nativeBuildInputs ? [ ],
      passthru ? { },
      # Of a package that was resolved: { demands }, what it was resolved for.
      rOrigin ? null,
      ...
    }@attrs:
    let
      parsed = builtins.parseDrvName (if name == null then throw "buildRPackage needs pname and version, or a name such as mine-1.0" else name);
      rName = if pname != null then pname else if version != null then name else parsed.name;
      rVersion = if version != null then version else parsed.version;
      inputs = flat [ propagatedBuildInputs ];
      sources = builtins.filter (input: input.isRPackage or false) inputs;
      libraries = closure inputs;
      # Debian's packages that must be in any root in which it is built or loaded.
      runtime = lib.uniqueStrings (
        [ "r-base-core" ]
        ++ debianTools.requestsOf (flat [
          inputs
          buildInputs
          libraries
        ])
      );
      stdenv = if needsCompilation then final.stdenv else final.stdenvNoCC;
      drv = stdenv.mkDerivation (
        {
          doInstallCheck = true;
          installCheckPhase = ''Rscript -e "invisible(loadNamespace('$rName', lib.loc = c('$out/library', .libPaths())))"'';
        }
        // removeAttrs attrs [
          "pname"
          "version"
          "needsCompilation"
          "propagatedBuildInputs"
          "rOrigin"
        ]
        // {
          name = lib.sanitizeDerivationName "r-${rName}-${rVersion}";
          inherit rName rVersion;
          dontConfigure = true;
          dontBuild = true;
          installPhase = builtins.readFile ./install-phase.sh;
          propagatedBuildInputs = sources;
          nativeBuildInputs =
            flat [ nativeBuildInputs ]
            ++ map (request: final.debian.${request}) (runtime ++ lib.optionals needsCompilation toolchain);
          R_LIBS_SITE = libraryPath libraries;
        }
      );
      self =
        drv
        // {
          isRPackage = true;
          pname = rName;
          version = rVersion;
          # The source packages that it was built with.
          rInputs = sources;
          # What an environment with it is to be solved for, and what is in it as it is.
          rDemands =
            if rOrigin != null then
              rOrigin.demands
            else
              lib.uniqueStrings (builtins.concatMap (input: input.rDemands or [ ]) inputs);
          rOwn = if rOrigin != null then [ ] else builtins.concatMap (input: input.rOwn or [ ]) inputs ++ [ self ];
          rIsBinary = false;
          debian = {
            requests = runtime;
            isPackage = false;
          };
          # As in Nixpkgs: the same with other arguments.
          override = change: buildRPackage (attrs // change);
        }
        // passthru;
    in
    self;
in
{
  inherit buildRPackage closure libraryPath;
}
