/** What Python's and R's packages make when they are configured, but for byte code, which has paths of its own. */
import { addFileIfMissing, type RootContext } from "../compose/root-context.ts";

const PAPER_SIZE = "a4";

export function addLanguageFiles(root: RootContext): void {
  addPython(root);
  addR(root);
  // libpaper2 asks the locale instead.
  if (root.packages.some(({ name }) => name === "libpaper1"))
    addFileIfMissing(root, "/etc/papersize", `${PAPER_SIZE}\n`);
}

function addPython(root: RootContext): void {
  const { delta, tree } = root;
  if (!tree.lookup("/usr/bin/python3")) return;
  // Scripts of the field say `python` as often as `python3`: here the one is always the other.
  if (!tree.lookupLink("/usr/bin/python")) delta.link("/usr/bin/python", "python3");
  addFileIfMissing(root, "/etc/python3/debian_config", "[DEFAULT]\nbyte-compile = standard\n");
  for (const name of tree.list("/usr/bin")) {
    if (/^python3\.[0-9]+$/.test(name)) delta.directory(`/usr/local/lib/${name}/dist-packages`);
  }
}

function addR(root: RootContext): void {
  const template = root.tree.readFile("/usr/lib/R/etc/Renviron.ucf")?.toString("latin1");
  if (template === undefined) return;
  const environment = template.replace(
    "R_PAPERSIZE_USER=${R_PAPERSIZE}",
    () => `R_PAPERSIZE_USER=\${R_PAPERSIZE-'${PAPER_SIZE}'}`,
  );
  addFileIfMissing(root, "/etc/R/Renviron", environment);
  root.delta.directory("/usr/local/lib/R/site-library");
}
