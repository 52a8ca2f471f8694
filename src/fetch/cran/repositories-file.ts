/**
 * R's `repositories` file: a table, tab-separated, of repositories that R knows; those marked as default are set when R
 * starts ("R Installation and Administration", `?setRepositories`). `$R_REPOSITORIES` names the file.
 *
 *     menu_name                URL                          default  source  win.binary  mac.binary
 *     CRAN    CRAN             https://mirror.example/cran  TRUE     TRUE    TRUE        TRUE
 *     lab     Our own packages https://lab.example/R        TRUE     TRUE    FALSE       FALSE
 *
 * Lines have one column more than the header: the name in front. `%v` and others stand for Bioconductor's addresses.
 */

/** Addresses of the default repositories that have sources, by name. */
export function readRepositoriesFile(text: string): Map<string, string> {
  const [header, ...rows] = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")));
  const found = new Map<string, string>();
  if (!header) return found;
  const isPlaced = (row: readonly string[]) => row.length === header.length + 1;
  for (const row of rows) {
    const cell = (column: string): string => row[header.indexOf(column) + (isPlaced(row) ? 1 : 0)] ?? "";
    const name = row[0] ?? "";
    const uri = cell("URL");
    // `@CRAN@` asks the user for a mirror, `%bm` is the address of Bioconductor's.
    if (cell("default") !== "TRUE" || cell("source") !== "TRUE" || /[@%]/.test(uri)) continue;
    if (name !== "" && uri !== "") found.set(name, uri);
  }
  return found;
}
