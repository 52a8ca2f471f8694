/**
 * Variables that name files of the machine, in directories that inside are the root's: a company's certificates, which
 * every client takes from another variable, and time zones, where the root has none. Inside, the host's root is at
 * /.copse/host, so they are led there. enter.sh leads them back for a program of the host.
 */
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";

const CERTIFICATE_VARIABLES = [
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NIX_SSL_CERT_FILE",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "PIP_CERT",
  "NODE_EXTRA_CA_CERTS",
  "AWS_CA_BUNDLE",
];

const HOST = "/.copse/host";
const ZONES = "usr/share/zoneinfo";

/** A new environment. It is for ways into a root that leave the host's root there. */
export function withHostFiles(
  env: Readonly<Record<string, string>>,
  viewDir: string,
): Record<string, string> {
  const result = { ...env };
  for (const name of CERTIFICATE_VARIABLES) {
    const value = env[name];
    if (value !== undefined) result[name] = hostFile(value) ?? value;
  }
  if (
    env["TZ"] &&
    env["TZDIR"] === undefined &&
    !existsSync(join(viewDir, ZONES)) &&
    existsSync(`/${ZONES}`)
  ) {
    result["TZDIR"] = `${HOST}/${ZONES}`;
  }
  return result;
}

/** Links are followed here: inside, they would lead into the root. Undefined for what is seen inside as it is. */
function hostFile(path: string): string | undefined {
  if (!path.startsWith("/")) return undefined;
  try {
    const real = realpathSync(path);
    return /^\/(usr|etc|var|lib[^/]*)\//.test(real) ? `${HOST}${real}` : undefined;
  } catch {
    return undefined;
  }
}
