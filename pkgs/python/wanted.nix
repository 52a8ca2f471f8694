# What an environment is asked for: requirements, and the settings of their solve. Several such wishes become one.
{ lib }:
let
  lists = [
    "constraints"
    "overrides"
    "relax"
    "onlyBinary"
    "noBinary"
  ];
  sets = [
    "dependencies"
    "indexes"
    "indexOf"
  ];
  words = [
    "excludeNewer"
    "prereleases"
    "resolution"
    "indexStrategy"
  ];
  known = [
    "requirements"
    "projects"
    "build"
    "name"
  ]
  ++ lists
  ++ sets
  ++ words;

  empty = {
    requirements = [ ];
    requests = [ ];
    settings = { };
    build = { };
    projects = { };
  };

  both =
    a: b:
    {
      requirements = lib.uniqueStrings (a.requirements ++ b.requirements);
      requests = lib.uniqueStrings (a.requests ++ b.requests);
      build = a.build // b.build;
      projects = a.projects // b.projects;
      settings = builtins.foldl' (merged: name: merged // { ${name} = bothSettings name a.settings b.settings; }) { } (
        builtins.attrNames (a.settings // b.settings)
      );
    };

  bothSettings =
    name: a: b:
    if !(a ? ${name}) then
      b.${name}
    else if !(b ? ${name}) || a.${name} == b.${name} then
      a.${name}
    else if builtins.elem name lists || (builtins.isList a.${name} && builtins.isList b.${name}) then
      lib.uniqueStrings (a.${name} ++ b.${name})
    else if builtins.elem name sets then
      a.${name} // b.${name}
    else
      throw "Two Python environments that become one want ${name} differently: `${toString a.${name}}` and `${toString b.${name}}` (hint: state it in one of them, or enter them apart)";
in
{
  inherit empty;
  merge = builtins.foldl' both empty;

  # From what a user writes: a list of requirements, or a set with more.
  read =
    stated:
    let
      given = if builtins.isList stated then { requirements = stated; } else stated;
      unknown = removeAttrs given known;
    in
    if unknown != { } then
      throw "python3.withRequirements has a setting that is not known: `${builtins.head (builtins.attrNames unknown)}` (hint: known are ${lib.concatStringsSep ", " known})"
    else
      empty
      // {
        requirements = given.requirements or [ ];
        build = given.build or { };
        projects = given.projects or { };
        settings = builtins.intersectAttrs (lib.genAttrs (lists ++ sets ++ words) (_: null)) given;
      };
}
