/**
 * For tests: a Debian archive of a few packages, signed by a key made for it, and a machine whose apt is
 * configured for it. Served over HTTP on this machine; `answer` may stand in the way of any file.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { PrivateKey } from "openpgp";
import { loadOpenPgp } from "../archive/keyring.ts";
import { type OpenDebianOptions, openDebianServices } from "../services.ts";

export interface FixturePackage {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  /** Further fields: `Depends`, `Provides`, ... */
  readonly fields?: Readonly<Record<string, string>>;
  /** The .deb; unless stated, one that nothing can be unpacked from. */
  readonly contents?: Buffer;
}

export interface FixtureKey {
  readonly privateKey: PrivateKey;
  readonly armored: string;
  readonly binary: Uint8Array;
}

export async function makeKey(
  name: string,
  options: { readonly date?: Date; readonly expiresInSeconds?: number } = {},
): Promise<FixtureKey> {
  const pgp = await loadOpenPgp();
  const made = await pgp.generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [{ name, email: "archive@copse.invalid" }],
    format: "object",
    ...(options.date && { date: options.date }),
    ...(options.expiresInSeconds !== undefined && { keyExpirationTime: options.expiresInSeconds }),
  });
  return { privateKey: made.privateKey, armored: made.publicKey.armor(), binary: made.publicKey.write() };
}

/** The text of `Packages`. */
export function packagesText(packages: readonly FixturePackage[]): string {
  return packages
    .map(({ name, version = "1.0", architecture = "amd64", fields = {}, contents: given }) => {
      const file = `pool/main/${name[0]}/${name}/${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`;
      const contents = given ?? debOf(file);
      const lines = {
        ...{ Package: name, Version: version, Architecture: architecture, ...fields, Filename: file },
        ...{
          Size: String(contents.length),
          SHA256: sha256(contents),
          Description: `the package ${name}\n more about it`,
        },
      };
      return `${Object.entries(lines)
        .map(([key, value]) => `${key}: ${value}`)
        .join("\n")}\n`;
    })
    .join("\n");
}

/** What a package's file holds: nothing that could be installed, but its hash is right. */
export function debOf(file: string): Buffer {
  return Buffer.from(`!<arch>\n${file}\n`);
}

export interface SuiteOptions {
  readonly suite?: string;
  readonly codename?: string;
  readonly origin?: string;
  readonly label?: string;
  readonly date?: Date;
  readonly validUntil?: Date;
  readonly byHash?: boolean;
  /** The forms in which the mirror has an index; gzip unless stated. */
  readonly compress?: (text: Buffer) => readonly { readonly suffix: string; readonly contents: Buffer }[];
  readonly separateAll?: readonly FixturePackage[];
  /** `main` unless stated. */
  readonly component?: string;
  /** Further fields of the Release: `NotAutomatic: yes`. */
  readonly fields?: readonly string[];
  readonly version?: string;
  /** Further index files, by their paths below the suite. */
  readonly files?: ReadonlyMap<string, Buffer>;
  /** Now unless stated: a key that has expired can have signed before. */
  readonly signedAt?: Date;
}

export class FixtureArchive {
  /** By path below the archive's base. */
  readonly files = new Map<string, Buffer>();
  readonly requests: string[] = [];
  /** Answers in the place of the archive where it returns true. */
  answer: ((path: string, response: ServerResponse) => boolean) | undefined;

  /** Writes the suite's index and Release; `keys` sign it. */
  async publish(
    packages: readonly FixturePackage[],
    keys: readonly FixtureKey[],
    options: SuiteOptions = {},
  ): Promise<void> {
    const suite = options.codename ?? "bookworm";
    const component = options.component ?? "main";
    const indexes: [string, Buffer][] = [
      [`${component}/binary-amd64/Packages`, Buffer.from(packagesText(packages))],
      ...(options.files ?? []),
    ];
    if (options.separateAll)
      indexes.push([`${component}/binary-all/Packages`, Buffer.from(packagesText(options.separateAll))]);
    const compress = options.compress ?? ((text: Buffer) => [{ suffix: ".gz", contents: gzipSync(text) }]);
    const listed: { path: string; contents: Buffer }[] = [];
    for (const [path, plain] of indexes) {
      // As in Debian, the uncompressed file is listed though the mirror does not have it.
      listed.push({ path, contents: plain });
      for (const { suffix, contents } of compress(plain)) {
        if (suffix !== "") listed.push({ path: `${path}${suffix}`, contents });
        this.files.set(`dists/${suite}/${path}${suffix}`, contents);
        if (options.byHash)
          this.files.set(`dists/${suite}/${dirname(path)}/by-hash/SHA256/${sha256(contents)}`, contents);
      }
    }
    const text = releaseText(suite, listed, options);
    this.files.set(`dists/${suite}/InRelease`, Buffer.from(await clearSign(text, keys, options.signedAt)));
    for (const { name, version = "1.0", architecture = "amd64", contents } of [
      ...packages,
      ...(options.separateAll ?? []),
    ]) {
      const file = `pool/main/${name[0]}/${name}/${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`;
      this.files.set(file, contents ?? debOf(file));
    }
  }

