/** Where two answers differ, one line for each name. */
export function differencesOf(
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
): readonly string[] {
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return names.flatMap((name) => {
    const [mine, other] = [ours.get(name), theirs.get(name)];
    return mine === other ? [] : [`${name}: copse ${mine ?? "-"}, pip ${other ?? "-"}`];
  });
}
