/** Rows as columns of text. The last column may be long; columns without any text are left out. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = head.every((cell) => cell === "") ? rows : [head, ...rows];
  const used = head.map((_, at) => at).filter((at) => rows.some((row) => (row[at] ?? "") !== ""));
  const widths = used.map((at) => Math.max(...all.map((row) => (row[at] ?? "").length)));
  return all
    .map((row) =>
      used
        .map((at, column) => (row[at] ?? "").padEnd(widths[column] as number))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
