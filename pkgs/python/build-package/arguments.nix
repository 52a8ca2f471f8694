# What is stated of a Python package, by what it is for: names, format, inputs, tests. Nixpkgs' names and defaults.
{ final, wishes, wantedOf }:
let
  inherit (final) lib engine;

  flat = inputs: builtins.filter (input: input != null) (lib.flatten inputs);
  isHook = input: input ? pythonHook;
  isPython = input: input ? ofPython;
  namesOrAll = stated: if builtins.isBool stated then (if stated then true else [ ]) else map engine.pythonName stated;

  formats = {
    setuptools = true;
    pyproject = true;
    # As it was before PEP 517: flit's backend is what pyproject.toml names.
    flit = true;
    wheel = false;
    other = false;
  };
in
attrs:
let
  parsed = builtins.parseDrvName (attrs.name or (throw "buildPythonPackage needs pname and version"));
  pname = attrs.pname or parsed.name;
  version = attrs.version or parsed.version;

  list = field: flat [ (attrs.${field} or [ ]) ];
  isTested = attrs.doCheck or true || attrs.doInstallCheck or false;
  forCheck = lib.optionals isTested (
    list "nativeCheckInputs" ++ list "checkInputs" ++ list "nativeInstallCheckInputs" ++ list "installCheckInputs"
  );
  forBuild = list "nativeBuildInputs" ++ list "propagatedNativeBuildInputs" ++ list "build-system";
  linked = list "buildInputs";
  dependencies = list "dependencies" ++ list "propagatedBuildInputs" ++ list "pythonPath";

  format =
    if attrs.pyproject or null == true then
      "pyproject"
    else if attrs.pyproject or null == false then
      "other"
    else
      attrs.format or "setuptools";
in
{
  inherit
    attrs
    pname
    version
    dependencies
    isTested
    ;
  name = engine.pythonName pname;
  format =
    if formats ? ${format} then
      format
    else
      throw "buildPythonPackage knows the formats ${lib.concatStringsSep ", " (builtins.attrNames formats)}, but not: `${format}`";
  # Whether a backend makes a wheel of it. With a buildPhase of its own it is not known who does.
  hasBackend = formats.${format} && !(attrs ? buildPhase);
  # Names of optional-dependencies to lists.
  extras = attrs.optional-dependencies or attrs.passthru.optional-dependencies or { };
  inherit forBuild linked forCheck;
  hooks = lib.uniqueStrings (map (one: one.pythonHook) (builtins.filter isHook (forBuild ++ forCheck)));
  imports = list "pythonImportsCheck";
  relaxed = namesOrAll (attrs.pythonRelaxDeps or false);
  removed = namesOrAll (attrs.pythonRemoveDeps or false);

  # Of inputs: the packages of the system, and what the Python packages among them wish for.
  systemOf = builtins.filter (input: !isPython input && !isHook input);
  wantedOfAll = inputs: wishes.merge (map wantedOf (builtins.filter isPython inputs));
}
