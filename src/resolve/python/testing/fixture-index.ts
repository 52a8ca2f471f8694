/**
 * For tests: an index of Python packages on the loopback interface, which can do what real ones do, and what they do when
 * something is wrong with them.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Loopback, serveLoopback } from "#fetch/testing";
import type { MadeFile } from "./packages.ts";

export interface FixtureFile extends MadeFile {
  readonly requiresPython?: string | undefined;
  readonly yanked?: string | true | undefined;
  readonly uploadTime?: string | undefined;
}

/** What goes wrong with an answer. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly body?: string | undefined }
  | { readonly kind: "html" }
  | { readonly kind: "truncate" }
  | { readonly kind: "redirect"; readonly to: string }
  /** Whatever else a server may do. */
  | {
      readonly kind: "answer";
      readonly answer: (response: ServerResponse, content: Uint8Array | undefined) => void;
    }
  /** As it should be, but with these bytes in the place of the file's. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

export interface FixtureOptions {
  readonly format?: "json" | "html" | undefined;
  /** `<url>.metadata` beside wheels. */
  readonly metadata?: boolean | undefined;
  /** Answers to Range. */
  readonly ranges?: boolean | undefined;
  readonly etags?: boolean | undefined;
  readonly hashes?: boolean | undefined;
  readonly cacheControl?: string | undefined;
  /** `login:password` that every request must have. */
  readonly login?: string | undefined;
}

export interface FixtureIndex {
  /** To be named as index-url. */
  readonly url: string;
  readonly loopback: Loopback;
  /** Paths asked for so far, with the range where there was one; then forgotten. */
  takeRequests(): string[];
  /** By project's name in normal form. */
  readonly projects: Map<string, FixtureFile[]>;
  /** By path: what goes wrong, as often as there are entries, or for ever with one that is no list. */
  readonly faults: Map<string, Fault | Fault[]>;
  options: FixtureOptions;
  close(): Promise<void>;
}

export async function serveFixtureIndex(
  projects: Readonly<Record<string, readonly FixtureFile[]>>,
  options: FixtureOptions = {},
): Promise<FixtureIndex> {
  const loopback = await serveLoopback((request, response) => answer(fixture, request, response));
  let taken = 0;
  const fixture: FixtureIndex = {
    url: `${loopback.url}/simple`,
    loopback,
    takeRequests: () => {
      const since = loopback.requests.slice(taken);
      taken = loopback.requests.length;
      return since.map(({ path, range }) => (range === undefined ? path : `${path} ${range}`));
    },
    projects: new Map(Object.entries(projects).map(([name, files]) => [name, [...files]])),
    faults: new Map(),
    options,
    close: () => loopback.close(),
  };
  return fixture;
}

interface Content {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly ranges: boolean;
}

function answer(fixture: FixtureIndex, request: IncomingMessage, response: ServerResponse): void {
  const { login } = fixture.options;
  const path = decodeURIComponent((request.url ?? "").split("?")[0] ?? "");
  if (
    login !== undefined &&
    request.headers.authorization !== `Basic ${Buffer.from(login).toString("base64")}`
  ) {
    response.writeHead(401, { "www-authenticate": "Basic" }).end();
    return;
  }
  const planned = fixture.faults.get(path);
  const fault = Array.isArray(planned) ? planned.shift() : planned;
  const content = find(fixture, path);
  if (fault && fault.kind !== "bytes" && fault.kind !== "truncate") {
    if (fault.kind === "answer") fault.answer(response, content?.bytes);
    else if (fault.kind === "redirect") response.writeHead(302, { location: fault.to }).end();
    else if (fault.kind === "html")
      response
        .writeHead(200, { "content-type": "text/html" })
        .end("<h1>Please log in</h1><form><input name=user></form>");
    else response.writeHead(fault.status, { "content-type": "text/plain" }).end(fault.body ?? "trouble");
    return;
  }
  if (!content) {
    response.writeHead(404).end();
    return;
  }
  const bytes = fault?.kind === "bytes" ? fault.bytes : content.bytes;
  send(fixture, { ...content, bytes }, request, response, fault?.kind === "truncate");
}

