/**
 * OpenPGP keys that may sign a Release, and the check of a signature against them.
 *
 * The library is large, so it is loaded when the first signature is to be checked. What counts is apt's rule:
 * one good signature by one trusted key. A signature of a key that is not in the keyring says nothing.
 */
import type { CleartextMessage, Config, Key, Message, Signature } from "openpgp";
import { byteStringFromBytes, bytesFromByteString, CopseError } from "#base";
import type { AptConfiguration, SignedBy } from "#fetch";
import { archiveKeyNames, readArchiveKeys } from "./archive-keys.ts";

export interface KeyringOptions {
  readonly signedBy: readonly SignedBy[];
  /** Keyrings to use besides, for a suite that the source itself does not name. */
  readonly additionalKeyrings?: readonly string[] | undefined;
  /** Debian's own keys as well, as copse brings them along. */
  readonly withDebianKeys?: boolean | undefined;
}

/** Keys that a source trusts, and where they were looked for. */
export interface Keyring {
  readonly keys: readonly Key[];
  /** Which of their keys and subkeys may sign, where Signed-By names some with `!`; undefined for all. */
  readonly allowedKeyIds: ReadonlySet<string> | undefined;
  readonly places: readonly string[];
}

/** What Debian installs its keys as, on whichever distribution carries them. */
export const archiveKeyrings: readonly string[] = [
  "/usr/share/keyrings/debian-archive-keyring.gpg",
  "/usr/share/keyrings/debian-archive-keyring.pgp",
];

/** Keys that have signed and will not sign again: for what is dated. */
export const formerKeyrings: readonly string[] = [
  "/usr/share/keyrings/debian-archive-removed-keys.gpg",
  "/usr/share/keyrings/debian-archive-removed-keys.pgp",
];

type SelectedKey = Extract<SignedBy, { kind: "fingerprint" }>;

export type OpenPgp = typeof import("openpgp");

export function loadOpenPgp(): Promise<OpenPgp> {
  return import("openpgp");
}

/** Throws `keyring-missing` where not one key is found. */
export async function openKeyring(apt: AptConfiguration, options: KeyringOptions): Promise<Keyring> {
  const pgp = await loadOpenPgp();
  const paths = options.signedBy.flatMap((entry) => (entry.kind === "keyring" ? [entry.path] : []));
  const inline = options.signedBy.flatMap((entry) => (entry.kind === "inline" ? [entry.key] : []));
  const selected = options.signedBy.flatMap((entry) => (entry.kind === "fingerprint" ? [entry] : []));
  const isStated = paths.length > 0 || inline.length > 0;
  const places = [
    ...(isStated ? paths : [...apt.trustedKeyrings, ...archiveKeyrings]),
    ...(options.additionalKeyrings ?? []),
  ];
  const keys: Key[] = [];
  for (const key of inline) keys.push(...(await readKeys(pgp, bytesFromByteString(key))));
  for (const path of new Set(places)) {
    const bytes = apt.files.read(path);
    if (bytes && bytes.length > 0) keys.push(...(await readKeys(pgp, bytes)));
  }
  if (options.withDebianKeys) keys.push(...(await pinnedDebianKeys(pgp)));
  const chosen =
    selected.length === 0
      ? keys
      : keys.filter((key) => selected.some((one) => hasFingerprint(key, one.fingerprint)));
  if (chosen.length === 0) throw noKeys(places);
  const shown = [
    ...(inline.length > 0 ? ["the key that stands with the source"] : []),
    ...places,
    ...(options.withDebianKeys ? ["the keys of Debian that copse knows"] : []),
  ];
  return { keys: chosen, allowedKeyIds: allowedKeyIds(chosen, selected), places: shown };
}

async function pinnedDebianKeys(pgp: OpenPgp): Promise<Key[]> {
  const keys = await readKeys(pgp, readArchiveKeys());
  return keys.filter((key) => archiveKeyNames.has(key.getFingerprint().toUpperCase()));
}

