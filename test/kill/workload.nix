# What is going on while something is killed: a small graph of sandboxed builds, new ones in every round, some of which
# leave processes behind and take their time.
{ tools, tree, round }:
let
  busybox = builtins.path { path = tools; name = "tools"; };
  source = builtins.path { path = tree; name = "source-${toString (round / 4)}"; };
  make = name: attributes: script: derivation ({
    name = "${name}-${toString round}";
    system = builtins.currentSystem;
    builder = "${busybox}/bin/sh";
    args = [ "-euc" script ];
    PATH = "${busybox}/bin";
  } // attributes);
  leaf = n: make "leaf-${toString n}" { } ''
    mkdir $out
    for i in 1 2 3 4 5 6 7 8; do echo "${toString n} $i" > $out/$i; done
    sleep 300 & sleep 0.0${toString n}
    head -c 300000 /dev/zero > $out/zeros
  '';
  leaves = map leaf [ 1 2 3 4 5 ];
  two = make "two" { outputs = [ "out" "dev" ]; inherit leaves; } ''
    mkdir $out; sleep 0.05; mkdir $dev; echo $leaves > $dev/leaves; echo $dev > $out/dev; yes | head -c 2000000 > $out/big
  '';
  copy = make "copy" { inherit source; } "cp -r $source $out; chmod -R u+w $out; echo $source > $out/origin; sh -c 'sleep 200 & sleep 0.05'";
in
make "top" { inherit copy two; inherit (two) dev; } "sleep 0.02; echo $copy $two $dev > $out"