  /** A repository without folders for suites: its index and Release lie where its files do. */
  async publishFlat(
    packages: readonly FixturePackage[],
    keys: readonly FixtureKey[],
    options: { readonly fields?: readonly string[]; readonly date?: Date } = {},
  ): Promise<void> {
    const text = packagesText(packages).replaceAll(/^Filename: .*\//gm, "Filename: ./");
    const contents = gzipSync(text);
    const date = (options.date ?? new Date(Date.now() - 60_000)).toUTCString().replace("GMT", "UTC");
    const release = [
      ...(options.fields ?? []),
      `Date: ${date}`,
      "SHA256:",
      ` ${sha256(Buffer.from(text))} ${Buffer.byteLength(text)} Packages`,
      ` ${sha256(contents)} ${contents.length} Packages.gz`,
    ].join("\n");
    this.files.set("Packages.gz", contents);
    if (keys.length > 0) this.files.set("InRelease", Buffer.from(await clearSign(release, keys)));
    else this.files.set("Release", Buffer.from(`${release}\n`));
    for (const { name, version = "1.0", architecture = "amd64" } of packages) {
      const file = `${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`;
      this.files.set(file, debOf(`pool/main/${name[0]}/${name}/${file}`));
    }
  }

  /** A Release with its signature beside it, as old archives have. */
  async detach(keys: readonly FixtureKey[], suite = "bookworm"): Promise<void> {
    const pgp = await loadOpenPgp();
    const inRelease = this.files.get(`dists/${suite}/InRelease`)?.toString() ?? "";
    const text = /\n\n([\s\S]*?)\n-----BEGIN PGP SIGNATURE/.exec(inRelease)?.[1] ?? "";
    this.files.delete(`dists/${suite}/InRelease`);
    const release = Buffer.from(`${text}\n`);
    const message = await pgp.createMessage({ binary: new Uint8Array(release) });
    const signature = await pgp.sign({
      message,
      signingKeys: keys.map((key) => key.privateKey),
      detached: true,
    });
    this.files.set(`dists/${suite}/Release`, release);
    this.files.set(`dists/${suite}/Release.gpg`, Buffer.from(signature as string));
  }

  /** Writes the archive into a directory, which is returned. */
  write(directory: string): string {
    for (const [path, contents] of this.files) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), contents);
    }
    return directory;
  }

  /** The base URI, while the test runs. */
  async serve(t: { after(end: () => void): void }): Promise<string> {
    const server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? "").replace(/^\/debian\//, "");
      this.requests.push(path);
      if (this.answer?.(path, response)) return;
      const contents = this.files.get(path);
      if (contents) response.writeHead(200, { "content-length": contents.length }).end(contents);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`;
  }
}

function releaseText(
  suite: string,
  listed: readonly { path: string; contents: Buffer }[],
  options: SuiteOptions,
): string {
  const date = (value: Date) => value.toUTCString().replace("GMT", "UTC");
  const lines = [
    `Origin: ${options.origin ?? "Debian"}`,
    `Label: ${options.label ?? "Debian"}`,
    `Suite: ${options.suite ?? "stable"}`,
    `Codename: ${suite}`,
    `Version: ${options.version ?? "12.1"}`,
    `Date: ${date(options.date ?? new Date(Date.now() - 60_000))}`,
    ...(options.validUntil ? [`Valid-Until: ${date(options.validUntil)}`] : []),
    ...(options.byHash ? ["Acquire-By-Hash: yes"] : []),
    ...(options.fields ?? []),
    ...(options.separateAll ? [] : ["No-Support-for-Architecture-all: Packages"]),
    "Architectures: all amd64",
    `Components: ${options.component ?? "main contrib"}`,
    "SHA256:",
    ...listed.map(({ path, contents }) => ` ${sha256(contents)} ${contents.length} ${path}`),
  ];
  return lines.join("\n");
}

export async function clearSign(text: string, keys: readonly FixtureKey[], date?: Date): Promise<string> {
  const pgp = await loadOpenPgp();
  const message = await pgp.createCleartextMessage({ text });
  return pgp.sign({ message, signingKeys: keys.map((key) => key.privateKey), ...(date && { date }) });
}

export interface Machine {
  readonly root: string;
  readonly services: ReturnType<typeof openDebianServices>;
  readonly notices: string[];
}

/** A machine whose sources name these URIs, with these keys in the keyring of the source. */
export function makeMachine(
  t: TestContext,
  setup: {
    readonly sources: string;
    readonly keys?: readonly FixtureKey[];
    readonly conf?: string;
    /** Further files, by their paths. */
    readonly files?: Readonly<Record<string, string>>;
    readonly options?: Partial<OpenDebianOptions>;
  },
): Machine {
  const root = mkdtempSync(join(tmpdir(), "copse-machine-"));
  const write = (path: string, contents: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  };
  write("etc/apt/sources.list", setup.sources);
  write("etc/apt/apt.conf", setup.conf ?? "");
  write("keys/archive.gpg", Buffer.concat((setup.keys ?? []).map((key) => key.binary)));
  write("keys/archive.asc", (setup.keys ?? []).map((key) => key.armored).join("\n"));
  for (const [path, text] of Object.entries(setup.files ?? {})) write(path, text);
  const notices: string[] = [];
  const services = openDebianServices({
    root,
    env: {},
    cacheDir: join(root, "cache"),
    notice: (text) => notices.push(text),
    ...setup.options,
  });
  t.after(() => {
    services.close();
    rmSync(root, { recursive: true });
  });
  return { root, services, notices };
}

export function sha256(contents: Buffer): string {
  return createHash("sha256").update(contents).digest("hex");
}