function find({ projects, options }: FixtureIndex, path: string): Content | undefined {
  const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
  if (project !== undefined) {
    const files = projects.get(project);
    return files && page(project, files, options);
  }
  const [, owner = "", name = ""] = /^\/files\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const files = projects.get(owner) ?? [];
  const file = files.find((one) => one.file === name);
  if (file) return { type: "application/octet-stream", bytes: file.bytes, ranges: options.ranges ?? true };
  const described = options.metadata ? files.find((one) => `${one.file}.metadata` === name) : undefined;
  return described && { type: "text/plain", bytes: described.metadata, ranges: false };
}

function send(
  { options }: FixtureIndex,
  { type, bytes, ranges }: Content,
  request: IncomingMessage,
  response: ServerResponse,
  isTruncated: boolean,
): void {
  const headers: Record<string, string> = { "content-type": type };
  if (options.cacheControl !== undefined) headers["cache-control"] = options.cacheControl;
  if (options.etags) {
    headers["etag"] = `"${sha256(bytes).slice(0, 16)}"`;
    if (request.headers["if-none-match"] === headers["etag"]) {
      response.writeHead(304, headers).end();
      return;
    }
  }
  const range = ranges ? /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "") : null;
  const { length } = bytes;
  const start = !range ? 0 : range[1] === "" ? Math.max(0, length - Number(range[2])) : Number(range[1]);
  const end = !range || range[1] === "" || range[2] === "" ? length : Math.min(length, Number(range[2]) + 1);
  if (range && start >= end) {
    response.writeHead(416, { "content-range": `bytes */${length}` }).end();
    return;
  }
  if (range) headers["content-range"] = `bytes ${start}-${end - 1}/${length}`;
  headers["content-length"] = String(end - start);
  response.writeHead(range ? 206 : 200, headers);
  if (!isTruncated) {
    response.end(bytes.subarray(start, end));
    return;
  }
  response.write(bytes.subarray(start, start + ((end - start) >> 1)), () => response.destroy());
}

function page(project: string, files: readonly FixtureFile[], options: FixtureOptions): Content {
  const text =
    options.format === "html" ? htmlPage(project, files, options) : jsonPage(project, files, options);
  const type = options.format === "html" ? "text/html; charset=utf-8" : "application/vnd.pypi.simple.v1+json";
  return { type, bytes: Buffer.from(text), ranges: false };
}

function jsonPage(project: string, files: readonly FixtureFile[], options: FixtureOptions): string {
  return JSON.stringify({
    meta: { "api-version": "1.1" },
    name: project,
    files: files.map((file) => ({
      filename: file.file,
      url: `../../files/${project}/${encodeURIComponent(file.file)}`,
      hashes: options.hashes === false ? {} : { sha256: sha256(file.bytes) },
      size: file.bytes.length,
      "requires-python": file.requiresPython ?? null,
      yanked: file.yanked ?? false,
      ...(file.uploadTime === undefined ? {} : { "upload-time": file.uploadTime }),
      ...(options.metadata ? { "core-metadata": { sha256: sha256(file.metadata) } } : {}),
    })),
  });
}

function htmlPage(project: string, files: readonly FixtureFile[], options: FixtureOptions): string {
  const links = files.map((file) => {
    const hash = options.hashes === false ? "" : `#sha256=${sha256(file.bytes)}`;
    const attributes = [
      `href="../../files/${project}/${encodeURIComponent(file.file)}${hash}"`,
      ...(file.requiresPython === undefined
        ? []
        : [`data-requires-python="${escapeHtml(file.requiresPython)}"`]),
      ...(file.yanked === undefined
        ? []
        : [`data-yanked="${file.yanked === true ? "" : escapeHtml(file.yanked)}"`]),
      ...(options.metadata ? [`data-core-metadata="sha256=${sha256(file.metadata)}"`] : []),
    ];
    return `<a ${attributes.join(" ")}>${file.file}</a><br />`;
  });
  return `<!DOCTYPE html>\n<html><head><title>Links for ${project}</title></head><body>\n${links.join("\n")}\n</body></html>\n`;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
