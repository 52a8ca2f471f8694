# What packages are asked for from: the suite, and what `config.debian` says beside it.
#
#   import <nixpkgs> {
#     config.debian = {
#       suite = "trixie";                       # bullseye, bookworm, trixie, sid
#       components = [ "main" "contrib" ];
#       pockets = [ "security" "updates" ];
#       snapshot = "20240301T000000Z";          # as it was on that day
#       repositories = [
#         {
#           name = "neurodebian";               # what copse.lock calls it
#           uris = [ "https://..." ];           # without it, the machine's configuration knows where it is
#           suite = "bookworm";                 # or "./", for a repository without `dists`
#           components = [ "main" ];
#           signedBy = ./neurodebian.asc;
#           priority = 500;
#         }
#       ];
#       pins = [
#         { package = "fsl-*"; pin = "release o=NeuroDebian"; priority = 700; }
#       ];
#     };
#   }
#
# docs/repositories.md explains each.
{
  suite,
  config,
}:
builtins.intersectAttrs {
  pockets = null;
  components = null;
  snapshot = null;
  repositories = null;
  pins = null;
} (config.debian or { })
// {
  inherit suite;
}
