# What is at hand as files instead of being chosen from an index: a wheel, or a folder of sources. Of each: what it
# says of itself and depends on (`info`, as engine.pythonProject gives it), and its tree.
{
  final,
  executable,
  platform,
  sdists,
  wheels,
}:
let
  inherit (final) lib engine;

  # What a package says of itself, { name; version; requirements; ... }. `name` is what it is asked for by.
  describe =
    name: extras: project: metadata:
    engine.pythonProject (
      platform { }
      // {
        inherit
          name
          extras
          project
          metadata
          ;
      }
    );
  readText = path: builtins.unsafeDiscardStringContext (builtins.readFile path);
in
{
  inherit describe;

  # Version control and what tools leave behind is no part of a project.
  sourceOf =
    name: path:
    builtins.path {
      inherit path;
      name = "${name}-source";
      filter =
        file: type:
        !(builtins.elem (baseNameOf file) [
          ".git"
          ".hg"
          ".svn"
          ".venv"
          ".mypy_cache"
          ".pytest_cache"
          ".ruff_cache"
          "__pycache__"
          "node_modules"
          "copse.lock"
        ]);
    };

  # A wheel by its file's name; its version is in its metadata.
  ofWheel =
    {
      name,
      version ? "0",
      extras,
      file,
      src,
    }:
    let
      tree = wheels.unpackWheel {
        inherit name version file;
        wheel = src;
      };
      site = "${tree}/lib/${executable}/site-packages";
      metadataFolder = lib.findFirst (lib.hasSuffix ".dist-info") (throw "no metadata in ${file}") (
        builtins.attrNames (builtins.readDir site)
      );
    in
    {
      inherit tree;
      info = describe name extras null (readText "${site}/${metadataFolder}/METADATA");
    };

  # Sources, built by their own backend. What pyproject.toml says suffices where it says all; else they are built to
  # know what they depend on. `own` and `buildSystem`: see sdists.build. Besides the tree, what an editable project takes:
  # `pyproject`, and `built`, the wheel of one that has something to compile.
  ofSource =
    {
      wanted,
      name,
      version ? null,
      extras,
      source,
      # Where pyproject.toml is: elsewhere for what stays where it is.
      folder ? source,
      building ? { },
    }:
    let
      has = file: builtins.pathExists (folder + "/${file}");
      pyproject = if has "pyproject.toml" then builtins.fromTOML (builtins.readFile (folder + "/pyproject.toml")) else { };
      setup = if has "setup.py" then builtins.readFile (folder + "/setup.py") else "";
      table = pyproject.project or null;
      buildSystem = building.buildSystem or (sdists.buildSystemOf source);
      build = sdists.build (
        {
          inherit wanted source;
          project = {
            inherit name;
            version = if version == null then "0" else version;
          };
        }
        // building
      );
      needs = builtins.fromJSON (build.find null);
      static = describe name extras table null;
      built = build.run "metadata" needs;
      dynamic = describe name extras table (readText "${built}/METADATA") // {
        entryPoints = if builtins.pathExists "${built}/entry_points.txt" then readText "${built}/entry_points.txt" else "";
      };
      info = if static != null then static else dynamic;
      wheel = build.run "wheel" needs;
      compiles = engine.pythonCompiles {
        inherit (buildSystem) requires backend;
        inherit setup;
        tables = builtins.attrNames (pyproject.tool.setuptools or { });
      };
    in
    if pyproject == { } && setup == "" && !(building ? buildSystem) then
      engine.pythonError "python-project-missing" "Folder has neither a pyproject.toml nor a setup.py: `${name}`"
    else
    {
      inherit info pyproject;
      built = if compiles then wheel else null;
      tree = wheels.unpackWheel {
        inherit name;
        version =
          if version != null then
            version
          else if info.version == null then
            "0"
          else
            info.version;
        inherit wheel;
      };
    };
}
