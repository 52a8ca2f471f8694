# R: packages under R's own names, `_` for `.` as in Nixpkgs.
#
#   rPackages.lme4                                  Debian's binary where there is one, else built from CRAN's source
#   rWrapper.override { packages = [ rPackages.lme4 ]; }
#   rWrapper.withRequirements [ "lme4 (>= 1.1-30)" "data.table" ]
#   rPackages.buildRPackage { pname = "mine"; version = "1.0"; src = ./.; }
#
# What an environment asks for is solved together. As long as Debian has all of it, that is Debian's own solution; else
# `engine.resolveR` says which packages are Debian's and which are built, and the built ones stand in one library in front
# of Debian's. config.r says otherwise:
#
#   from      "auto"; "cran" builds all of them, "debian" none
#   snapshot  a day of CRAN, "2024-03-01"
#   constraints  what holds for packages that others demand: [ "Rcpp (< 1.1)" ]
#   suggests  names of packages whose suggestions are taken as well
#   build     per package, by R's name: { packages = [ Debian names ]; variables = { ... }; patches = [ ... ]; }
final: prev:
let
  inherit (final)
    lib
    engine
    system
    config
    debianUniverse
    debianTools
    ;

  settings =
    let
      given = config.r or { };
      known = [
        "build"
        "constraints"
        "from"
        "snapshot"
        "suggests"
      ];
      unknown = removeAttrs given known;
      from = given.from or "auto";
    in
    if unknown != { } then
      throw "config.r has a setting that is not known: `${builtins.head (builtins.attrNames unknown)}` (hint: known are ${lib.concatStringsSep ", " known})"
    else if !(builtins.elem from [ "auto" "cran" "debian" ]) then
      throw "config.r.from is none of \"auto\", \"cran\", \"debian\": `${from}`"
    else
      {
        inherit from;
        snapshot = given.snapshot or null;
        build = given.build or { };
        constraints = given.constraints or [ ];
        suggests = given.suggests or [ ];
      };

  builder = import ./build-package.nix { inherit final; };
  inherit (builder) buildRPackage libraryPath;

  # --- Names -----------------------------------------------------------------------------------------------------

  rNameOf = attribute: builtins.replaceStrings [ "_" ] [ "." ] attribute;

  debianNames =
    name:
    let
      lower = lib.toLower (rNameOf name);
    in
    [
      "r-cran-${lower}"
      "r-bioc-${lower}"
    ];
  debianName =
    name: if settings.from == "cran" then null else lib.findFirst (engine.debianHas debianUniverse) null (debianNames name);

  nearestOfDebian =
    name:
    map (found: builtins.replaceStrings [ "." ] [ "_" ] (lib.removePrefix "r-bioc-" (lib.removePrefix "r-cran-" found))) (
      builtins.filter (found: lib.hasPrefix "r-cran-" found || lib.hasPrefix "r-bioc-" found) (
        builtins.concatMap (engine.debianNearest debianUniverse) (debianNames name)
      )
    );

  # `lme4 (>= 1.1)`: the name, and whether there is more.
  readDemand =
    text:
    let
      parts = builtins.match "[[:space:]]*([A-Za-z][A-Za-z0-9.]*)[[:space:]]*(.*)" text;
    in
    if parts == null then
      throw "no R package is demanded by `${text}` (hint: write a name, perhaps with a condition: lme4 (>= 1.1-30))"
    else
      {
        name = builtins.head parts;
        isPlain = builtins.elemAt parts 1 == "";
      };

  # --- Sources ---------------------------------------------------------------------------------------------------

  source = {
    inherit system;
    inherit (settings) snapshot;
    source = debianUniverse;
    from = if settings.from == "cran" then "sources" else "binaries-first";
  };

  fetchSource =
    found:
    derivation {
      name = lib.sanitizeDerivationName (baseNameOf found.url);
      system = "builtin";
      builder = "builtin:fetchurl";
      inherit (found) url sizeBytes;
      outputHash = found.sha256;
      outputHashAlgo = "sha256";
      outputHashMode = "flat";
      preferLocalBuild = true;
    };

  systemRequirements = import ./system-requirements.nix;

  # Everything that these demands come to: { version; packages; sources; debian; }
  solve =
    demands:
    let
      answer = engine.resolveR (
        source
        // {
          inherit demands;
          inherit (settings) constraints suggests;
        }
      );
      packages = builtins.listToAttrs (
        map (found: {
          inherit (found) name;
          value = if found.kind == "debian" then final.debian.${found.debian} else build found;
        }) answer.packages
      );
      build =
        found:
        let
          own = settings.build.${found.name} or { };
          requirements = systemRequirements.${found.name} or [ ] ++ own.packages or [ ];
        in
        buildRPackage (
          own.variables or { }
          // {
            pname = found.name;
            inherit (found) version;
            src = fetchSource found;
            patches = own.patches or [ ];
            needsCompilation = found.compiled;
            buildInputs = map (name: final.debian.${name}) requirements;
            propagatedBuildInputs = map (name: packages.${name}) found.dependencies;
            rOrigin = { inherit demands; };
          }
        );
      isSource = found: found.kind == "source";
    in
    {
      inherit (answer) version;
      inherit packages;
      sources = map (found: packages.${found.name}) (builtins.filter isSource answer.packages);
      debian = map (found: found.debian) (builtins.filter (found: !isSource found) answer.packages);
    };

  # --- Packages as inputs ----------------------------------------------------------------------------------------

  # Each has rDemands, what an environment with it is solved for; rOwn, packages that nobody resolved; rIsBinary, whether
  # Debian has all of it.
  binary =
    name: debian:
    debianTools.package {
      pname = name;
      requests = [ debian ];
      passthru = {
        rDemands = [ (rNameOf name) ];
        rOwn = [ ];
        # What is said of versions, or suggested, takes more than Debian's own solution.
        rIsBinary = settings.constraints == [ ] && settings.suggests == [ ];
      };
    };

  demanded = text: {
    name = text;
    rDemands = [ text ];
    rOwn = [ ];
    rIsBinary = false;
    debian = {
      requests = [ ];
      isPackage = false;
    };
  };

  requirement =
    text:
    let
      demand = readDemand text;
      debian = debianName demand.name;
    in
    if demand.isPlain && debian != null then binary demand.name debian else demanded text;

  # CRAN has it by its name in the right letters, which the solution knows.
  fromSource =
    name:
    let
      solved = solve [ (rNameOf name) ];
      same = found: lib.toLower found == lib.toLower (rNameOf name);
    in
    solved.packages.${lib.findFirst same name (builtins.attrNames solved.packages)};

  rPackages = engine.openSet {
    set = {
      inherit buildRPackage;
      R = final.R;
    };
    has =
      name:
      debianName name != null
      ||
        settings.from != "debian"
        && engine.rHas (
          source
          // {
            name = rNameOf name;
            nearest = nearestOfDebian name;
          }
        );
    get =
      name:
      let
        debian = debianName name;
      in
      if debian != null then binary name debian else fromSource name;
    nearest =
      name:
      let
        ofDebian = if settings.from == "cran" then [ ] else nearestOfDebian name;
        ofSources = if settings.from == "debian" then [ ] else engine.rNearest (source // { name = rNameOf name; });
      in
      lib.uniqueStrings (ofDebian ++ map (builtins.replaceStrings [ "." ] [ "_" ]) ofSources);
  };

  environments = import ./environments.nix {
    inherit
      final
      solve
      requirement
      libraryPath
      ;
  };
  inherit (environments) compose isOfR wrapper;

  rWrapper = wrapper {
    pname = "R";
    requests = [ "r-base-core" ];
    programs = [
      "R"
      "Rscript"
    ];
  };
in
{
  inherit rPackages rWrapper;
  R = rWrapper;
  rstudioWrapper =
    if engine.debianHas debianUniverse "rstudio" then
      wrapper {
        pname = "rstudio";
        requests = [ "rstudio" ];
        programs = [ "rstudio" ];
      }
    else
      throw "Debian has no RStudio in ${debianUniverse.suite} (hint: JupyterLab with IRkernel is there, and R itself as rWrapper)";

  # For mkShell.
  rTools = {
    inherit compose isOfR;
  };
}
