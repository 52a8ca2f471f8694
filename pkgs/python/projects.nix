# Projects that are at hand: the user's own folder, or a wheel or an sdist as a file.
#
#   projects.mine = { path = ./.; editable = true; };     "mine[gpu]" among the requirements
#
# There is one version of each, so that the solver is not asked for it but for what it depends on. An editable project
# is not built at all, and is found where it is.
{
  final,
  sdists,
  wheels,
  atHand,
  # Of the interpreter.
  program,
}:
let
  inherit (final) lib engine;
  editable = import ./editable.nix { inherit lib sdists program; };

  ends = lib.hasSuffix;
  isArchive = name: builtins.any (end: ends end name) [ ".tar.gz" ".tgz" ".zip" ".tar.bz2" ".tar.xz" ];

  # { tree; info } of one project, `info` as engine.pythonProject gives it.
  read =
    wanted:
    {
      name,
      extras,
      stated,
    }:
    let
      path = stated.path or null;
      file = baseNameOf (toString path);
      isWheel = ends ".whl" file;
      isFolder = !isWheel && !isArchive file;
      isEditable = stated.editable or false;
      source =
        if isFolder then
          atHand.sourceOf name path
        else
          sdists.unpacked {
            inherit name;
            version = "0";
            inherit file;
          } path;
      made =
        if stated ? read then
          # What buildPythonPackage made.
          stated.read { inherit wanted extras; }
        else if isWheel then
          atHand.ofWheel {
            inherit name extras file;
            src = path;
          }
        else
          atHand.ofSource {
            inherit
              wanted
              name
              extras
              source
              ;
            folder = if isEditable then path else source;
          };
      inherit (made) info;
      version = if info.version == null then "0" else info.version;
    in
    if path != null && !(builtins.pathExists path) then
      engine.pythonError "python-project-missing" "Path of a project does not exist, ${toString path}: `${name}`"
    else if isEditable && !isFolder then
      engine.pythonError "python-editable" "Only a folder can be editable: `${name}`"
    else
      {
        inherit info name;
        # What may have files for one machine in it has its own file's name, or its project's.
        file = if isWheel then file else name;
        compiles = isWheel || made.built or null != null;
        tree =
          if isEditable then
            editable {
              inherit name version path;
              inherit (made) pyproject built;
              inherit (info) metadata entryPoints;
            }
          else
            made.tree;
      };
in
# From what is wanted to the requirements that the solver is asked for, and the trees of what it is not.
wanted:
let
  parsed = map (
    text:
    engine.pythonRequirement text // { inherit text; }
  ) wanted.requirements;
  isLocal = one: wanted.projects ? ${one.name};
  names = lib.uniqueStrings (map (one: one.name) (builtins.filter isLocal parsed));
  locals = map (
    name:
    let
      asked = builtins.filter (one: one.name == name) parsed;
    in
    read wanted {
      inherit name;
      extras = lib.uniqueStrings (builtins.concatMap (one: one.extras) asked);
      stated = wanted.projects.${name};
    }
  ) names;
  # Projects that need each other.
  nested = builtins.concatMap (one: one.info.requirements) locals;
in
if names == [ ] then
  {
    inherit wanted;
    trees = [ ];
    compiled = [ ];
  }
else
  {
    wanted = wanted // {
      requirements = lib.uniqueStrings (
        map (one: one.text) (builtins.filter (one: !(isLocal one)) parsed)
        ++ builtins.filter (text: !(builtins.elem (engine.pythonRequirement text).name names)) nested
      );
      # Whoever else demands one of them has it.
      settings = wanted.settings // {
        overrides = wanted.settings.overrides or [ ] ++ map (name: "${name} ; python_version < '0'") names;
      };
    };
    # A package that is tested in an environment stands beside it.
    trees = builtins.filter (tree: tree != null) (map (one: one.tree) locals);
    # As engine.pythonLibraries takes them.
    compiled = map (one: {
      inherit (one) name file;
      dependencies = map (text: (engine.pythonRequirement text).name) one.info.requirements;
      system = null;
      isAtHand = true;
      tree = "${one.tree}";
    }) (builtins.filter (one: one.compiles && one.tree != null) locals);
  }
