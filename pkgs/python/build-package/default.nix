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
# It is built by stdenv's phases in one derivation (./steps.nix), in the sandbox: until the wheel is made, in an environment of
# what its build needs; from then on in one of what it runs and is tested with, solved for it.
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
  # ../modules.nix
  commandsOf,
  python,
}:
let
  inherit (final) lib engine debianTools;
  inherit (atHand) describe;

  readArguments = import ./arguments.nix { inherit final wishes wantedOf; };
  requirements = import ./requirements.nix { inherit lib engine; };
  steps = import ./steps.nix {
    inherit
      final
      executable
      sitePackages
      wishes
      environmentWith
      sdists
      python
      ;
  };

  tableOf =
    sources:
    let
      file = "${sources}/pyproject.toml";
    in
    if builtins.pathExists file then (builtins.fromTOML (builtins.readFile file)).project or null else null;

  # What runs after a package is installed may need what it depends on.
  afterwards = [
    "postInstall"
    "installPhase"
    "fixupPhase"
    "preFixup"
    "postFixup"
    "preFixupPhases"
    "preInstallCheck"
    "postInstallCheck"
    "preDistPhases"
    "postPhases"
    "makeWrapperArgs"
  ];

  buildWith =
    isApplication: argument:
    let
      attrs = if builtins.isFunction argument then lib.fix (self: argument (finalAttrs self)) else argument;
      # As stdenv's, with what a package has besides what is stated.
      finalAttrs = self: self // { finalPackage = built; passthru = { optional-dependencies = self.optional-dependencies or { }; } // self.passthru or { }; };
      again = changes: buildWith isApplication (attrs // lib.toFunction changes attrs);

      stated = readArguments attrs;
      inherit (stated)
        pname
        version
        name
        dependencies
        ;
      stems = attrs.src or (throw "buildPythonPackage needs src: `${pname}`");
      src = if builtins.isPath stems && !(steps.isArchive (baseNameOf stems)) && stated.format != "wheel" then atHand.sourceOf name stems else stems;
      own = steps.of { inherit stated src; };

      # --- What it depends on ------------------------------------------------------------------------------------

      ofWheel =
        extras:
        atHand.ofWheel {
          inherit
            name
            version
            extras
            src
            ;
          file = steps.nameOf src;
        };
      infoOf =
        { wanted, extras }:
        let
          table = tableOf own.sources;
          static = if steps.states attrs steps.configuring then null else describe name extras table null;
        in
        if stated.format == "wheel" then
          (ofWheel extras).info
        else if !stated.hasBackend then
          {
            inherit name version;
            requirements = [ ];
          }
        else if table != null && static != null then
          static
        else
          describe name extras table (own.metadata wanted);
      readInfo =
        { wanted, extras }@asked:
        let
          info = infoOf asked;
          extra = stated.wantedOfAll (lib.flatten (map (one: stated.extras.${one} or [ ]) extras));
        in
        info // { requirements = requirements.changed stated info.requirements ++ extra.requirements; };

      # --- Its tree ----------------------------------------------------------------------------------------------

      isChecked =
        stated.imports != [ ] || stated.isTested && (stated.hooks != [ ] || attrs ? checkPhase || attrs ? installCheckPhase);
      runs = isChecked || steps.states attrs afterwards;
      # The package itself stands beside it.
      runEnvironment =
        wanted:
        environmentWith [
          (asked // { settings = sdists.settingsOf wanted; })
          (stated.wantedOfAll stated.forCheck)
          (
            wishes.empty
            // {
              projects = wanted.projects // {
                ${name}.read = asked: {
                  info = readInfo asked;
                  tree = null;
                };
              };
            }
          )
        ];
      isUntouched = stated.format == "wheel" && !runs && stated.relaxed == [ ] && stated.removed == [ ];
      treeOf =
        { wanted, extras }:
        if isUntouched then
          (ofWheel extras).tree
        else
          own.package {
            inherit wanted;
            inherit (requirements) words;
            run = if runs then runEnvironment wanted else null;
          };

      # --- As a part of environments -----------------------------------------------------------------------------

      read = asked: {
        info = readInfo asked;
        tree = treeOf asked;
        # What is compiled may need libraries that nobody has stated.
        built = if stated.hasBackend && own.compiles then treeOf asked else null;
      };
      asked = wishes.merge [
        (
          wishes.empty
          // {
            requirements = [ name ];
            # Debian's packages that it is linked with are in any root in which it runs.
            requests = debianTools.requestsOf (stated.systemOf (stated.linked ++ dependencies));
            projects.${name}.read = read;
          }
        )
        (stated.wantedOfAll dependencies)
      ];
      alone = treeOf {
        wanted = asked;
        extras = [ ];
      };

      asPackage = package {
        inherit pname;
        version = _: version;
        wanted = asked;
        meta.mainProgram = pname;
      };
      # Its own programs alone; what it runs with stays behind them.
      asApplication = commandsOf {
        inherit pname version;
        package = asPackage;
        tree = alone;
        inherit (built) meta;
      };

      furtherOutputs = lib.remove "out" (attrs.outputs or [ "out" ]);
      passthru = {
        optional-dependencies = stated.extras;
      }
      // attrs.passthru or { };
      built =
        (if isApplication then asApplication else asPackage)
        // lib.genAttrs furtherOutputs (output: alone.${output})
        // {
          inherit pname version dependencies;
          inherit (attrs) src;
          pythonModule = if isApplication then false else python;
          propagatedBuildInputs = dependencies;
          nativeBuildInputs = stated.forBuild;
          buildInputs = stated.linked;
          nativeCheckInputs = stated.forCheck;
          build-system = attrs.build-system or [ ];
          pythonApplication = asApplication // removeAttrs built [ "outPath" "drvPath" "out" "all" "name" "ofPython" "debian" "environment" ] // { pythonModule = false; };
          requiredPythonModules = builtins.filter (one: one ? ofPython) dependencies;
          copseInputs = dependencies ++ builtins.filter (one: one ? outPath) (stated.forBuild ++ stated.linked ++ stated.forCheck);
          overridePythonAttrs = again;
          overrideAttrs = change: again (old: lib.toExtension change built old);
          override = again;
          meta = {
            mainProgram = pname;
            platforms = lib.platforms.linux;
            available = true;
          }
          // attrs.meta or { };
          inherit passthru;
        }
        // passthru;
    in
    if attrs.disabled or false then
      throw "${pname}-${version} not supported for interpreter ${executable}"
    else
      built;
in
{
  # A library: part of whatever environment it is put into.
  buildPythonPackage = buildWith false;

  # A program that happens to be written in Python: an environment of its own behind its commands, whatever Python
  # packages stand beside it.
  buildPythonApplication = buildWith true;

  fetchPypi = import ./fetch-pypi.nix { inherit lib engine; };
}
