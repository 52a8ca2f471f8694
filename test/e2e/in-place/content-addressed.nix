# Floating outputs in all their forms. `seed` changes how `root` is built, and nothing of what comes out.
{
  seed ? 1,
}:
let
  build =
    name: script: more:
    derivation (
      {
        inherit name;
        system = builtins.currentSystem;
        builder = "/bin/sh";
        args = [
          "-c"
          script
        ];
        PATH = "/bin:/usr/bin";
      }
      // more
    );
  floating =
    name: script: more:
    build name script ({ __contentAddressed = true; } // more);
in
rec {
  root = floating "root" "echo root > $out" { inherit seed; };
  recursive = floating "recursive" "mkdir $out; echo $out > $out/me; ln -s $out/me $out/link" {
    outputHashMode = "recursive";
    outputHashAlgo = "sha256";
  };
  several =
    floating "several"
      "mkdir $out $dev $doc; echo lib > $out/lib; echo $out > $dev/inc; echo $dev $doc > $doc/page"
      {
        outputs = [
          "out"
          "dev"
          "doc"
        ];
      };
  flat = floating "flat" "echo flat > $out" {
    outputHashMode = "flat";
    outputHashAlgo = "sha512";
  };
  text = floating "text" "echo ${root} > $out" { outputHashMode = "text"; };
  blake = floating "blake" "mkdir $out; echo x > $out/x" { outputHashAlgo = "blake3"; };
  structured =
    floating "structured" "read line < $NIX_ATTRS_JSON_FILE; echo $line > ${placeholder "out"}"
      {
        __structuredAttrs = true;
        list = [
          root
          "${several.doc}/page"
        ];
      };
  fixed = build "fixed" "echo hello > $out" {
    outputHash = "sha256-WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=";
    needs = root;
  };
  fixedText = build "fixed-text" "echo hello > $out" {
    outputHash = "sha256-WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=";
    outputHashMode = "text";
  };
  fixedBlake = build "fixed-blake" "echo hello > $out" {
    outputHash = builtins.hashString "blake3" "hello\n";
    outputHashAlgo = "blake3";
  };
  above = floating "above" "echo ${root} ${several.dev} ${fixed} > $out" { };
  deferred = build "deferred" "echo ${above} > $out; echo $out > $lib" {
    outputs = [
      "out"
      "lib"
    ];
  };
  top = floating "top" "echo ${deferred.lib} ${fixedText} ${recursive}/me > $out" { };
}
