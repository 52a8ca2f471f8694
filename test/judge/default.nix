# C++ Nix as Debian packages it: what copse's results are compared with. Its programs are launchers, which enter
# the package's own root, so no Nix needs to be installed.
(import <nixpkgs> { }).debian.nix-bin
