/** Whom a client trusts that has no word of its own: what the machine trusts, beside what comes with Node. */
import { existsSync } from "node:fs";
import type { TlsRoute } from "./http.ts";

type Authorities = Pick<TlsRoute, "caFile" | "extraCaFile">;

const MACHINE_FILES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/** What a user has named stands in the place of all else: the first file that is no empty text. */
export function authorities(named: readonly (string | undefined)[]): Authorities {
  const file = named.find(Boolean);
  return file === undefined
    ? { extraCaFile: MACHINE_FILES.find((path) => existsSync(path)) }
    : { caFile: file };
}
