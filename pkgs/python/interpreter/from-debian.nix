# An interpreter of the suite: what copse's other files need to know of one.
#
#   executable       python3.11
#   pythonVersion    3.11
#   fullVersion      3.11.2, as packages ask for it
#   closure          the Debian packages of a root that has the interpreter, and
#   rootRequests     those that are asked for to get it
#   program          where it is in that root
#   headers          Debian packages that what is compiled for it needs
#   bytecodeOf       the byte code of an unpacked wheel
final:
{
  # The Debian package: python3, python3.14
  request,
}:
let
  inherit (final) lib system debianTools;

  closure = debianTools.resolve (debianTools.basePackages ++ [ request ]);
  debVersion =
    name:
    let
      found = lib.findFirst (deb: deb.name == name) null closure;
    in
    if found == null then throw "Debian's ${request} comes without ${name}" else found.version;

  executable =
    let
      found = debianTools.pythonOf closure;
    in
    if found == null then throw "Debian's ${request} has no interpreter" else found;
  pythonVersion = lib.removePrefix "python" executable;

  # One for all packages: an expression of its own for each would be evaluated for each.
  compilerRoot = debianTools.compilerRoot executable;
in
{
  inherit executable pythonVersion closure;

  # 3.11.2-6+deb12u5 is 3.11.2, and 3.14.0~rc2-1 is 3.14.0rc2.
  fullVersion =
    let
      parts = builtins.match "([0-9]+:)?([0-9.]+)(~((a|b|rc)[0-9]+))?.*" (debVersion "${executable}-minimal");
      candidate = builtins.elemAt parts 3;
    in
    "${builtins.elemAt parts 1}${if candidate == null then "" else candidate}";

  # What wheels may take for granted (PEP 600), and what Debian keeps apart of the standard library.
  rootRequests = [
    request
    "libstdc++6"
  ]
  ++ lib.optional (builtins.compareVersions pythonVersion "3.12" < 0) "python3-distutils";

  program = "/usr/bin/${executable}";
  headers = [ "${executable}-dev" ];

  bytecodeOf =
    tree:
    debianTools.native {
      name = "${tree.name}-bytecode";
      inherit system;
      python = executable;
      root = compilerRoot;
      builder = "builtin:copse-bytecode";
      package = tree;
    };
}
