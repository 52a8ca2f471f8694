# The systems that copse runs on, in the lists that `meta.platforms` uses.
rec {
  linux = [
    "x86_64-linux"
    "aarch64-linux"
  ];
  unix = linux;
  all = linux;
  x86_64 = [ "x86_64-linux" ];
  aarch64 = [ "aarch64-linux" ];
}
