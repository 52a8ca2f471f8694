# Python projects from source: built by their own backend (PEP 517), in the sandbox, without network.
#
# What a build needs is known in three steps, each of which needs the one before: pyproject.toml, in the archive, says
# what the backend is; the backend says what it wants besides; and what kinds of sources there are says which
# compilers. All of it stands in the lock as soon as it is known, so that these steps are taken once.
{
  final,
  fullVersion,
  executable,
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
      ...
    }@args:
    derivation (
      removeAttrs args [
        "mode"
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
          ''exec "$0" -I "$@"''
          python
          "${./build-sdist.py}"
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
      python = "/usr/bin/${executable}";
      root = pythonRoot [ ];
      sdist = src;
      sdistName = file;
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
        "${executable}-dev"
      ];
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
      # What it needs besides: { requires; packages; variables; settings; wanted; inputs; }
      own ? wanted.build.${project.name} or { },
      # As pyproject.toml has it: { requires; backend; path; }
      buildSystem ? buildSystemOf source,
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
      common = environment: tools: (own.variables or { }) // {
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
          tools = compilersFor source;
        }
      );
      run =
        mode: needs:
        step (
          common (withRequirements needs.requires) needs.tools
          // {
            inherit mode;
            name = "${project.name}-${project.version}-${mode}";
          }
        );
    };
in
{
  inherit
    build
    unpacked
    buildSystemOf
    settingsOf
    ;

  # The tree of a project that stays where it is.
  editable =
    {
      name,
      version,
      path,
      metadata,
      entryPoints,
    }:
    step {
      mode = "editable";
      name = "${name}-${version}";
      python = "/usr/bin/${executable}";
      root = pythonRoot [ ];
      project = name;
      projectPath = toString path;
      # Most keep their modules in src; an older layout has them at the top.
      pathEntry = if builtins.pathExists (path + "/src") then "${toString path}/src" else toString path;
      inherit version metadata entryPoints;
    };

  # The wheel of a locked sdist, in a folder.
  wheelOf =
    wanted: one: src:
    let
      building = build {
        inherit wanted;
        project = one;
        source = unpacked { inherit (one) name version file; } src;
      };
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
      building = build {
        inherit wanted;
        project = sdist;
        source = unpacked { inherit (sdist) name version file; } src;
      };
    in
    builtins.unsafeDiscardStringContext (
      builtins.readFile "${building.run "metadata" (builtins.fromJSON (building.find null))}/METADATA"
    );
}
