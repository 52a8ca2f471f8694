/** Names in the order in which what they need comes first. */

export interface Ordering {
  readonly wanted: readonly string[];
  /** What a name needs. `by` needs it, as its number `at`: where a fault is. Throws for a name that is unknown. */
  readonly needs: (
    name: string,
    by: { readonly name: string; readonly at: number } | undefined,
  ) => readonly string[];
  /** Throws. The first name of the circle is also the last; `by` closes it. */
  readonly onCircle: (circle: readonly string[], by: { readonly name: string; readonly at: number }) => never;
}

/** Each name once, behind all that it needs. */
export function inOrder({ wanted, needs, onCircle }: Ordering): string[] {
  const order = new Set<string>();
  const visit = (name: string, above: readonly string[], by?: { name: string; at: number }): void => {
    if (order.has(name)) return;
    if (above.includes(name) && by) onCircle([...above.slice(above.indexOf(name)), name], by);
    needs(name, by).forEach((needed, at) => {
      visit(needed, [...above, name], { name, at });
    });
    order.add(name);
  };
  for (const name of wanted) visit(name, []);
  return [...order];
}
