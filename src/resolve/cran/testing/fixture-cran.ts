/**
 * For tests: a repository of R packages that the tests write themselves, served on this machine: `src/contrib` with
 * PACKAGES, PACKAGES.gz and the source packages, and `Archive` for what was replaced.
 */
import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { formatDcf } from "#format/r";

export interface FixtureRPackage {
  readonly name: string;
  readonly version?: string;
  /** Further fields of DESCRIPTION: `Depends`, `Imports`, `LinkingTo`, `NeedsCompilation`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Beside DESCRIPTION: `R/a.R`, `src/a.c`. Without any, there is one function that says the package's name. */
  readonly files?: Readonly<Record<string, string>>;
  /** NAMESPACE; all exported unless stated. */
  readonly namespace?: string;
}

export class FixtureCran {
  /** By path below the repository's address. */
  readonly files = new Map<string, Buffer>();
  readonly requests: string[] = [];
  /** Answers in the place of the repository where it returns true. */
  answer: ((path: string, response: ServerResponse) => boolean) | undefined;

  /** The repository has these packages from now on; what it had and has no more is in `Archive`. */
  publish(packages: readonly FixtureRPackage[]): void {
    for (const [path, contents] of [...this.files]) {
      const name = /^src\/contrib\/([A-Za-z0-9.]+)_[^/]*\.tar\.gz$/.exec(path)?.[1];
      if (name === undefined) continue;
      this.files.delete(path);
      this.files.set(path.replace("src/contrib/", `src/contrib/Archive/${name}/`), contents);
    }
    const entries = packages.map((one) => {
      const archive = sourcePackage(one);
      this.files.set(`src/contrib/${one.name}_${one.version ?? "1.0"}.tar.gz`, archive);
      const { Title: _, ...fields } = descriptionFields(one);
      return new Map(Object.entries({ ...fields, MD5sum: createHash("md5").update(archive).digest("hex") }));
    });
    const index = Buffer.from(formatDcf(entries));
    this.files.set("src/contrib/PACKAGES", index);
    this.files.set("src/contrib/PACKAGES.gz", gzipSync(index));
  }

  /** A folder's page as Apache makes it, of what was replaced alone. */
  #page(path: string): Buffer | undefined {
    if (!/^src\/contrib\/Archive\/[^/]+\/$/.test(path)) return undefined;
    const names = [...this.files.keys()].filter((file) => file.startsWith(path));
    if (names.length === 0) return undefined;
    const rows = names.map((file) => {
      const name = file.slice(path.length);
      return `<tr><td><a href="${name}">${name}</a></td><td align="right">2024-01-01</td></tr>`;
    });
    const order = '<a href="?C=N;O=D">Name</a> <a href="/cran/src/contrib/Archive/">Parent Directory</a>';
    return Buffer.from(`<html><body><table>${order}${rows.join("\n")}</table></body></html>`);
  }

  /** The address, while the test runs. */
  async serve(t: { after(end: () => void): void }): Promise<string> {
    const server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? "/").replace(/^\/cran\//, ""));
      this.requests.push(path);
      if (this.answer?.(path, response)) return;
      const contents = this.files.get(path) ?? this.#page(path);
      if (!contents) {
        response.writeHead(404).end();
        return;
      }
      const etag = `"${createHash("md5").update(contents).digest("hex")}"`;
      if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
      else response.writeHead(200, { etag, "content-length": contents.length }).end(contents);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/cran`;
  }
}

function descriptionFields({ name, version = "1.0", fields = {} }: FixtureRPackage): Record<string, string> {
  return {
    ...{ Package: name, Version: version, Title: `The package ${name}` },
    ...{ NeedsCompilation: "no", ...fields },
    License: "MIT",
  };
}

/** What `R CMD build` would make of it: a tarball with one folder. */
export function sourcePackage(one: FixtureRPackage): Buffer {
  const description = new Map(
    Object.entries({
      ...descriptionFields(one),
      ...{ Type: "Package", Author: "A Tester", Maintainer: "A Tester <tester@copse.invalid>" },
      Description: `For tests of copse:\nthe package ${one.name}.`,
      Packaged: "2024-01-02 03:04:05 UTC; tester",
    }),
  );
  const files = {
    DESCRIPTION: formatDcf([description]),
    NAMESPACE: one.namespace ?? 'exportPattern("^[^.]")\n',
    ...(one.files ?? { "R/main.R": `${one.name.replaceAll(".", "_")}_says <- function() "${one.name}"\n` }),
  };
  const members = Object.entries(files).map(([path, text]) =>
    tarMember(`${one.name}/${path}`, Buffer.from(text)),
  );
  return gzipSync(Buffer.concat([...members, Buffer.alloc(1024)]));
}

function tarMember(path: string, contents: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(path, 0);
  header.write(octal(path.endsWith("configure") ? 0o755 : 0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(contents.length, 11), 124);
  header.write(octal(1_700_000_000, 11), 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, contents, Buffer.alloc((512 - (contents.length % 512)) % 512)]);
}
