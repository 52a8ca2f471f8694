# Lists.
{ lib }:
rec {
  inherit (builtins)
    head
    tail
    length
    elem
    elemAt
    filter
    concatLists
    concatMap
    map
    genList
    all
    any
    foldl'
    sort
    partition
    groupBy
    isList
    ;
  singleton = x: [ x ];
  foldr =
    op: nul: list:
    let
      len = length list;
      go = n: if n == len then nul else op (elemAt list n) (go (n + 1));
    in
    go 0;
  fold = foldr;
  foldl =
    op: nul: list:
    let
      go = n: if n == -1 then nul else op (go (n - 1)) (elemAt list n);
    in
    go (length list - 1);
  imap0 = f: list: genList (n: f n (elemAt list n)) (length list);
  imap1 = f: list: genList (n: f (n + 1) (elemAt list n)) (length list);
  forEach = list: f: map f list;
  flatten = x: if isList x then concatMap flatten x else [ x ];
  remove = e: filter (x: x != e);
  # Stops at the first: later elements are not asked.
  findFirst =
    pred: default: list:
    let
      len = length list;
      go =
        n:
        if n == len then
          default
        else if pred (elemAt list n) then
          elemAt list n
        else
          go (n + 1);
    in
    go 0;
  count = pred: foldl' (n: x: if pred x then n + 1 else n) 0;
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  toList = x: if isList x then x else [ x ];
  range = first: last: if first > last then [ ] else genList (n: first + n) (last - first + 1);
  replicate = n: x: genList (_: x) n;
  reverseList =
    list:
    let
      len = length list;
    in
    genList (n: elemAt list (len - n - 1)) len;
  take = count: sublist 0 count;
  drop = count: list: sublist count (length list) list;
  sublist =
    start: count: list:
    let
      len = length list;
      size =
        if start >= len then
          0
        else if start + count > len then
          len - start
        else
          count;
    in
    genList (n: elemAt list (start + n)) size;
  last = list: elemAt list (length list - 1);
  init = list: take (length list - 1) list;
  zipListsWith =
    f: a: b:
    genList (n: f (elemAt a n) (elemAt b n)) (lib.min (length a) (length b));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  unique = foldl' (acc: e: if elem e acc then acc else acc ++ [ e ]) [ ];
  intersectLists = e: filter (x: elem x e);
  subtractLists = e: filter (x: !(elem x e));
  # Of strings: keeps the first of each, in linear time.
  uniqueStrings =
    list:
    map (entry: entry.value) (
      sort (a: b: a.index < b.index) (
        lib.attrValues (
          builtins.listToAttrs (imap0 (index: value: { name = value; value = { inherit index value; }; }) list)
        )
      )
    );
}
