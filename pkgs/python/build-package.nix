# python3Packages.buildPythonPackage, as Nixpkgs has it: a Python package from sources or a wheel at hand.
#
#   buildPythonPackage {
#     pname = "mine";
#     version = "1.0";
#     src = fetchPypi { inherit pname version; hash = "sha256-..."; };      # or ./., or any fetched archive or folder
#     pyproject = true;                     # or format = "setuptools", "wheel", "other"
#     build-system = [ setuptools ];
#     dependencies = [ numpy (request "scipy>=1.10") ];
#     buildInputs = [ debian.libfftw3-dev ];
#     nativeCheckInputs = [ pytestCheckHook ];
#     pythonImportsCheck = [ "mine" ];
#   }
#
# One thing differs, for the better: dependencies have no versions of their own here. The package takes part in the
# solve of each environment that it is in, with what `dependencies` names and what its own metadata demand, so a
# demand that `dependencies` forgets is met, too, and pythonRelaxDeps is for demands that are wrong. Whoever else in the
# environment depends on a package of this name gets it.
#
# Its steps are derivations of their own: sources patched, wheel built, wheel unpacked, the tree changed (postInstall,
# pythonRelaxDeps), then tested in an environment that is solved for it and its nativeCheckInputs.
{
  final,
  executable,
  sitePackages,
  wishes,
  wantedOf,
  environmentWith,
  sdists,
  atHand,
  # From a wish to a package with programs.
  package,
  python,
}:
let
  inherit (final)
    lib
    engine
    debianTools
    stdenvNoCC
    ;

  # What is an argument of the function and no variable of the build.
  arguments = [
    "name"
    "pname"
    "version"
    "src"
    "sourceRoot"
    "format"
    "pyproject"
    "build-system"
    "dependencies"
    "optional-dependencies"
    "propagatedBuildInputs"
    "buildInputs"
    "nativeBuildInputs"
    "checkInputs"
    "nativeCheckInputs"
    "installCheckInputs"
    "nativeInstallCheckInputs"
    "patches"
    "patchFlags"
    "prePatch"
    "postPatch"
    "postInstall"
    "postFixup"
    "doCheck"
    "doInstallCheck"
    "preCheck"
    "checkPhase"
    "postCheck"
    "installCheckPhase"
    "preInstallCheck"
    "postInstallCheck"
    "pytestFlags"
    "pytestFlagsArray"
    "unittestFlags"
    "unittestFlagsArray"
    "enabledTests"
    "disabledTests"
    "enabledTestPaths"
    "disabledTestPaths"
    "enabledTestMarks"
    "disabledTestMarks"
    "pythonImportsCheck"
    "pythonRelaxDeps"
    "pythonRemoveDeps"
    "disabled"
    "env"
    "meta"
    "passthru"
  ];
  # Phases that PEP 517's hooks stand for. Dropped silently they would be missed, so they are refused.
  refused = [
    "configurePhase"
    "buildPhase"
    "installPhase"
    "unpackPhase"
    "patchPhase"
    "preInstall"
    "postBuild"
    "makeWrapperArgs"
    "setupPyBuildFlags"
    "pypaBuildFlags"
    "outputs"
  ];

  isArchive = name: builtins.any (end: lib.hasSuffix end name) [ ".tar.gz" ".tgz" ".zip" ".tar.bz2" ".tar.xz" ];
  flat = inputs: builtins.filter (input: input != null) (lib.flatten inputs);
  isHook = input: input ? pythonHook;
  isPython = input: input ? ofPython;
  hookOf = inputs: name: builtins.any (input: input.pythonHook or null == name) inputs;
  wantedOfAll = inputs: wishes.merge (map wantedOf inputs);
  nameOf = src: src.name or (baseNameOf (toString src));

  # "numpy<2" without its versions where it is to be relaxed, and nothing where it is to be removed.
  changedRequirements =
    { relaxed, removed }:
    builtins.concatMap (
      text:
      let
        one = engine.pythonRequirement text;
        extras = if one.extras == [ ] then "" else "[${lib.concatStringsSep "," one.extras}]";
        names = stated: stated == true || builtins.elem one.name stated;
      in
      if names removed then
        [ ]
      else if names relaxed && one.url == null then
        [ "${one.name}${extras}" ]
      else
        [ text ]
    );
  namesOrAll = stated: if builtins.isBool stated then (if stated then true else [ ]) else map engine.pythonName stated;
  wordsOfAll = stated: if stated == true then "*" else lib.concatStringsSep " " stated;

  buildWith =
    isApplication: argument:
    let
      attrs = if builtins.isFunction argument then lib.fix argument else argument;
      again = changes: buildWith isApplication (attrs // lib.toFunction changes attrs);

      parsed = builtins.parseDrvName (attrs.name or (throw "buildPythonPackage needs pname and version"));
      pname = attrs.pname or parsed.name;
      version = attrs.version or parsed.version;
      name = engine.pythonName pname;
      format =
        if attrs.pyproject or null == true then
          "pyproject"
        else if attrs.pyproject or null == false then
          "other"
        else
          attrs.format or "setuptools";
      isOther = format == "other";
      forbidden = builtins.filter (one: attrs ? ${one}) refused;

      list = field: flat [ (attrs.${field} or [ ]) ];
      dependencies = list "dependencies" ++ list "propagatedBuildInputs";
      forBuild = builtins.filter (one: !isHook one) (list "nativeBuildInputs" ++ list "build-system");
      linked = list "buildInputs";
      forCheck =
        list "nativeCheckInputs" ++ list "checkInputs" ++ list "nativeInstallCheckInputs" ++ list "installCheckInputs";
      systemOf = builtins.filter (one: !isPython one);
      # Debian's packages that it is linked with are in any root in which it runs.
      requests = debianTools.requestsOf (systemOf (linked ++ dependencies));

      # --- Sources -----------------------------------------------------------------------------------------------

      src = attrs.src or (throw "buildPythonPackage needs src: `${pname}`");
      raw =
        if isArchive (nameOf src) then
          sdists.unpacked {
            inherit name version;
            file = nameOf src;
          } src
        else if builtins.isPath src then
          atHand.sourceOf name src
        else
          src;
      rawName = builtins.unsafeDiscardStringContext (builtins.substring 33 (-1) (baseNameOf "${raw}"));
      # As it is stated, the first part is the name of what the archive unpacks to.
      subfolder = builtins.match "[^/]*/(.+)" (attrs.sourceRoot or "");
      patching = builtins.intersectAttrs (lib.genAttrs [
        "patches"
        "patchFlags"
        "prePatch"
        "postPatch"
      ] (_: null)) attrs;
      source =
        if patching == { } && subfolder == null then
          raw
        else
          stdenvNoCC.mkDerivation (
            patching
            // {
              name = lib.sanitizeDerivationName "${name}-${version}-patched";
              src = raw;
              nativeBuildInputs = systemOf forBuild;
              sourceRoot = if subfolder == null then rawName else "${rawName}/${builtins.head subfolder}";
              dontConfigure = true;
              dontBuild = true;
              dontFixup = true;
              installPhase = ''cp -r . "$out"'';
            }
          );

      # --- Wheel and tree ----------------------------------------------------------------------------------------

      ownOf =
        wanted:
        let
          stated = wanted.build.${name} or { };
        in
        stated
        // {
          packages =
            debianTools.requestsOf (systemOf (forBuild ++ linked)) ++ requests ++ stated.packages or [ ];
          wanted = wantedOfAll (builtins.filter isPython (forBuild ++ linked));
          inputs = map (input: "${input}") (debianTools.otherThanDebian (systemOf (forBuild ++ linked)));
          variables = removeAttrs attrs arguments // attrs.env or { } // stated.variables or { };
        };
      stated = sdists.buildSystemOf source;
      building =
        wanted:
        {
          own = ownOf wanted;
        }
        // lib.optionalAttrs (format == "setuptools" && builtins.pathExists "${source}/setup.py") {
          buildSystem = stated // {
            backend = "setuptools.build_meta:__legacy__";
            requires = lib.uniqueStrings (stated.requires ++ [ "setuptools" ]);
          };
        };

      # { info; tree } of it before it is changed and tested.
      plain =
        { wanted, extras }:
        if isOther then
          {
            info = {
              inherit name version;
              requirements = [ ];
            };
            tree = ofOther wanted;
          }
        else if format == "wheel" then
          atHand.ofWheel {
            inherit
              name
              version
              extras
              src
              ;
            file = nameOf src;
          }
        else
          atHand.ofSource {
            inherit
              wanted
              name
              version
              extras
              source
              ;
            building = building wanted;
          };

      # Phases of its own, beside an interpreter that has its dependencies.
      ofOther =
        wanted:
        let
          environment = environmentWith [
            (wishes.empty // { settings = sdists.settingsOf wanted; })
            (wantedOfAll (builtins.filter isPython (dependencies ++ forBuild ++ linked ++ forCheck)))
          ];
        in
        final.stdenv.mkDerivation (
          removeAttrs attrs [
            "passthru"
            "meta"
            "pyproject"
            "format"
            "dependencies"
            "optional-dependencies"
            "build-system"
            "env"
          ]
          // attrs.env or { }
          // {
            name = treeName;
            buildInputs = systemOf linked ++ systemOf dependencies;
            nativeBuildInputs =
              [ environment.environment ]
              ++ map (request: final.debian.${request}) environment.requests
              ++ systemOf forBuild;
            propagatedBuildInputs = [ ];
            nativeCheckInputs = builtins.filter (one: !isHook one) (systemOf forCheck);
            checkInputs = [ ];
          }
        );

      relaxed = namesOrAll (attrs.pythonRelaxDeps or false);
      removed = namesOrAll (attrs.pythonRemoveDeps or false);
      treeName = lib.sanitizeDerivationName "${executable}-${name}-${version}";
      installed =
        tree:
        if relaxed == [ ] && removed == [ ] && (isOther || !(attrs ? postInstall || attrs ? postFixup)) then
          tree
        else
          stdenvNoCC.mkDerivation {
            name = treeName;
            inherit tree sitePackages;
            nativeBuildInputs = [ final.debian.python3-minimal ] ++ systemOf forBuild;
            relaxed = wordsOfAll relaxed;
            removed = wordsOfAll removed;
            changeMetadata = ./change-metadata.py;
            buildCommand = builtins.readFile ./install-package.sh;
            ${if isOther then null else "postInstall"} = attrs.postInstall or "";
            ${if isOther then null else "postFixup"} = attrs.postFixup or "";
          };

      # --- Tests -------------------------------------------------------------------------------------------------

      imports = list "pythonImportsCheck";
      testing =
        if isOther || attrs.doCheck or true == false && attrs.doInstallCheck or true == false then
          null
        else if attrs.doCheck or true == false then
          null
        else if attrs ? checkPhase then
          attrs.checkPhase
        else if attrs ? installCheckPhase then
          attrs.installCheckPhase
        else if hookOf forCheck "pytest" then
          "runHook preCheck\npytestCheckPhase\nrunHook postCheck"
        else if hookOf forCheck "unittest" then
          "runHook preCheck\nunittestCheckPhase\nrunHook postCheck"
        else
          null;
      tested =
        wanted: tree:
        if imports == [ ] && testing == null then
          tree
        else
          let
            environment = environmentWith [
              (wishes.merge [
                (asked // { settings = sdists.settingsOf wanted; })
                (wantedOfAll (builtins.filter (one: isPython one) forCheck))
                {
                  inherit (wishes.empty) requirements requests build settings;
                  projects = wanted.projects // {
                    ${name} = untested;
                  };
                }
              ])
            ];
          in
          stdenvNoCC.mkDerivation (
            builtins.intersectAttrs (lib.genAttrs [
              "preCheck"
              "postCheck"
              "preInstallCheck"
              "postInstallCheck"
            ] (_: null)) attrs
            // removeAttrs attrs arguments
            // attrs.env or { }
            // {
              name = treeName;
              inherit tree;
              environment = environment.environment;
              ${if format == "wheel" then null else "source"} = source;
              nativeBuildInputs =
                map (request: final.debian.${request}) environment.requests
                ++ builtins.filter (one: !isHook one) (systemOf (forCheck ++ linked));
              importsCheck = imports;
              testing = if testing == null then "" else testing;
              # Each word stands on a line of its own.
              pytestArguments = lib.concatStringsSep "\n" pytestArguments;
              unittestArguments = lib.concatStringsSep "\n" (list "unittestFlags" ++ list "unittestFlagsArray");
              buildCommand = builtins.readFile ./check-package.sh;
            }
          );
      selection =
        enabled: disabled:
        lib.concatStringsSep " and " (
          lib.optionals (enabled != [ ]) [ "(${lib.concatStringsSep " or " enabled})" ]
          ++ map (one: "not ${one}") disabled
        );
      option = flag: value: lib.optionals (value != "") [ flag value ];
      pytestArguments =
        option "-k" (selection (list "enabledTests") (list "disabledTests"))
        ++ option "-m" (selection (list "enabledTestMarks") (list "disabledTestMarks"))
        ++ map (path: "--ignore=${path}") (list "disabledTestPaths")
        ++ list "pytestFlags"
        ++ list "pytestFlagsArray"
        ++ list "enabledTestPaths";

      # --- As a part of environments -----------------------------------------------------------------------------

      readAs =
        isTested:
        { wanted, extras }:
        let
          made = plain { inherit wanted extras; };
          tree = installed made.tree;
          extra = wantedOfAll (
            builtins.filter isPython (flat (map (one: attrs.optional-dependencies.${one} or [ ]) extras))
          );
        in
        {
          info = made.info // {
            requirements =
              changedRequirements { inherit relaxed removed; } made.info.requirements ++ extra.requirements;
          };
          tree = if isTested then tested wanted tree else tree;
        };
      untested.read = readAs false;
      asked = wishes.merge [
        (
          wishes.empty
          // {
            requirements = [ name ];
            inherit requests;
            projects.${name}.read = readAs true;
          }
        )
        (wantedOfAll dependencies)
      ];

      asPackage = package {
        inherit pname;
        version = _: version;
        wanted = asked;
        meta.mainProgram = pname;
      };
      shape = if isApplication then asApplication else asPackage;
      # Its own programs alone; what it runs with stays behind them.
      asApplication =
        final.runCommandLocal "${lib.sanitizeDerivationName pname}-${version}"
          {
            package = asPackage;
            tree = (readAs true { wanted = asked; extras = [ ]; }).tree;
            inherit sitePackages;
          }
          (builtins.readFile ./application.sh);
    in
    if attrs.disabled or false then
      throw "${pname}-${version} not supported for interpreter ${executable}"
    else if !isOther && forbidden != [ ] then
      throw "buildPythonPackage does not take ${builtins.head forbidden}, as the build backend does that: `${pname}` (hint: format = \"other\" has phases of its own)"
    else if !(builtins.elem format [ "setuptools" "pyproject" "wheel" "other" ]) then
      throw "buildPythonPackage knows the formats setuptools, pyproject, wheel and other, but not: `${format}`"
    else
      shape
      // {
        inherit pname version src;
        pythonModule = if isApplication then false else python;
        inherit dependencies;
        propagatedBuildInputs = dependencies;
        optional-dependencies = attrs.optional-dependencies or { };
        copseInputs = dependencies ++ builtins.filter (one: !isHook one) (forBuild ++ linked ++ forCheck);
        overridePythonAttrs = again;
        overrideAttrs = change: again (old: lib.toExtension change old old);
        override = again;
        meta = {
          mainProgram = pname;
          platforms = lib.platforms.linux;
          available = true;
        }
        // attrs.meta or { };
        passthru = attrs.passthru or { };
      }
      // attrs.passthru or { };
