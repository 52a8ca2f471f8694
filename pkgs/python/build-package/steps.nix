# The derivations of one Python package. All run the same phases on the same sources, and differ in how far they go:
#
#   sources    patched, to read pyproject.toml and see what kinds of files there are
#   requires   what the backend wants beyond pyproject.toml
#   metadata   what the package depends on
#   package    the whole: built, installed, changed, tested
#
# The first three are taken while evaluating, since the solve of whatever environment the package is in needs what they find, and only where
# pyproject.toml does not say it itself.
{
  final,
  executable,
  sitePackages,
  wishes,
  environmentWith,
  sdists,
  python,
}:
let
  inherit (final) lib debianTools;

  phases = builtins.path {
    name = "python-phases";
    path = ./phases;
  };

  # Arguments of the function that are no variables of the build, or become others.
  arguments = [
    "name"
    "format"
    "pyproject"
    "build-system"
    "dependencies"
    "optional-dependencies"
    "propagatedBuildInputs"
    "propagatedNativeBuildInputs"
    "pythonPath"
    "buildInputs"
    "nativeBuildInputs"
    "checkInputs"
    "nativeCheckInputs"
    "installCheckInputs"
    "nativeInstallCheckInputs"
    "doCheck"
    "doInstallCheck"
    "checkPhase"
    "installCheckPhase"
    "pythonImportsCheck"
    "pythonRelaxDeps"
    "pythonRemoveDeps"
    "disabled"
    "outputs"
    "stdenv"
    "env"
    "meta"
    "passthru"
  ];
  # What of them changes sources before a backend reads them.
  patching = [
    "patches"
    "prePatch"
    "postPatch"
    "patchPhase"
    "unpackPhase"
    "preUnpack"
    "postUnpack"
    "setSourceRoot"
    "sourceRoot"
    "srcs"
    "prePhases"
  ];
  # ... and what a description by pyproject.toml alone would miss.
  configuring = [
    "configurePhase"
    "preConfigure"
    "postConfigure"
    "preConfigurePhases"
    "preBuild"
    "preBuildPhases"
  ];
  states = attrs: builtins.any (name: attrs ? ${name});

  isArchive = name: builtins.any (end: lib.hasSuffix end name) [ ".tar.gz" ".tgz" ".zip" ".tar.bz2" ".tar.xz" ];
  nameOf = src: src.name or (baseNameOf (toString src));

  # setup.py's options, which setuptools takes as config settings.
  settingsOfFlags =
    attrs:
    let
      globals = lib.toList (attrs.setupPyGlobalFlags or [ ]);
      builds = lib.toList (attrs.setupPyBuildFlags or [ ]);
      options = globals ++ lib.optionals (builds != [ ]) ([ "build_ext" ] ++ builds);
    in
    lib.optionalAttrs (options != [ ]) { "--global-option" = options; };

  # -Ckey=value, --config-setting=key=value; other flags of `build` concern its own isolation.
  settingsOfBuild =
    attrs:
    let
      given = lib.toList (attrs.pypaBuildFlags or [ ]) ++ lib.toList (attrs.pipBuildFlags or [ ]) ++ map (flag: "-Csetup-args=${flag}") (lib.toList (attrs.mesonFlags or [ ]));
      found = builtins.filter (one: one != null) (map (builtins.match "(-C|--config-settings?=)([^=]+)=(.*)") given);
    in
    builtins.mapAttrs (_: values: if builtins.length values == 1 then builtins.head values else values) (
      builtins.zipAttrsWith (_: values: values) (
        map (parts: { ${builtins.elemAt parts 1} = builtins.elemAt parts 2; }) found
      )
    );

  # An interpreter by its path stands for itself, with a root of its own. In a package's phases its path means the one that
  # the package is built or tested with.
  ofBuild =
    value:
    if builtins.isString value then
      builtins.replaceStrings [ python.interpreter ] [ "python3" ] value
    else if builtins.isList value then
      map ofBuild value
    else
      value;

  isVariable = value: !(builtins.isFunction value) && !(builtins.isAttrs value && !(value ? outPath || value ? __toString));
