/**
 * dpkg's list of what is installed, so that `dpkg -l`, vulnerability scanners and inventories of images see what
 * they would on any Debian. Lists of files are left out: they would be larger than everything else in a delta.
 */
import type { RootContext } from "../compose/root-context.ts";

export function addDpkgStatus(root: RootContext): void {
  const stanzas = [...root.packages]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ control }) =>
      control.text.trimEnd().replace(/^(Package:.*)$/m, "$1\nStatus: install ok installed"),
    );
  root.delta.file("/var/lib/dpkg/status", stanzas.map((stanza) => `${stanza}\n\n`).join(""));
  root.delta.file("/var/lib/dpkg/info/format", "1\n");
  root.delta.directory("/var/lib/dpkg/updates");
}
