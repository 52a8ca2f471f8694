# From a package to a module and back: toPythonModule makes what another builder has put into site-packages a part of
# environments; toPythonApplication takes a package's commands alone.
{
  final,
  executable,
  sitePackages,
  wishes,
  wheels,
  environmentWith,
  package,
}:
let
  inherit (final) lib engine debianTools;

  commandsOf =
    { pname, version, package, tree, meta }:
    final.runCommandLocal "${lib.sanitizeDerivationName pname}-${version}" {
      inherit package tree sitePackages;
    } (builtins.readFile ./application.sh)
    // {
      inherit pname version meta;
      pythonModule = false;
    };
in
{
  inherit commandsOf;

  toPythonModule =
    one:
    let
      pname = lib.getName one;
      name = engine.pythonName pname;
      version = lib.getVersion one;
    in
    # Debian's packages stand in the root.
    if one ? ofPython || one.debian.isPackage or false then
      one
    else
      package {
        inherit pname;
        version = _: version;
        wanted = wishes.empty // {
          requirements = [ name ];
          requests = debianTools.requestsOf [ one ];
          projects.${name}.read = _: {
            info = {
              inherit name version;
              requirements = [ ];
            };
            tree = one;
          };
        };
        passthru = removeAttrs one [ "outPath" "drvPath" "out" "all" "type" "override" "debian" ];
      };

  toPythonApplication =
    one:
    if one ? pythonApplication then
      one.pythonApplication
    else
      let
        solved = lib.findFirst (locked: locked.name == engine.pythonName one.pname) (throw
          "toPythonApplication takes a Python package, and this is none: `${one.name}`"
        ) (one.pythonPackages or [ ]);
      in
      commandsOf {
        inherit (one) pname meta version;
        package = one;
        tree = wheels.treeOf one.ofPython.wanted solved;
      };

  hasPythonModule = one: one ? ofPython;
}
