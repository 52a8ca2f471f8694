/**
 * What `update-ca-certificates` makes: every trusted authority as a link in `/etc/ssl/certs`, all of them in one
 * sorted bundle. The links by hash are made by openssl: see `tool-triggers.ts`.
 */
import type { RootContext } from "../compose/root-context.ts";

const AUTHORITIES = "/usr/share/ca-certificates";
export const CERTIFICATES = "/etc/ssl/certs";

export function addCertificates(root: RootContext): void {
  const { delta, tree } = root;
  const names = certificateFiles(root);
  if (names.length === 0) return;
  const bundle: string[] = [];
  for (const name of names) {
    const text = tree.readFile(`${AUTHORITIES}/${name}`)?.toString("latin1") ?? "";
    bundle.push(text.endsWith("\n") ? text : `${text}\n`);
    delta.link(`${CERTIFICATES}/${linkName(name)}`, `${AUTHORITIES}/${name}`);
  }
  delta.file(`${CERTIFICATES}/ca-certificates.crt`, bundle.join(""));
  delta.file("/etc/ca-certificates.conf", `${names.join("\n")}\n`);
}

/** Links of certificates, by their names in `/etc/ssl/certs`: what is to be linked by hash. */
export function certificateLinks(root: RootContext): ReadonlyMap<string, string> {
  return new Map(certificateFiles(root).map((name) => [linkName(name), `${AUTHORITIES}/${name}`]));
}

function certificateFiles({ tree }: RootContext): string[] {
  const found: string[] = [];
  const visit = (directory: string, prefix: string) => {
    for (const name of tree.list(directory)) {
      const node = tree.lookup(`${directory}/${name}`);
      if (node?.kind === "directory") visit(`${directory}/${name}`, `${prefix}${name}/`);
      else if (node && name.endsWith(".crt")) found.push(prefix + name);
    }
  };
  visit(AUTHORITIES, "");
  return found.sort();
}

/** As the script names them: `sed -e 's/ /_/g; s/[()]/=/g; s/,/_/g'`. */
function linkName(name: string): string {
  const base = name.slice(name.lastIndexOf("/") + 1, -".crt".length);
  return `${base.replace(/[ ,]/g, "_").replace(/[()]/g, "=")}.pem`;
}
