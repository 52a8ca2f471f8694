# callPackage, override, overrideAttrs.
{ lib }:
rec {
  makeOverridable =
    f: args:
    let
      result = f args;
      again = changes: makeOverridable f (args // (lib.toFunction changes) args);
    in
    if builtins.isAttrs result then
      result
      // {
        override = again;
      }
      // lib.optionalAttrs (result ? overrideAttrs) {
        overrideAttrs = change: makeOverridable (args': (f args').overrideAttrs change) args;
      }
    else if builtins.isFunction result then
      lib.setFunctionArgs result (builtins.functionArgs result) // { override = again; }
    else
      result;

  callPackageWith =
    autoArgs:
    let
      # A set that answers for names it does not list answers for any argument's.
      listed = builtins.mapAttrs (_: value: value) autoArgs;
    in
    fn: args:
    let
      f = if builtins.isFunction fn || builtins.isAttrs fn then fn else import fn;
      wanted = f.__functionArgs or (builtins.functionArgs f);
      # An optional argument is taken from what the package set names; only a required one is looked for among
      # all that could be had, so that `{ withFoo ? false }:` never asks an index for a package `withFoo`.
      named = builtins.intersectAttrs wanted listed;
      required = builtins.filter (name: !wanted.${name} && !(named ? ${name}) && !(args ? ${name})) (
        builtins.attrNames wanted
      );
      found =
        named
        // builtins.listToAttrs (
          map (name: {
            inherit name;
            value = autoArgs.${name};
          }) (builtins.filter (name: autoArgs ? ${name}) required)
        );
      missing = builtins.filter (name: !(found ? ${name})) required;
    in
    if missing == [ ] then
      makeOverridable f (found // args)
    else
      throw "Function called without required argument \"${builtins.head missing}\": the package set has nothing of this name";

  callPackagesWith =
    autoArgs: fn: args:
    let
      f = if builtins.isFunction fn then fn else import fn;
    in
    f (
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = autoArgs.${name};
        }) (builtins.filter (name: autoArgs ? ${name}) (builtins.attrNames (builtins.functionArgs f)))
      )
      // args
    );

  makeScope =
    newScope: f:
    let
      self = f self // {
        newScope = scope: newScope (self // scope);
        callPackage = self.newScope { };
        overrideScope = overlay: makeScope newScope (lib.extends overlay f);
        packages = f;
      };
    in
    self;
}
