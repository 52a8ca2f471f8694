# Derivations whose outputs show what their builders were given. Built without sandbox, with the machine's own shell.
let
  bash =
    args:
    derivation (
      {
        system = builtins.currentSystem;
        builder = "/bin/bash";
        args = [
          "-c"
          args.run
        ];
        PATH = "/usr/bin:/bin";
      }
      // removeAttrs args [ "run" ]
    );
  package = name: files: bash {
    inherit name;
    run = "mkdir -p $out; cd $out; ${files}";
  };
  dep0 = bash {
    name = "dep0";
    run = "echo foo > $out";
  };
  dep = package "dep" "echo ${dep0} > x";
  structured =
    name: more:
    bash (
      {
        inherit name;
        __structuredAttrs = true;
        run = ''
          PATH=/usr/bin:/bin
          . $NIX_ATTRS_SH_FILE
          PATH=/usr/bin:/bin
          mkdir ''${outputs[out]}
          cp $NIX_ATTRS_JSON_FILE ''${outputs[out]}/json
          cp $NIX_ATTRS_SH_FILE ''${outputs[out]}/sh
        '';
      }
      // more
    );
  environment =
    name: packages:
    derivation {
      inherit name;
      system = "builtin";
      builder = "builtin:buildenv";
      derivations = packages;
      manifest = builtins.toFile "manifest.nix" "[ ]";
    };
  a = package "a" ''
    mkdir -p bin share/x lib/only nix-support
    echo a > bin/a; echo c > bin/common; echo s > share/x/a; echo log > log
    ln -s /nowhere dangling; echo hidden > .hidden; echo m > manifest.nix
    echo ${c} > nix-support/propagated-user-env-packages
  '';
  b = package "b" "mkdir -p bin share/x share/y; echo b > bin/b; echo c > bin/common; echo s > share/x/b; ln -s share alias";
  c = package "c" "mkdir -p bin share/x; echo c > bin/c; ln -s ${b}/share/y share/z";
  file = bash {
    name = "file";
    run = "echo file > $out";
  };
  collides = package "collides" "echo x > share";
