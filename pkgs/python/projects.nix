# Projects that are at hand: the user's own folder, a wheel or an sdist as a file, or what a URL with a hash names.
#
#   projects.mine = { path = ./.; editable = true; };     "mine[gpu]" among the requirements
#   "x @ https://example.org/x-1.0-py3-none-any.whl#sha256=..."
#
# There is one version of each, so that the solver is not asked for it but for what it depends on. An editable project
# is not built at all, and is found where it is.
{
  final,
  sdists,
  wheels,
  atHand,
}:
let
  inherit (final) lib engine;

  ends = lib.hasSuffix;
  isArchive = name: builtins.any (end: ends end name) [ ".tar.gz" ".tgz" ".zip" ".tar.bz2" ".tar.xz" ];

  # `#sha256=` behind a URL.
  fetchUrl =
    { name, url }:
    let
      parts = builtins.match "([^#]+)#(.*&)?sha256=([0-9a-f]{64})(&.*)?" url;
      address = builtins.head parts;
    in
    if lib.hasPrefix "git+" url then
      throw "Python packages cannot be taken from a version control system yet: `${url}` (hint: name the archive of that revision, or a checkout of it, as path)"
    else if parts == null then
      throw "A URL of a Python package needs the hash of what it leads to: `${name} @ ${url}` (hint: write #sha256=... behind it)"
    else
      {
        file = baseNameOf address;
        src = wheels.fetchFile {
          file = baseNameOf address;
          urls = [ address ];
          sha256 = builtins.elemAt parts 2;
          sizeBytes = null;
        };
      };

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
      fetched =
        if path == null then
          fetchUrl {
            inherit name;
            inherit (stated) url;
          }
        else
          {
            file = baseNameOf (toString path);
            src = path;
          };
      isWheel = ends ".whl" fetched.file;
      isFolder = !isWheel && !isArchive fetched.file;
      isEditable = stated.editable or false;
      source =
        if isFolder then
          atHand.sourceOf name fetched.src
        else
          sdists.unpacked {
            inherit name;
            version = "0";
            inherit (fetched) file;
          } fetched.src;
      made =
        if stated ? read then
          # What buildPythonPackage made.
          stated.read { inherit wanted extras; }
        else if isWheel then
          atHand.ofWheel {
            inherit name extras;
            inherit (fetched) file src;
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
    if info.name != engine.pythonName name then
      throw "Project ${name} calls itself by another name: `${info.name}`"
    else if isEditable && !isFolder then
      throw "Only a folder can be editable: `${toString path}`"
    else
      {
        inherit info;
        tree =
          if isEditable then
            sdists.editable {
              inherit name version path;
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
  isLocal = one: one.url != null || wanted.projects ? ${one.name};
  names = lib.uniqueStrings (map (one: one.name) (builtins.filter isLocal parsed));
  locals = map (
    name:
    let
      asked = builtins.filter (one: one.name == name) parsed;
    in
    read wanted {
      inherit name;
      extras = lib.uniqueStrings (builtins.concatMap (one: one.extras) asked);
      stated = wanted.projects.${name} or { inherit (builtins.head asked) url; };
    }
  ) names;
  # Projects that need each other.
  nested = builtins.concatMap (one: one.info.requirements) locals;
in
if names == [ ] then
  {
    inherit wanted;
    trees = [ ];
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
    trees = map (one: one.tree) locals;
  }