function allowedKeyIds(
  keys: readonly Key[],
  selected: readonly SelectedKey[],
): ReadonlySet<string> | undefined {
  if (!selected.some((one) => one.exact)) return undefined;
  const ids = new Set<string>();
  for (const key of keys) {
    const wholes = selected.filter((one) => !one.exact && hasFingerprint(key, one.fingerprint));
    for (const one of key.getKeys()) {
      const isNamed = selected.some(({ fingerprint }) => fingerprint.toLowerCase() === one.getFingerprint());
      if (isNamed || wholes.length > 0) ids.add(one.getKeyID().toHex());
    }
  }
  return ids;
}

/** A keyring is binary (.gpg) or one or more armoured blocks (.asc). What is no key in it is passed over. */
async function readKeys(pgp: OpenPgp, bytes: Uint8Array): Promise<Key[]> {
  const text = byteStringFromBytes(bytes);
  const blocks = text.match(
    /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g,
  );
  const config = keyConfig(pgp);
  const keys: Key[] = [];
  try {
    if (!blocks) keys.push(...(await pgp.readKeys({ binaryKeys: bytes, config })));
    else
      for (const armoredKeys of blocks)
        keys.push(...(await pgp.readKeys({ armoredKeys: `${armoredKeys}\n`, config })));
  } catch {
    // Not a keyring that can be read (GnuPG's keybox, say): as in apt, the others may still serve.
  }
  return keys;
}

// Archive keys were made years ago and their self-signatures may be SHA-1; what is signed now is held to
// today's measure by `messageConfig`.
function keyConfig(pgp: OpenPgp): Partial<Config> {
  return {
    ignoreUnsupportedPackets: true,
    ignoreMalformedPackets: true,
    rejectHashAlgorithms: new Set([pgp.enums.hash.md5, pgp.enums.hash.ripemd]),
  };
}

function messageConfig(pgp: OpenPgp): Partial<Config> {
  return {
    ...keyConfig(pgp),
    rejectMessageHashAlgorithms: new Set([pgp.enums.hash.md5, pgp.enums.hash.ripemd, pgp.enums.hash.sha1]),
  };
}

function hasFingerprint(key: Key, fingerprint: string): boolean {
  const wanted = fingerprint.toLowerCase();
  return key.getKeys().some((one) => one.getFingerprint() === wanted);
}

export interface SignatureCheck {
  readonly keyring: Keyring;
  /** What is signed, for messages. */
  readonly subject: string;
  /** When keys must be valid: now, or undefined for the time of the signature. */
  readonly date: Date | undefined;
}

const DAMAGED_HINT =
  "the file was cut off or changed on its way, or the mirror is in the middle of an update: try again later, or ask another mirror";

/** The text of a clear-signed message, and of it alone. Throws `signature-invalid`, `signature-untrusted`. */
export async function verifyClearSigned(armored: string, check: SignatureCheck): Promise<string> {
  const pgp = await loadOpenPgp();
  const lines = armored.trimEnd().split(/\r?\n/);
  const starts = lines.filter((line) => line.startsWith("-----BEGIN PGP ")).length;
  if (
    lines[0] !== "-----BEGIN PGP SIGNED MESSAGE-----" ||
    lines.at(-1) !== "-----END PGP SIGNATURE-----" ||
    starts !== 2
  )
    throw new CopseError("signature-invalid", `File is not one clear-signed message: \`${check.subject}\``, {
      hint: DAMAGED_HINT,
    });
  let message: CleartextMessage;
  try {
    message = await pgp.readCleartextMessage({ cleartextMessage: armored, config: messageConfig(pgp) });
  } catch (error) {
    throw new CopseError("signature-invalid", `Signed message cannot be read: \`${check.subject}\``, {
      hint: DAMAGED_HINT,
      cause: error,
    });
  }
  await requireGoodSignature(pgp, message, check);
  return message.getText();
}

