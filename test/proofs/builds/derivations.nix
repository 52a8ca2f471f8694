# What the proof of builds builds: everything that an output can be or say, by shell programs that need nothing but
# busybox. `good` must be built alike, `bad` must fail in both tools.
{ tools, fixtures }:
let
  system = builtins.currentSystem;
  busybox = builtins.path { path = tools; name = "tools"; };
  make = name: attributes: script: derivation ({
    inherit name system;
    builder = "${busybox}/bin/sh";
    args = [ "-euc" script ];
    PATH = "${busybox}/bin";
  } // attributes);
  # Structured attributes are no variables: the shell reads them from a file.
  structured = name: attributes: script: make name ({ __structuredAttrs = true; } // attributes)
    ''
      # Bash is not here to read its arrays.
      json=$NIX_ATTRS_JSON_FILE
      output() { sed -e 's/.*"outputs":{//' -e "s/.*\"$1\":\"\([^\"]*\)\".*/\1/" "$json"; }
      out=$(output out)
      PATH=${busybox}/bin
      ${script}
    '';
  fixed = name: algorithm: mode: hash: make name { outputHashAlgo = algorithm; outputHashMode = mode; outputHash = hash; };
  leaf = make "leaf" { } "echo leaf > $out";
  other = make "other" { } "mkdir $out; echo other > $out/file";
  user = make "user" { } "mkdir $out; echo ${leaf} ${other} > $out/refs";
  many = make "many" { outputs = [ "out" "dev" "doc" ]; } ''
    mkdir $out $dev $doc
    echo "$dev/include" > $out/config
    echo nothing > $dev/header
    echo "see $out and ${leaf}" > $doc/manual
  '';
in
rec {
  good = {
    inherit leaf other user many;
    executable = make "executable" { } "echo '#!/bin/sh' > $out; chmod 700 $out";
    tree = make "tree" { } "mkdir -p $out/a/b/c $out/empty $out/a/empty; echo x > $out/a/b/c/x; : > $out/nothing";
    link-to-store = make "link-to-store" { } "ln -s ${leaf} $out";
    link-broken = make "link-broken" { } "ln -s /no/such/place $out";
    links = make "links" { } "mkdir $out; ln -s ../../${baseNameOf leaf} $out/up; ln -s . $out/self; ln -s ${other}/file $out/file; ln -s $out/file $out/again";
    self = make "self" { } "mkdir $out; echo $out/bin > $out/me";
    self-file = make "self-file" { } "echo $out > $out";
    as-file = make "as-file" { passAsFile = [ "text" "empty" ]; text = "line\n\ttab \${x} é"; empty = ""; } ''
      cat "$textPath" "$emptyPath" > $out
    '';
    graph = make "graph" { exportReferencesGraph = [ "closure" user "one" leaf ]; } "cat closure one > $out";
    odd-names = make "odd-names" { } ''
      mkdir $out; cd $out
      touch "$(printf 'a\377\376b')" "$(printf 'new\nline')" 'quote"' "it's" 'back\slash' ' space' 'é' '日本' ./-dash '*' 'A' 'a'
      touch "$(head -c 255 /dev/zero | tr '\0' n)"
    '';
    hard-links = make "hard-links" { } "mkdir $out; echo same > $out/a; ln $out/a $out/b; mkdir $out/d; ln $out/a $out/d/c";
    modes = make "modes" { } ''
      mkdir $out $out/d; for mode in 000 111 222 400 444 644 755 777 100 010 001; do echo $mode > $out/$mode; chmod $mode $out/$mode; done
      chmod 700 $out/d
    '';
    times = make "times" { } "mkdir $out; touch -d '2001-01-01 00:00' $out/old; touch $out/new; touch -d '2002-02-02 00:00' $out";
    big = make "big" { } "yes ${leaf} | head -c 50000000 > $out";
    zeros = make "zeros" { } "mkdir $out; truncate -s 30000001 $out/sparse; echo end >> $out/sparse; truncate -s 8 $out/eight; truncate -s 9 $out/nine";
    # A reference on every distance from the ends of the pieces that a scanner may read.
    borders = make "borders" { } ''
      mkdir $out
      for size in 4090 8175 16370 32750 65500 65535 131050 262130; do
        for more in 0 1 5 10 20 31; do
          { head -c $((size + more)) /dev/zero; printf %s ${leaf}; printf ' %s' ${other}; } > $out/$size-$more
        done
      done
    '';
    only-link = make "only-link" { } "mkdir $out; ln -s ${user}/refs $out/l";
    # The hash part alone is what makes a reference, and it does so in a file's name too.
    in-name = make "in-name" { } "mkdir $out; : > $out/${builtins.substring 0 32 (baseNameOf leaf)}-x; echo ${builtins.substring 0 32 (baseNameOf other)} > $out/hash";
    no-reference = make "no-reference" { dep = leaf; } "printf %s $dep | tr a-z b-za > $out";
    source = make "source" { src = builtins.path { path = fixtures; name = "fixtures"; }; } "cp -a $src $out; chmod -R u+w $out; ln -s $src $out/origin";
    script = make "script" { script = builtins.toFile "script.sh" "mkdir $out; echo ${busybox} > $out/tools\n"; } ". $script";
    allowed = make "allowed" { allowedReferences = [ leaf "out" ]; } "echo ${leaf} $out > $out";
    allowed-none = make "allowed-none" { allowedReferences = [ ]; } "echo > $out";
    requisites = make "requisites" { allowedRequisites = [ user leaf other ]; } "echo ${user} > $out";
    disallowed = make "disallowed" { disallowedReferences = [ other ]; disallowedRequisites = [ many ]; } "echo ${leaf} > $out";
    deep = make "deep" { } ''d=$out; for i in $(seq 60); do d=$d/d$i; done; mkdir -p $d; echo deep > $d/f'';
    wide = make "wide" { } ''mkdir $out; cd $out; for i in $(seq 3000); do echo $i > f$i; done'';
    flat-md5 = fixed "flat-md5" "md5" "flat" "5d41402abc4b2a76b9719d911017c592" "printf hello > $out";
    flat-sha1 = fixed "flat-sha1" "sha1" "flat" "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d" "printf hello > $out";
    flat-sha256 = fixed "flat-sha256" "sha256" "flat" "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" "printf hello > $out";
    flat-sha512 = fixed "flat-sha512" "sha512" "flat" "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043" "printf hello > $out";
    tree-sha256 = fixed "tree-sha256" "sha256" "recursive" "sha256-FVcImz9sWhSb74L5u30+1KrcOHzTY1SsY5uBlqln5/M=" "mkdir $out; echo a > $out/a; ln -s a $out/l";
    tree-sha1 = fixed "tree-sha1" "sha1" "recursive" "53496510e1dede4d042cac7387dfef407b430043" "mkdir $out; echo a > $out/a; ln -s a $out/l";
    tree-md5 = fixed "tree-md5" "md5" "recursive" "6802f673210c70296efa81ff604b7d87" "mkdir $out; echo a > $out/a; ln -s a $out/l";
    uses-fixed = make "uses-fixed" { } "echo ${good.flat-sha256} ${good.tree-sha256} > $out";
    attributes = structured "attributes" { a = 1; f = 0.1; l = [ "x" true null { } ]; s = { deep.er = "é\n\""; }; d = leaf; } ''
      mkdir $out; cp $NIX_ATTRS_JSON_FILE $out/json; cp $NIX_ATTRS_SH_FILE $out/sh
    '';
    attributes-outputs = structured "attributes-outputs" { outputs = [ "out" "lib" ]; outputChecks.out.disallowedReferences = [ other ]; } ''
      mkdir $out; lib=$(output lib); mkdir $lib; echo $lib > $out/lib; echo ${leaf} > $lib/leaf
    '';
    attributes-graph = structured "attributes-graph" { exportReferencesGraph.closure = [ user ]; } "cp $NIX_ATTRS_JSON_FILE $out";
    attributes-discard = structured "attributes-discard" { unsafeDiscardReferences.out = true; } "echo ${leaf} > $out";
    # What a builder is given, apart from the number of cores and what the terminal is called.
    environment = make "environment" { empty = ""; lines = "a\nb"; } "env | grep -v -e ^NIX_BUILD_CORES= -e ^TERM= -e ^SHLVL= | sort > $out";
    place = make "place" { } ''
      mkdir $out; cd $out; pwd -P > here; (cd $NIX_BUILD_TOP; pwd -P; ls -la | wc -l) > top
      id -u > uid; id -g > gid; hostname > hostname; umask > umask
      cat /etc/passwd > passwd; cat /etc/group > group; cat /etc/hosts > hosts; ls / | grep -v bin > root; ls /etc > etc; ls /dev | grep -v kvm > dev
    '';
    signals = make "signals" { } "sleep 300 & echo done > $out";
  };

  bad = {
    no-output = make "no-output" { } "true";
    exit-code = make "exit-code" { } "echo started > $out; exit 3";
    killed = make "killed" { } "sh -c 'kill -9 $$'; echo never";
    fifo = make "fifo" { } "mkdir $out; mkfifo $out/pipe";
    writable-by-all = make "writable-by-all" { } "mkdir $out; touch $out/f; false";
    wrong-hash = fixed "wrong-hash" "sha256" "flat" "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9825" "printf hello > $out";
    wrong-kind = fixed "wrong-kind" "sha256" "flat" "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" "mkdir $out; printf hello > $out/f";
    fixed-executable = fixed "fixed-executable" "sha256" "flat" "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" "printf hello > $out; chmod +x $out";
    disallowed = make "disallowed" { disallowedReferences = [ leaf ]; } "echo ${leaf} > $out";
    not-allowed = make "not-allowed" { allowedReferences = [ other ]; } "echo ${leaf} > $out";
    self-not-allowed = make "self-not-allowed" { allowedReferences = [ ]; } "echo $out > $out";
    requisites = make "requisites" { allowedRequisites = [ user ]; } "echo ${user} > $out";
    disallowed-requisites = make "disallowed-requisites" { disallowedRequisites = [ leaf ]; } "echo ${user} > $out";
    too-large = structured "too-large" { outputChecks.out.maxSize = 1000; } "head -c 5000 /dev/zero > $out";
    cycle = make "cycle" { outputs = [ "out" "dev" ]; } "echo $dev > $out; echo $out > $dev";
    half = make "half" { outputs = [ "out" "dev" ]; } "echo > $out";
    features = make "features" { requiredSystemFeatures = [ "no-such-feature" ]; } "echo > $out";
    system = make "system" { system = "m68k-linux"; } "echo > $out";
    no-builder = make "no-builder" { builder = "${busybox}/bin/none"; } "";
    needs-bad = make "needs-bad" { dep = bad.exit-code; } "echo > $out";
  };
}