in
{
  # A library: part of whatever environment it is put into.
  buildPythonPackage = buildWith false;

  # A program that happens to be written in Python: an environment of its own behind its commands, whatever Python
  # packages stand beside it.
  buildPythonApplication = buildWith true;

  # A file of PyPI by its hash: { pname; version; hash; format ? "setuptools"; extension ? "tar.gz"; }, and for a
  # wheel also `dist`, `python`, `abi` and `platform`, the parts of its name. Whichever index is configured has it.
  fetchPypi =
    {
      pname,
      version,
      format ? "setuptools",
      extension ? "tar.gz",
      python ? "py2.py3",
      dist ? python,
      abi ? "none",
      platform ? "any",
      hash ? "",
      sha256 ? "",
    }:
    let
      file =
        if format == "wheel" then
          "${pname}-${version}-${dist}-${abi}-${platform}.whl"
        else
          "${pname}-${version}.${extension}";
      stated = if hash != "" then hash else sha256;
    in
    if stated == "" then
      throw "fetchPypi needs the hash of the file: `${file}`"
    else
      derivation (
        {
          name = lib.sanitizeDerivationName file;
          system = "builtin";
          builder = "builtin:fetchurl";
          url = "pypi:${engine.pythonName pname}/${file}";
          urls = [ ];
          outputHash = stated;
          outputHashMode = "flat";
          preferLocalBuild = true;
        }
        # An SRI hash tells its kind itself.
        // lib.optionalAttrs (hash == "") { outputHashAlgo = "sha256"; }
      );
}
