# Python projects from source: built by their own backend (PEP 517), in the sandbox, without network.
#
# What a build needs is known in three steps, each of which needs the one before: pyproject.toml, in the archive, says
# what the backend is; the backend says what it wants besides; and what kinds of sources there are says which
# compilers. All of it stands in the lock as soon as it is known, so that these steps are taken once.
{
  final,
  fullVersion,
  executable,
  # Where it is in a root of `rootRequests`.
  program,
  # Debian packages that what is compiled for it needs.
  headers,
  platform,
  rootRequests,
  environmentWith,
  wishes,
}:
let
  inherit (final)
    lib
    engine
    system
    debianTools
    ;

  pythonRoot =
    requests:
    debianTools.makeRoot {
      name = "python-build";
      packages = rootRequests ++ requests;
    };

  step =
    {
      mode,
      python,
      root,
      name,
      script ? ./build-sdist.py,
      ...
    }@args:
    derivation (
      removeAttrs args [
        "mode"
        "script"
        "python"
        "root"
      ]
      // {
        name = lib.sanitizeDerivationName "${executable}-${name}";
        inherit system;
        # An interpreter knows its environment by the name that it is started with, and builders are started by the
        # last part of theirs alone.
        builder = "/bin/sh";
        args = [
          "-c"
          # Not -I, which would ignore the seed of hashes.
          ''PYTHONHASHSEED=0 exec "$0" -s "$@"''
          python
          "${script}"
          mode
        ];
        sandboxRoot = root;
        requiredSystemFeatures = [ "copse-root" ];
      }
    );

  # The archive as a folder.
  unpacked =
    { name, version, file }:
    src:
    step {
      mode = "unpack";
      name = "${name}-${version}-source";
      python = program;
      root = pythonRoot [ ];
      sdist = src;
      sdistName = file;
    };

  # Where the sources of a locked package are. `src` is its archive, if it is one.
  sourcesOf =
    one: src:
    let
      git = if one.origin == null then null else one.origin.git;
    in
    {
      source =
        if git == null then unpacked { inherit (one) name version file; } src else engine.pythonGitTree (git // { inherit (one) sha256; });
      subdirectory = if one.origin == null then null else one.origin.subdirectory;
      # A tree has no tags: whoever asks git for its version is told it.
      variables = lib.optionalAttrs (git != null) (
        lib.genAttrs [
          "SETUPTOOLS_SCM_PRETEND_VERSION"
          "PDM_BUILD_SCM_VERSION"
          "POETRY_DYNAMIC_VERSIONING_BYPASS"
        ] (_: one.version)
      );
    };

  # pyproject.toml's [build-system]; without one, setuptools as it was before there were backends.
  buildSystemOf =
    source:
    let
      file = "${source}/pyproject.toml";
      stated = if builtins.pathExists file then (builtins.fromTOML (builtins.readFile file)).build-system or { } else { };
    in
    {
      requires =
        stated.requires or [
          "setuptools>=40.8.0"
          "wheel"
        ];
      backend = stated.build-backend or "setuptools.build_meta:__legacy__";
      path = stated.backend-path or [ ];
    };

  # The endings of names in a folder and those below it, some levels deep.
  endingsIn =
    depth: folder:
    let
      entries = builtins.readDir folder;
      ending =
        name:
        let
          found = builtins.match ".*[.]([A-Za-z0-9+]+)" name;
        in
        if name == "Cargo.toml" then [ "cargo" ] else if found == null then [ ] else found;
    in
    builtins.concatMap (
      name:
      if entries.${name} == "directory" then
        lib.optionals (depth > 0) (endingsIn (depth - 1) "${folder}/${name}")
      else
        ending name
    ) (builtins.attrNames entries);

  compilersFor =
    source:
    let
      endings = lib.uniqueStrings (endingsIn 6 "${source}");
      has = builtins.any (one: builtins.elem one endings);
      c = [
        "gcc"
        "libc6-dev"
        "make"
      ]
      ++ headers;
    in
    lib.uniqueStrings (
      lib.optionals (has [ "c" "pyx" "cargo" ]) c
      ++ lib.optionals (has [ "cc" "cpp" "cxx" "C" ]) (c ++ [ "g++" ])
      ++ lib.optionals (has [ "f" "for" "f77" "f90" "f95" "F90" ]) (c ++ [ "gfortran" ])
      ++ lib.optionals (has [ "cargo" ]) [
        "cargo"
        "rustc"
      ]
    );

  # The lock has one list of tools for all interpreters of a series, whose headers are in different places.
  withHeaders =
    tools:
    builtins.filter (tool: builtins.match "python3[.][0-9]+-dev" tool == null) tools
    ++ lib.optionals (builtins.elem "gcc" tools) headers;

  placeIn = source: subdirectory: if subdirectory == null then source else "${source}/${subdirectory}";

  # Where build requirements come from is where everything does; what is wanted of versions is another matter.
  settingsOf = wanted: builtins.intersectAttrs {
    indexes = null;
    indexOf = null;
    indexStrategy = null;
    excludeNewer = null;
  } wanted.settings;

  build =
    {
      wanted,
      # { name; version; file; } of an sdist
      project,
      source,
      # Where in it the project is.
      subdirectory ? null,
      # Variables that a build has whatever is said of it.
      variables ? { },
      # What it needs besides: { requires; packages; variables; settings; wanted; inputs; }
      own ? wanted.build.${project.name} or { },
      # As pyproject.toml has it: { requires; backend; path; }
      buildSystem ? buildSystemOf (placeIn source subdirectory),
    }:
    let
      withRequirements = requirements: environmentWith [
        (own.wanted or wishes.empty)
        (
          wishes.empty
          // {
            requirements = lib.uniqueStrings (requirements ++ own.requires or [ ]);
            settings = settingsOf wanted;
          }
        )
      ];
      common = environment: tools: variables // own.variables or { } // lib.optionalAttrs (subdirectory != null) { inherit subdirectory; } // {
        inherit source;
        python = "${environment.environment}/bin/python3";
        root = pythonRoot (environment.requests ++ tools ++ own.packages or [ ]);
        buildSystem = builtins.toJSON buildSystem;
        configSettings = builtins.toJSON (own.settings or { });
      }
      // lib.optionalAttrs (own.inputs or [ ] != [ ]) { inherit (own) inputs; };
      static = withRequirements buildSystem.requires;
      dynamic = builtins.fromJSON (
        builtins.readFile (
          step (
            common static [ ]
            // {
              mode = "requires";
              name = "${project.name}-${project.version}-requires";
            }
          )
        )
      );
    in
    {
      # JSON, for the lock.
      find = _: builtins.unsafeDiscardStringContext (
        builtins.toJSON {
          requires = lib.uniqueStrings (buildSystem.requires ++ dynamic);
          tools = compilersFor (placeIn source subdirectory);
        }
      );
      run =
        mode: needs:
        step (
          common (withRequirements needs.requires) (withHeaders needs.tools)
          // {
            inherit mode;
            name = "${project.name}-${project.version}-${mode}";
          }
        );
    };
in
{
  inherit
    step
    pythonRoot
    build
    unpacked
    buildSystemOf
    settingsOf
    sourcesOf
    compilersFor
    ;

  # The wheel of a locked sdist, in a folder.
  wheelOf =
    wanted: one: src:
    let
      building = build (
        sourcesOf one src
        // {
          inherit wanted;
          project = one;
        }
      );
      needs = engine.pythonBuildNeeds (
        platform wanted.settings
        // {
          inherit (one) file;
          inherit (building) find;
        }
      );
    in
    building.run "wheel" needs;

  # Text of the METADATA of an sdist that is not locked yet.
  metadataOf =
    wanted: sdist: src:
    let
      building = build (
        sourcesOf sdist src
        // {
          inherit wanted;
          project = sdist;
        }
      );
    in
    builtins.unsafeDiscardStringContext (
      builtins.readFile "${building.run "metadata" (builtins.fromJSON (building.find null))}/METADATA"
    );
}
