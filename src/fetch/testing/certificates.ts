/**
 * For tests: an authority and the certificates that it issues (X.509, RFC 5280), for TLS servers on the loopback interface and
 * for clients that identify themselves. Written in DER by hand: each value is a tag, a length and its contents.
 */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

export interface Credentials {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

export interface Authority extends Credentials {
  /** For `localhost` and 127.0.0.1 unless other names are given. */
  issue(options?: { readonly hosts?: readonly string[]; readonly expired?: boolean }): Credentials;
}

export function makeAuthority(name: string): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name, keys };
  const own = makeCertificate({
    subject: name,
    publicKey: keys.publicKey,
    issuer,
    extensions: authorityOnly,
  });
  return {
    certificate: own,
    key: pemOf(keys.privateKey),
    issue({ hosts = ["localhost", "127.0.0.1"], expired = false } = {}) {
      const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const certificate = makeCertificate({
        ...{ subject: hosts[0] ?? "client", publicKey: leaf.publicKey, issuer, expired },
        extensions: [extension("551d11", tlv(0x30, ...hosts.map(alternativeName)))],
      });
      return { certificate, key: pemOf(leaf.privateKey) };
    },
  };
}

interface CertificateRequest {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly keys: { publicKey: KeyObject; privateKey: KeyObject } };
  readonly extensions: readonly Buffer[];
  readonly expired?: boolean;
}

const DAY_MS = 86_400_000;

function makeCertificate({ subject, publicKey, issuer, extensions, expired }: CertificateRequest): string {
  const now = Date.now();
  const until = expired ? now - DAY_MS : now + 30 * DAY_MS;
  const keyIds = [
    extension("551d0e", tlv(0x04, keyId(publicKey))),
    extension("551d23", tlv(0x30, tlv(0x80, keyId(issuer.keys.publicKey)))),
  ];
  const body = tlv(
    0x30,
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    tlv(0x30, time(now - 40 * DAY_MS), time(until)),
    distinguishedName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, tlv(0x30, ...extensions, ...keyIds)),
  );
  const signature = createSign("sha256").update(body).sign(issuer.keys.privateKey);
  const der = tlv(0x30, body, ECDSA_WITH_SHA256, bitString(signature));
  const lines = der.toString("base64").replace(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const value = Buffer.concat(contents);
  const { length } = value;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), value]);
}

const objectId = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"));
const ECDSA_WITH_SHA256 = tlv(0x30, objectId("2a8648ce3d040302"));
const TRUE = tlv(0x01, Buffer.from([0xff]));

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return tlv(0x30, objectId(id), ...(isCritical ? [TRUE] : []), tlv(0x04, value));
}

/** An authority, which signs certificates and lists of revoked ones, and nothing else. */
const authorityOnly = [
  extension("551d13", tlv(0x30, TRUE), true),
  extension("551d0f", tlv(0x03, Buffer.from([1, 0x06])), true),
];

function alternativeName(host: string): Buffer {
  const parts = host.split(".").map(Number);
  const isAddress = parts.length === 4 && parts.every((part) => Number.isInteger(part));
  return isAddress ? tlv(0x87, Buffer.from(parts)) : tlv(0x82, Buffer.from(host));
}

function distinguishedName(text: string): Buffer {
  return tlv(0x30, tlv(0x31, tlv(0x30, objectId("550403"), tlv(0x0c, Buffer.from(text)))));
}

function time(ms: number): Buffer {
  return tlv(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "")}`));
}

function bitString(bytes: Buffer): Buffer {
  return tlv(0x03, Buffer.from([0]), bytes);
}

function keyId(key: KeyObject): Buffer {
  return createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}
