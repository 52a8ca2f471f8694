# C++ Nix as Debian packages it: what copse's results are compared with.
{ pkgs ? import <nixpkgs> { } }:
pkgs.mkShell {
  name = "judge";
  packages = [ pkgs.debian.nix-bin ];
}
