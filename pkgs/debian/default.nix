# Debian's packages as the system layer.
#
# A Debian package is asked for by name; names asked for together are solved together (`resolve`), and the
# answer comes from the lock. Each .deb is one fetch by hash and one unpacked tree, whatever asks for it; a root
# is the ordered list of trees plus what the triggers made of them.
final: prev:
let
  inherit (final) lib system suite engine debianUniverse;

  # Machines as Debian names them.
  debianArchitecture =
    {
      x86_64-linux = "amd64";
      aarch64-linux = "arm64";
    }
    .${system} or (throw "Debian packages are to be had for x86_64-linux and aarch64-linux, not for: `${system}`");

  # Built by the engine itself. `recipe` stands for the engine's own part of the recipe: it is raised, for each
  # builder by itself, whenever that builder makes something else of the same inputs.
  recipes = {
    "builtin:copse-unpack-deb" = 1;
    "builtin:copse-bytecode" = 2;
    "builtin:copse-root" = 4;
    "builtin:copse-package" = 3;
    "builtin:copse-wheel" = 1;
    "builtin:copse-python-env" = 1;
  };
  native =
    args:
    derivation (
      args
      // {
        recipe = recipes.${args.builder};
        requiredSystemFeatures = [ "copse-root" ];
      }
    );

  # config.debian: how packages are set up, for those who want it otherwise; where they come from, says ./universe.nix.
  #
  #   configure       "auto" (those whose scripts need to be run), "always", "never", or names besides "auto"
  #   dontConfigure   names of packages whose scripts are not run
  #   locales         such as [ "de_DE.UTF-8" "fr_CA ISO-8859-1" ]
  debianConfig =
    let
      settings = final.config.debian or { };
      known = [
        "configure"
        "dontConfigure"
        "locales"
        "suite"
        "pockets"
        "components"
        "snapshot"
        "repositories"
        "pins"
      ];
      unknown = removeAttrs settings known;
    in
    if unknown != { } then
      throw "config.debian has a setting that is not known: `${builtins.head (builtins.attrNames unknown)}` (hint: known are ${lib.concatStringsSep ", " known})"
    else
      {
        configure = "auto";
        dontConfigure = [ ];
        locales = [ ];
      }
      // settings;
  rootSettings =
    let
      inherit (debianConfig) configure dontConfigure locales;
    in
    lib.optionalAttrs (builtins.isString configure && configure != "auto") { inherit configure; }
    // lib.optionalAttrs (builtins.isList configure && configure != [ ]) { alsoConfigure = configure; }
    // lib.optionalAttrs (dontConfigure != [ ]) { inherit dontConfigure; }
    // lib.optionalAttrs (locales != [ ]) { locales = lib.concatStringsSep "\n" locales; };

  # Of one .deb: { name, version, file, archive, sizeBytes, sha256, ... }, as the lock has it.
  fetchDeb =
    deb:
    derivation {
      name = lib.sanitizeDerivationName (baseNameOf deb.file);
      system = "builtin";
      builder = "builtin:fetchurl";
      url = builtins.head deb.urls;
      urls = builtins.tail deb.urls;
      inherit (deb) sizeBytes;
      outputHash = deb.sha256;
      outputHashAlgo = "sha256";
      outputHashMode = "flat";
      preferLocalBuild = true;
    };

  unpackDeb =
    deb:
    native {
      name = lib.sanitizeDerivationName "${deb.name}-${deb.version}";
      inherit system;
      builder = "builtin:copse-unpack-deb";
      deb = fetchDeb deb;
    };

  # What makes a root usable at all, on top of what is asked for.
  basePackages = [
    "base-files"
    "base-passwd"
    "bash"
    "ca-certificates"
    "coreutils"
    "dash"
    "debianutils"
    "diffutils"
    "findutils"
    "grep"
    "gzip"
    "hostname"
    "libc-bin"
    "mawk"
    "mount"
    "ncurses-base"
    "ncurses-bin"
    "perl-base"
    "sed"
    "tar"
    "util-linux"
  ];

  resolve =
    names:
    engine.resolveDebian {
      inherit system;
      source = debianUniverse;
      packages = names;
    };

  # One root, one universe: a package of another suite, or of other repositories, comes as what it is by itself, a
  # folder of programs that enter a root of their own.
  universeKey = engine.debianKey debianUniverse;
  isForeign = input: (input.debian.universe or universeKey) != universeKey;
  isOurs = input: (input.debian.isPackage or false) && !isForeign input;

  # The interpreter that compiles byte code in a closure, such as `python3.11`; null where there is none.
  pythonOf =
    debs:
    let
      found = builtins.filter (deb: builtins.match "python3\\.[0-9]+-minimal" deb.name != null) debs;
    in
    if found == [ ] then null else lib.removeSuffix "-minimal" (builtins.head found).name;

  # A root with nothing but that interpreter, in which byte code is compiled: the same for every environment,
  # so that a package's byte code is made once.
  compilerRoot =
    python:
    makeRootFrom {
      name = "python-compiler";
      debs = resolve (basePackages ++ [ "${python}-minimal" ]);
    };

  # What stands beside the interpreter that compiles in any case.
  compilerNames =
    debs:
    let
      python = pythonOf debs;
    in
    map (deb: deb.name) (resolve (basePackages ++ (if python == null then [ ] else [ "${python}-minimal" ])));

  bytecodeOf =
    debs:
    let
      python = pythonOf debs;
      root = compilerRoot python;
    in
    if python == null then
      [ ]
    else
      map (
        deb:
        native {
          name = lib.sanitizeDerivationName "${deb.name}-${deb.version}-bytecode";
          inherit system python root;
          builder = "builtin:copse-bytecode";
          package = unpackDeb deb;
        }
      ) (builtins.filter (deb: deb.python) debs);

  makeRootFrom =
    {
      name,
      debs,
      bytecode ? [ ],
      settings ? { },
    }:
    native (
      settings
      // {
        name = "${name}-root";
        inherit system suite bytecode;
        builder = "builtin:copse-root";
        packages = map unpackDeb debs;
      }
    );

  # Programs that stand outside of any root run through this script, next to them in the store.
  launcher = builtins.path {
    name = "copse-enter";
    path = engine.launcher;
  };

  # A package as an attribute: what it asks for when it is part of an environment, and, used as a path, a folder
  # of the shape that Nix's users expect (bin, lib, include, share), whose programs enter a root of their own.
  package =
    {
      pname,
      requests,
      # Which packages of the closure show in the folder, by name. Default: those that were asked for.
      shows ? _closure: name: builtins.elem name requests,
      passthru ? { },
      meta ? { },
    }:
    let
      shape = native {
        name = lib.sanitizeDerivationName "${pname}-${version}";
        inherit system launcher;
        builder = "builtin:copse-package";
        root = makeRoot {
          name = lib.sanitizeDerivationName pname;
          packages = requests;
        };
        packages = map unpackDeb (builtins.filter (deb: shows closure deb.name) closure);
      };
      closure = resolve (basePackages ++ requests);
      version =
        let
          own = builtins.filter (deb: deb.name == builtins.head requests) closure;
        in
        if own == [ ] then "virtual" else (builtins.head own).version;
    in
    shape
    // {
      inherit pname version;
      name = "${pname}-${version}";
      debian = {
        inherit requests;
        isPackage = true;
        universe = universeKey;
      };
      meta = {
        mainProgram = pname;
        platforms = lib.platforms.linux;
        available = true;
      }
      // meta;
      override = _: package { inherit pname requests shows passthru meta; };
    }
    // passthru;

  makeRoot =
    {
      name ? "system",
      packages,
    }:
    let
      debs = resolve (lib.uniqueStrings (basePackages ++ packages));
    in
    makeRootFrom {
      inherit name debs;
      bytecode = bytecodeOf debs;
      settings = rootSettings;
    };

  # What Nixpkgs names differently, or what is several packages in Debian.
  named = builtins.mapAttrs (pname: requests: package { inherit pname requests; }) (import ./names.nix);

  byName = engine.openSet {
    set = { };
    has = name: engine.debianHas debianUniverse name;
    get =
      name:
      package {
        pname = name;
        requests = [ name ];
      };
    nearest = name: engine.debianNearest debianUniverse name;
  };
in
named
// {
  debian = byName;

  # The machinery, for those who build on it.
  debianTools = {
    inherit
      debianArchitecture
      fetchDeb
      unpackDeb
      resolve
      package
      makeRoot
      basePackages
      compilerNames
      compilerRoot
      isForeign
      launcher
      native
      pythonOf
      universeKey
      ;
    # The Debian packages that a list of inputs asks for, each once.
    requestsOf =
      inputs:
      lib.uniqueStrings (builtins.concatMap (input: input.debian.requests or [ ]) (builtins.filter (input: !isForeign input) inputs));
    # What becomes one with an interpreter must be of its universe.
    ofOneUniverse =
      inputs:
      map (
        input:
        if isForeign input then
          throw "`${input.name}` is of ${input.debian.universe}, and this environment of ${universeKey}: packages of two suites cannot be in one root (hint: take it from the same package set, or put it beside the environment in mkShell, where it comes as a program with a root of its own)"
        else
          input
      ) inputs;
    # The inputs that are store paths of their own, beside any root.
    otherThanDebian = builtins.filter (input: !isOurs input);
  };
}