/** Checks `Release` against `Release.gpg`. Throws `signature-invalid`, `signature-untrusted`. */
export async function verifyDetached(
  text: Buffer,
  signatureBytes: Buffer,
  check: SignatureCheck,
): Promise<void> {
  const pgp = await loadOpenPgp();
  const config = messageConfig(pgp);
  let message: Message<Uint8Array>;
  let signature: Signature;
  try {
    message = await pgp.createMessage({ binary: new Uint8Array(text) });
    const armored = signatureBytes.toString("latin1");
    signature = armored.startsWith("-----BEGIN")
      ? await pgp.readSignature({ armoredSignature: armored, config })
      : await pgp.readSignature({ binarySignature: signatureBytes, config });
  } catch (error) {
    throw new CopseError("signature-invalid", `Signature cannot be read: \`${check.subject}\``, {
      hint: DAMAGED_HINT,
      cause: error,
    });
  }
  await requireGoodSignature(pgp, message, check, signature);
}

async function requireGoodSignature(
  pgp: OpenPgp,
  message: CleartextMessage | Message<Uint8Array>,
  check: SignatureCheck,
  signature?: Signature,
): Promise<void> {
  const { keyring, subject } = check;
  const options = {
    verificationKeys: [...keyring.keys],
    date: check.date ?? null,
    config: messageConfig(pgp),
  };
  // The two overloads of `verify` differ in the message's type alone.
  const { signatures } =
    signature === undefined
      ? await pgp.verify({ message: message as CleartextMessage, ...options } as never)
      : await pgp.verify({ message: message as Message<Uint8Array>, signature, ...options } as never);
  const failures: string[] = [];
  for (const one of signatures as readonly { keyID: { toHex(): string }; verified: Promise<true> }[]) {
    const keyId = one.keyID.toHex();
    try {
      await one.verified;
      if (keyring.allowedKeyIds?.has(keyId) === false)
        failures.push(`${keyId.toUpperCase()}: not the key that Signed-By names`);
      else if (check.date && (await isExpired(keyring.keys, keyId, check.date)))
        failures.push(`${keyId.toUpperCase()}: key has expired`);
      else return;
    } catch (error) {
      failures.push(`${keyId.toUpperCase()}: ${reasonOf(error)}`);
    }
  }
  throw untrusted(subject, failures, keyring);
}

// The library judges a key at the time of the signature. Whoever holds an expired key could date signatures
// back, so that gpgv, and apt with it, judge at the time of the check.
async function isExpired(keys: readonly Key[], keyId: string, date: Date): Promise<boolean> {
  for (const key of keys) {
    const signer = key.getKeys().find((one) => one.getKeyID().toHex() === keyId);
    if (!signer) continue;
    const ends = [
      await key.getExpirationTime(),
      "mainKey" in signer ? await signer.getExpirationTime(date) : null,
    ];
    if (ends.every((end) => !(end instanceof Date) || end > date)) return false;
  }
  return true;
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/could not find signing key/i.test(text)) return "key is not in the keyring";
  if (/signed digest did not match|verification failed/i.test(text)) return "signature does not fit the text";
  return text.split("\n")[0]?.slice(0, 200) ?? "";
}

function untrusted(subject: string, failures: readonly string[], keyring: Keyring): CopseError {
  const isForged = failures.some((line) => line.includes("does not fit"));
  const list = failures.length > 0 ? failures.join("; ") : "it carries no signature";
  return isForged
    ? new CopseError("signature-invalid", `Signature does not fit what is signed (${list}): \`${subject}\``, {
        hint: DAMAGED_HINT,
      })
    : new CopseError("signature-untrusted", `Not signed by a trusted key (${list}): \`${subject}\``, {
        hint: `keys were looked for in ${keyring.places.join(", ")}; a newer keyring of the archive may have the key`,
      });
}

function noKeys(places: readonly string[]): CopseError {
  const where = places.length > 0 ? places.join(", ") : "what stands with the source";
  return new CopseError("keyring-missing", `No key to check signatures with was found in \`${where}\``, {
    hint: "give the archive's public key: in signedBy of the expression, signed-by of config.toml, or apt's Signed-By",
  });
}
