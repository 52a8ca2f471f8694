/**
 * Java's store of trusted certificates, which `ca-certificates-java` fills by running Java. The file is a JKS
 * key store: a format of its own, simple and documented by its source only, in which each entry carries the time
 * when it was added. Here that is the store's time, so that the file depends on the certificates alone.
 */
import { createHash } from "node:crypto";
import type { RootContext } from "../compose/root-context.ts";
import { certificateLinks } from "./certificates.ts";

const KEY_STORE = "/etc/ssl/certs/java/cacerts";
const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
const STORE_TIME_MS = 1000n;
/** Keeps integrity only, and is what Java and every guide expect. */
const PASSWORD = "changeit";

export interface TrustedCertificate {
  readonly alias: string;
  /** X.509, as DER. */
  readonly der: Uint8Array;
}

export function addJavaCertificates(root: RootContext): void {
  if (!root.packages.some(({ name }) => name === "ca-certificates-java")) return;
  const certificates: TrustedCertificate[] = [];
  for (const [name, path] of certificateLinks(root)) {
    const der = derOf(root.tree.readFile(path)?.toString("latin1") ?? "");
    if (der) certificates.push({ alias: `debian:${lowerCase(name)}`, der });
  }
  root.delta.file(KEY_STORE, encodeKeyStore(certificates));
}

/** A JKS key store that holds nothing but trusted certificates. */
export function encodeKeyStore(certificates: readonly TrustedCertificate[]): Buffer {
  const parts: Uint8Array[] = [uint32(MAGIC), uint32(VERSION), uint32(certificates.length)];
  for (const { alias, der } of certificates) {
    parts.push(uint32(TRUSTED_CERTIFICATE), javaText(alias), uint64(STORE_TIME_MS));
    parts.push(javaText("X.509"), uint32(der.length), der);
  }
  const contents = Buffer.concat(parts);
  const password = Buffer.from(PASSWORD, "utf16le").swap16();
  const digest = createHash("sha1").update(password).update("Mighty Aphrodite").update(contents).digest();
  return Buffer.concat([contents, digest]);
}

/** Of ASCII alone: the name is bytes, which `toLowerCase` would take for Latin-1. */
function lowerCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function derOf(pem: string): Buffer | undefined {
  const found = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END/.exec(pem);
  return found?.[1] === undefined ? undefined : Buffer.from(found[1], "base64");
}

/** As `DataOutput.writeUTF`: the length in two bytes, then the text, which here is a byte string of UTF-8. */
function javaText(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
