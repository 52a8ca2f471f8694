# Everything comes from Debian, Python's packages too.
{ pkgs ? import <nixpkgs> { config.pythonPackages = "debian"; } }:
pkgs.mkShell {
  name = "volume-report";
  packages = [
    (pkgs.python3.withPackages (ps: with ps; [ numpy scipy nibabel pydicom matplotlib ]))
    (pkgs.rWrapper.override { packages = [ pkgs.rPackages.ggplot2 ]; })
    pkgs.dcm2niix
  ];
  MPLBACKEND = "Agg";
  SOURCE_DATE_EPOCH = "1";
}
