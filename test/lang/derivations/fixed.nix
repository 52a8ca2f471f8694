# Fixed outputs: all algorithms, forms of hashes, modes, and what depends on them.
let
  base = { name = "fixed"; builder = "/bin/sh"; system = "x86_64-linux"; };
  make = extra: derivation (base // extra);
  md5 = "d41d8cd98f00b204e9800998ecf8427e";
  sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
  sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  sha512 = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
  combine = algorithm: hash: mode: make { outputHash = hash; outputHashAlgo = algorithm; outputHashMode = mode; };
  fetch = url: make { inherit url; outputHash = sha256; outputHashAlgo = "sha256"; outputHashMode = "flat"; };
  user = dep: make { inherit dep; name = "user"; };
in
{
  md5-flat = combine "md5" md5 "flat";
  md5-recursive = combine "md5" md5 "recursive";
  sha1-flat = combine "sha1" sha1 "flat";
  sha1-recursive = combine "sha1" sha1 "recursive";
  sha256-flat = combine "sha256" sha256 "flat";
  sha256-recursive = combine "sha256" sha256 "recursive";
  sha512-flat = combine "sha512" sha512 "flat";
  sha512-recursive = combine "sha512" sha512 "recursive";
  no-mode = make { outputHash = sha256; outputHashAlgo = "sha256"; };
  base32 = combine "sha256" "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73" "flat";
  base64 = combine "sha256" "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" "flat";
  sri = combine null "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" "flat";
  sri-empty-algo = combine "" "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" "recursive";
  sri-no-algo = make { outputHash = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="; };
  prefixed = make { outputHash = "sha256:${sha256}"; };
  prefixed-and-algo = make { outputHash = "sha256:${sha256}"; outputHashAlgo = "sha256"; };
  upper-case = combine "sha256" "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855" "flat";
  empty = combine "sha256" "" "flat";
  empty-recursive = combine "sha512" "" "recursive";
  outputs-given = make { outputs = [ "out" ]; outputHash = sha256; outputHashAlgo = "sha256"; };
  fetch-a = fetch "https://a.example/x.tar.gz";
  fetch-b = fetch "https://b.example/x.tar.gz";
  user-a = user (fetch "https://a.example/x.tar.gz");
  user-b = user (fetch "https://b.example/x.tar.gz");
  user-both = make { a = fetch "https://a.example/x.tar.gz"; b = fetch "https://b.example/x.tar.gz"; };
  user-of-user = user (user (fetch "https://c.example/"));
  fixed-with-input = make { dep = user "x"; outputHash = sha256; outputHashAlgo = "sha256"; };
  fixed-on-fixed = make { dep = fetch "https://d.example/"; outputHash = sha1; outputHashAlgo = "sha1"; outputHashMode = "recursive"; };
  user-of-fixed-with-input = user (make { dep = user "x"; outputHash = sha256; outputHashAlgo = "sha256"; });
  user-of-recursive = user (combine "sha256" sha256 "recursive");
  user-of-md5 = user (combine "md5" md5 "flat");
  builtin-fetchurl = derivation {
    name = "x.deb"; system = "builtin"; builder = "builtin:fetchurl"; url = "apt:debian/pool/main/x/x.deb";
    outputHash = sha256; outputHashAlgo = "sha256"; outputHashMode = "flat"; preferLocalBuild = true;
  };
}