in
{
  same = {
    variables = bash {
      name = "variables";
      "odd-name" = "x";
      IFS = ":";
      run = "env -0 | sort -z | grep -zv -e ^NIX_BUILD_TOP -e ^TMP -e ^TEMP -e ^PWD= -e ^SHLVL -e ^_= -e ^OLDPWD > $out; umask >> $out; ulimit -c -s >> $out; grep NoNewPrivs /proc/self/status >> $out; cat /proc/self/personality >> $out";
    };
    structured = structured "structured" {
      whole = 1;
      yes = true;
      no = false;
      nothing = null;
      half = 1.5;
      float = 1.0;
      large = 4294967297;
      negative = -3;
      enormous = 1.0e20;
      rounded = 16777217.5;
      list = [
        1
        "two"
        true
        null
        "it's"
      ];
      fractions = [ 1.5 ];
      lists = [ [ ] ];
      empty = [ ];
      none = { };
      set = {
        a = "b";
        "c d" = "e'f";
        x = 3;
      };
      nested = {
        a.b = 1;
      };
      text = "qu\"ote\n$x\\";
      letters = "grün€😀";
      control = builtins.fromJSON ''"\u0001\u007f"'';
      "not-a-name" = 1;
      own = placeholder "out";
      inherit dep dep0;
      exportReferencesGraph = {
        one = [ dep ];
        two = dep0;
        three = [
          [ dep0 ]
          [ [ dep ] ]
        ];
      };
    };
    discarded = structured "discarded" {
      unsafeDiscardReferences.out = true;
      outputChecks.out.allowedReferences = [ ];
      inherit dep;
    };
    asFile = bash {
      name = "as-file";
      passAsFile = [
        "foo"
        "bar"
      ];
      foo = "xyzzy\n";
      bar = placeholder "out";
      run = "mkdir $out; cp $fooPath $out/foo; cp $barPath $out/bar; echo \${foo-unset} > $out/unset; basename $fooPath > $out/name";
    };
    graph = bash {
      name = "graph";
      exportReferencesGraph = [
        "g1"
        dep
        "g2"
        dep0
      ];
      inherit dep dep0;
      run = "mkdir $out; cp g1 g2 $out";
    };
    graphOfDerivation = bash {
      name = "graph-of-derivation";
      exportReferencesGraph = [
        "g"
        dep.drvPath
      ];
      run = "cp g $out";
    };
    self = bash {
      name = "self";
      outputs = [
        "out"
        "dev"
      ];
      run = "echo $dev > $out; echo $dev > $dev";
      allowedReferences = [
        "out"
        "dev"
      ];
      disallowedRequisites = [ dep ];
    };
    metadata = package "metadata" "echo x > a; chmod 4755 a; mkdir -m 700 b; echo y > b/c; chmod 0 b/c; ln -s /nowhere d; touch -d 2000-01-01 b";
    environment1 = environment "environment1" [
      [ "true" 5 1 a ]
      [ "true" 6 1 b ]
    ];
    environment2 = environment "environment2" [
      [ "true" 6 1 a ]
      [ "true" 5 1 b ]
      [ "false" 1 1 collides ]
    ];
    environment3 = environment "environment3" [
      [ "true" 5 2 b c ]
    ];
    environment4 = environment "environment4" [
      [ "true" 5 1 a ]
      [ "true" 6 1 file ]
    ];
    nothing = environment "nothing" [ ];
  };

  # By the beginning of what is said about them.
  refused =
    let
      refers =
        name: more:
        bash (
          {
            inherit name;
            run = "echo ${dep} $out > $out";
          }
          // more
        );
      fixed =
        name: more:
        bash (
          {
            inherit name;
            outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
          }
          // more
        );
    in
    {
      reference = refers "reference" { allowedReferences = [ "out" ]; };
      itself = refers "itself" { allowedReferences = [ dep ]; };
      requisite = refers "requisite" { allowedRequisites = [ dep ]; };
      disallowed = refers "disallowed" { disallowedReferences = [ dep ]; };
      disallowedRequisite = refers "disallowed-requisite" { disallowedRequisites = [ dep0 ]; };
      unknownOutput = refers "unknown-output" { disallowedReferences = [ "dev" ]; };
      large = structured "large" { outputChecks.out.maxSize = 10; };
      largeClosure = structured "large-closure" {
        outputChecks.out.maxClosureSize = 1000;
        inherit dep;
      };
      cycle = bash {
        name = "cycle";
        outputs = [
          "out"
          "dev"
        ];
        run = "echo $dev > $out; echo $out > $dev";
      };
      none = bash {
        name = "none";
        run = ":";
      };
      pipe = bash {
        name = "pipe";
        run = "mkfifo $out";
      };
      writable = bash {
        name = "writable";
        run = "mkdir $out; chmod 777 $out";
      };
      fails = bash {
        name = "fails";
        run = "echo > $out; exit 3";
      };
      killed = bash {
        name = "killed";
        run = "kill -9 $$";
      };
      mismatch = fixed "mismatch" { run = "echo hi > $out"; };
      notFlat = fixed "not-flat" { run = "mkdir $out"; };
      fixedFails = fixed "fixed-fails" { run = "exit 1"; };
      otherSystem = bash {
        name = "other-system";
        system = "riscv64-linux";
        run = "";
      };
      otherFeature = bash {
        name = "other-feature";
        requiredSystemFeatures = [
          "zebra"
          "kvm"
        ];
        run = "";
      };
      noBuilder = derivation {
        name = "no-builder";
        system = builtins.currentSystem;
        builder = "/no/such";
      };
      unknownBuiltin = derivation {
        name = "unknown-builtin";
        system = builtins.currentSystem;
        builder = "builtin:foo";
      };
      oddGraph = bash {
        name = "odd-graph";
        exportReferencesGraph = [ "g1" ];
        run = "";
      };
      notInput = bash {
        name = "not-input";
        exportReferencesGraph = [
          "g1"
          (builtins.unsafeDiscardStringContext dep0.outPath)
        ];
        run = "";
      };
      conflict = environment "conflict" [
        [ "true" 5 1 a ]
        [ "true" 5 1 b ]
      ];
      collision = environment "collision" [
        [ "true" 5 1 collides ]
        [ "true" 6 1 a ]
      ];
    };

  daemon = bash {
    name = "daemon";
    run = "mkdir $out; (setsid sh -c 'while :; do echo x >> $out/late; sleep 0.05; done' > /dev/null 2>&1 &) ; sleep 0.2";
  };
  bytes = bash {
    name = "bytes";
    bytes = builtins.readFile ./bytes;
    run = "printf %s \"$bytes\" > $out";
  };
}
