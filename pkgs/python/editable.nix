# The tree of a project that stays where it is: see ./editable.py.
{
  lib,
  sdists,
  # Of the interpreter, in a root of its own.
  program,
}:
let
  # Where a project says that its modules are; else in `src`, as most have it, or at its top.
  foldersIn =
    tool:
    let
      found = tool.setuptools.packages.find.where or [ ];
      stated = tool.setuptools.package-dir."" or tool.maturin.python-source or tool.pdm.build.package-dir or null;
    in
    if stated != null then [ stated ] else found;
in
{
  name,
  version,
  path,
  # pyproject.toml, as far as there is one.
  pyproject,
  metadata,
  entryPoints,
  # A wheel of it in a folder, for what is compiled; null where nothing is.
  built,
}:
let
  stated = builtins.filter (folder: builtins.isString folder && builtins.pathExists (path + "/${folder}")) (
    foldersIn (pyproject.tool or { })
  );
  folder =
    if stated != [ ] then
      builtins.head stated
    else if builtins.pathExists (path + "/src") then
      "src"
    else
      ".";
in
sdists.step (
  {
    script = ./editable.py;
    mode = "editable";
    name = "${name}-${version}";
    python = program;
    root = sdists.pythonRoot [ ];
    project = name;
    projectPath = toString path;
    pathEntry = toString (path + "/${folder}");
    inherit version metadata entryPoints;
  }
  // lib.optionalAttrs (built != null) { inherit built; }
)
