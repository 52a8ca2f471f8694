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

  describe =
    extras: project: metadata:
    engine.pythonProject (
      platform { }
      // {
        inherit extras project metadata;
      }
    );
  readText = path: builtins.unsafeDiscardStringContext (builtins.readFile path);
in
{
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
      info = describe extras null (readText "${site}/${metadataFolder}/METADATA");
    };

  # Sources, built by their own backend. What pyproject.toml says suffices where it says all; else they are built to
  # know what they depend on. `own` and `buildSystem`: see sdists.build.
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
      pyproject = folder + "/pyproject.toml";
      table =
        if builtins.pathExists pyproject then (builtins.fromTOML (builtins.readFile pyproject)).project or null else null;
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
      static = describe extras table null;
      info = if static != null then static else describe extras table (readText "${build.run "metadata" needs}/METADATA");
    in
    {
      inherit info;
      tree = wheels.unpackWheel {
        inherit name;
        version =
          if version != null then
            version
          else if info.version == null then
            "0"
          else
            info.version;
        wheel = build.run "wheel" needs;
      };
    };
}
