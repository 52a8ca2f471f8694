# Python: one universe of packages per package set, as `config.pythonPackages` says.
#
#   "pypi"    any package of PyPI, or of the indexes that pip is configured with; solved together (./pypi.nix)
#   "debian"  Debian's own, in the versions of the suite (./debian.nix)
#
# The interpreter is Debian's in both.
final: prev:
let
  # Which attributes there are depends on it, so it is asked of what is there already.
  universe = prev.config.pythonPackages or "pypi";
in
if universe == "pypi" then
  import ./pypi.nix final prev
else if universe == "debian" then
  import ./debian.nix final prev
else
  throw "config.pythonPackages names a universe that is not known: `${universe}` (hint: \"pypi\" and \"debian\" are)"