in
{
  inherit isArchive nameOf states patching configuring;

  # `stated` is what ./arguments.nix makes of the arguments.
  of =
    { stated, src }:
    let
      inherit (stated) attrs name version;
      fileName = nameOf src;
      isWheel = stated.format == "wheel";

      # { kind; environment; variables; inputs; }
      step =
        {
          kind,
          build ? null,
          tools ? [ ],
          run ? null,
          inputs ? [ ],
          variables ? { },
        }:
        let
          environments = builtins.filter (one: one != null) [ build run ];
          requests = lib.uniqueStrings (builtins.concatMap (one: one.requests) environments ++ tools);
          compiles = tools != [ ] || !stated.hasBackend && !isWheel;
        in
        (if compiles then final.stdenv else final.stdenvNoCC).mkDerivation (
          builtins.mapAttrs (_: ofBuild) (
            lib.filterAttrs (_: isVariable) (removeAttrs attrs arguments) // attrs.env or { }
          )
          // {
            name = lib.sanitizeDerivationName (
              "${executable}-${name}-${version}" + lib.optionalString (kind != "package") "-${kind}"
            );
            inherit src sitePackages;
            pythonStep = kind;
            pythonPhases = phases;
            pep517 = ../build-sdist.py;
            pythonHooks = stated.hooks;
            hasBackend = stated.hasBackend;
            ${if build == null then null else "buildEnvironment"} = build.environment;
            ${if run == null then null else "runEnvironment"} = run.environment;
            ${if isWheel then "wheelName" else null} = fileName;
            nativeBuildInputs =
              [ phases ]
              ++ map (request: final.debian.${request}) requests
              ++ lib.optional (lib.hasSuffix ".zip" fileName) final.debian.unzip
              ++ lib.optional (attrs ? makeWrapperArgs && kind == "package") final.makeWrapper
              ++ stated.systemOf stated.forBuild
              ++ inputs;
            buildInputs = stated.systemOf (stated.linked ++ stated.dependencies);
          }
          // variables
        );

      # --- What the build needs --------------------------------------------------------------------------------

      sources =
        if states attrs patching || !(isArchive fileName) && !(builtins.pathExists "${src}") then
          step { kind = "sources"; }
        else if isArchive fileName then
          sdists.unpacked {
            inherit name version;
            file = fileName;
          } src
        else
          src;
      stem = sdists.buildSystemOf sources;
      legacy = stated.format == "setuptools" && builtins.pathExists "${sources}/setup.py";
      buildSystem =
        if legacy then
          stem
          // {
            backend = "setuptools.build_meta:__legacy__";
            requires = lib.uniqueStrings (stem.requires ++ [ "setuptools" ]);
          }
        else
          stem;

      buildersOf =
        wanted:
        let
          own = wanted.build.${name} or { };
          # What says nothing of its build may import at it what it runs with.
          wishesOf = stated.wantedOfAll (
            stated.forBuild
            ++ stated.linked
            ++ lib.optionals (legacy || !stated.hasBackend) stated.dependencies
          );
          environmentOf =
            requirements:
            environmentWith [
              wishesOf
              (
                wishes.empty
                // {
                  requirements = lib.uniqueStrings (requirements ++ own.requires or [ ]);
                  settings = sdists.settingsOf wanted;
                }
              )
            ];
          common = {
            tools = own.packages or [ ];
            variables = (own.variables or { }) // {
              buildSystem = builtins.toJSON buildSystem;
              configSettings = builtins.toJSON (settingsOfFlags attrs // settingsOfBuild attrs // own.settings or { });
            };
          };
          dynamic = builtins.fromJSON (
            builtins.readFile (
              step (
                common
                // {
                  kind = "requires";
                  build = environmentOf buildSystem.requires;
                }
              )
            )
          );
          backed = common // {
            build = environmentOf (lib.uniqueStrings (buildSystem.requires ++ dynamic));
            tools = sdists.compilersFor sources ++ common.tools;
          };
        in
        if isWheel then
          { build = environmentWith [ (wishes.empty // { settings = sdists.settingsOf wanted; }) ]; }
        else if stated.hasBackend then
          backed
        else
          {
            build = environmentOf [ ];
            tools = own.packages or [ ];
            variables = own.variables or { };
          };
    in
    {
      inherit sources;
      compiles = sdists.compilersFor sources != [ ];

      # Text of METADATA, made by the backend.
      metadata =
        wanted: builtins.unsafeDiscardStringContext (builtins.readFile "${step (buildersOf wanted // { kind = "metadata"; })}/METADATA");

      # The tree. `run` is the environment it is tested in, where something runs in it.
      package =
        { wanted, run, words }:
        let
          builders = buildersOf wanted;
        in
        step (
          builders
          // {
            kind = "package";
            inherit run;
            inputs = stated.systemOf stated.forCheck;
            variables =
              builders.variables or { }
              // {
                relaxed = words stated.relaxed;
                removed = words stated.removed;
                pythonImportsCheck = stated.imports;
                doInstallCheck = stated.isTested;
              }
              // lib.optionalAttrs (attrs ? outputs) { inherit (attrs) outputs; }
              # A Python package is tested when it is installed.
              // lib.optionalAttrs (stated.isTested && (attrs ? checkPhase || attrs ? installCheckPhase)) {
                installCheckPhase = ofBuild (attrs.installCheckPhase or attrs.checkPhase);
              };
          }
        );
    };
}
