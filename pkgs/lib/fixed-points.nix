# Fixed points and overlays.
{ lib }:
rec {
  fix =
    f:
    let
      x = f x;
    in
    x;
  extends =
    overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;
  # `final: prev: changes`, also from `prev: changes` or from the changes themselves.
  toExtension =
    change:
    if !(lib.isFunction change) then
      final: prev: change
    else
      final: prev:
      let
        once = change final;
      in
      if lib.isFunction once then once prev else change prev;
  composeExtensions =
    first: second: final: prev:
    let
      changes = first final prev;
    in
    changes // second final (prev // changes);
  composeManyExtensions = lib.foldr composeExtensions (final: prev: { });
  makeExtensible =
    f: fix (self: f self // { extend = overlay: makeExtensible (extends overlay f); });
}
