# Functions of no particular type.
{ lib }:
{
  inherit (builtins)
    isAttrs
    isBool
    isFloat
    isInt
    isList
    isPath
    isString
    lessThan
    pathExists
    readFile
    seq
    deepSeq
    functionArgs
    add
    sub
    ;
  id = x: x;
  const = x: _: x;
  pipe = builtins.foldl' (x: f: f x);
  concat = x: y: x ++ y;
  flip =
    f: a: b:
    f b a;
  mergeAttrs = x: y: x // y;
  min = x: y: if x < y then x else y;
  max = x: y: if x > y then x else y;
  mod = base: int: base - (int * (builtins.div base int));
  boolToString = b: if b then "true" else "false";
  or = x: y: x || y;
  and = x: y: x && y;
  isFunction = f: builtins.isFunction f || (f ? __functor && lib.isFunction (f.__functor f));
  toFunction = v: if lib.isFunction v then v else _: v;
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);
  warn = message: value: builtins.warn message value;
  warnIf = condition: message: if condition then lib.warn message else lib.id;
  warnIfNot = condition: message: if condition then lib.id else lib.warn message;
  throwIf = condition: message: if condition then throw message else lib.id;
  throwIfNot = condition: message: if condition then lib.id else throw message;
  assertMsg = condition: message: condition || throw message;
  mapNullable = f: a: if a == null then a else f a;
  setFunctionArgs = f: args: {
    __functor = self: f;
    __functionArgs = args;
  };
  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = "0000000000000000000000000000000000000000000000000000000000000000";
}
