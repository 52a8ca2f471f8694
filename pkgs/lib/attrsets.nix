# Attribute sets.
{ lib }:
rec {
  inherit (builtins)
    attrNames
    listToAttrs
    hasAttr
    isAttrs
    getAttr
    removeAttrs
    mapAttrs
    catAttrs
    zipAttrsWith
    intersectAttrs
    ;
  attrValues = builtins.attrValues;
  concatAttrValues = set: builtins.concatLists (attrValues set);
  nameValuePair = name: value: { inherit name value; };
  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if isAttrs set && set ? ${builtins.head path} then
      attrByPath (builtins.tail path) default set.${builtins.head path}
    else
      default;
  hasAttrByPath =
    path: set:
    path == [ ]
    || (isAttrs set && set ? ${builtins.head path} && hasAttrByPath (builtins.tail path) set.${builtins.head path});
  getAttrFromPath = path: set: attrByPath path (throw "cannot find attribute `${lib.concatStringsSep "." path}'") set;
  setAttrByPath = path: value: lib.foldr (name: inner: { ${name} = inner; }) value path;
  filterAttrs = pred: set: removeAttrs set (builtins.filter (name: !(pred name set.${name})) (attrNames set));
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = mapAttrsToList nameValuePair;
  concatMapAttrs = f: set: lib.foldl' lib.mergeAttrs { } (mapAttrsToList f set);
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  optionalAttrs = condition: set: if condition then set else { };
  recursiveUpdate =
    left: right:
    left
    // mapAttrs (
      name: value: if isAttrs value && isAttrs (left.${name} or null) then recursiveUpdate left.${name} value else value
    ) right;
  foldlAttrs =
    f: init: set:
    lib.foldl' (acc: name: f acc name set.${name}) init (attrNames set);
  isDerivation = x: isAttrs x && x.type or null == "derivation";
  getOutput = output: pkg: if pkg.outputSpecified or false then pkg else pkg.${output} or pkg.out or pkg;
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getDev = getOutput "dev";
  getExe = pkg: "${getBin pkg}/bin/${pkg.meta.mainProgram or (lib.getName pkg)}";
  getExe' = pkg: program: "${getBin pkg}/bin/${program}";
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
}
