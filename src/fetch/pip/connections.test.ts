/** How pip reaches an index, on servers of this machine: certificates, proxies, logins, time limits. pip itself is the judge. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CopseError } from "#base";
import { HttpClient } from "../http.ts";
import { HttpCache } from "../http-cache/mod.ts";
import { type Loopback, serveLoopback } from "../loopback.ts";
import { makeAuthority, type ProxyLoopback, serveProxy, serveTls, type TlsLoopback } from "../testing/mod.ts";
import type { PipEnvironment } from "./config-files.ts";
import { loadPipConfiguration } from "./configuration.ts";
import { askPipSessions, noPip } from "./testing/pip-judge.ts";

const directory = mkdtempSync(join(tmpdir(), "copse-connections-"));
const authority = makeAuthority("copse test authority");
const stranger = makeAuthority("another authority");
const servers = {} as {
  plain: Loopback;
  known: TlsLoopback;
  misnamed: TlsLoopback;
  expired: TlsLoopback;
  closed: TlsLoopback;
  moody: Loopback;
  silent: Loopback;
  login: Loopback;
  proxy: ProxyLoopback;
  guarded: ProxyLoopback;
};
/** How often the moody server was asked, by path. */
const asked = new Map<string, number>();

const place = (name: string) => join(directory, name);

before(async () => {
  const client = stranger.issue({ hosts: ["someone"] });
  writeFileSync(place("authority.pem"), authority.certificate);
  writeFileSync(place("stranger.pem"), stranger.certificate);
  writeFileSync(place("client.pem"), `${client.certificate}${client.key}`);
  const fine = (_: unknown, response: { end(text: string): void }) => response.end("fine");
  servers.plain = await serveLoopback(fine);
  servers.known = await serveTls(authority.issue(), fine);
  servers.misnamed = await serveTls(authority.issue({ hosts: ["other.example"] }), fine);
  servers.expired = await serveTls(authority.issue({ expired: true }), fine);
  servers.closed = await serveTls(authority.issue(), fine, stranger.certificate);
  servers.moody = await serveLoopback((request, response) => {
    const count = (asked.get(request.url ?? "") ?? 0) + 1;
    asked.set(request.url ?? "", count);
    response.writeHead(count <= 2 ? 503 : 200, { "cache-control": "no-store" }).end("fine");
  });
  servers.silent = await serveLoopback(() => {});
  servers.login = await serveLoopback((request, response) => {
    const isKnown = request.headers.authorization === `Basic ${Buffer.from("me:s3cr=t").toString("base64")}`;
    response.writeHead(isKnown ? 200 : 401, { "www-authenticate": "Basic" }).end("fine");
  });
  servers.proxy = await serveProxy();
  servers.guarded = await serveProxy("me:pass word");
});

after(async () => {
  await Promise.all(Object.values(servers).map((server) => server.close()));
  rmSync(directory, { recursive: true });
});

interface Case {
  readonly what: string;
  readonly at: keyof typeof servers;
  readonly env?: PipEnvironment;
  readonly netrc?: string;
  /** A status, or the code of the error. */
  readonly comes: number | string;
}

const known = { PIP_CERT: place("authority.pem") };

const cases = (): readonly Case[] => [
  { what: "an authority that nobody trusts", at: "known", comes: "http-failed" },
  { what: "cert", at: "known", env: known, comes: 200 },
  {
    what: "cert of another authority",
    at: "known",
    env: { PIP_CERT: place("stranger.pem") },
    comes: "http-failed",
  },
  { what: "cert that is not there", at: "known", env: { PIP_CERT: place("none.pem") }, comes: "tls-file" },
  {
    what: "REQUESTS_CA_BUNDLE",
    at: "known",
    env: { REQUESTS_CA_BUNDLE: place("authority.pem") },
    comes: 200,
  },
  { what: "CURL_CA_BUNDLE", at: "known", env: { CURL_CA_BUNDLE: place("authority.pem") }, comes: 200 },
  {
    what: "REQUESTS_CA_BUNDLE before cert",
    at: "known",
    env: { ...known, REQUESTS_CA_BUNDLE: place("stranger.pem") },
    comes: "http-failed",
  },
  { what: "trusted-host", at: "known", env: { PIP_TRUSTED_HOST: "localhost" }, comes: 200 },
  {
    what: "trusted-host with a port",
    at: "known",
    env: { PIP_TRUSTED_HOST: `localhost:${servers.known.port}` },
    comes: 200,
  },
  {
    what: "trusted-host with another port",
    at: "known",
    env: { PIP_TRUSTED_HOST: "localhost:1" },
    comes: "http-failed",
  },
  {
    what: "trusted-host of another name",
    at: "known",
    env: { PIP_TRUSTED_HOST: "other.example" },
    comes: "http-failed",
  },
  { what: "a certificate for another host", at: "misnamed", env: known, comes: "http-failed" },
  {
    what: "a certificate for another host, trusted",
    at: "misnamed",
    env: { PIP_TRUSTED_HOST: "localhost" },
    comes: 200,
  },
  { what: "an expired certificate", at: "expired", env: known, comes: "http-failed" },
  {
    what: "a server that wants a certificate, and gets none",
    at: "closed",
    env: known,
    comes: "http-failed",
  },
  {
    what: "client-cert",
    at: "closed",
    env: { ...known, PIP_CLIENT_CERT: place("client.pem") },
    comes: 200,
  },
  { what: "proxy", at: "plain", env: { PIP_PROXY: servers.proxy.url }, comes: 200 },
  { what: "proxy to https", at: "known", env: { ...known, PIP_PROXY: servers.proxy.url }, comes: 200 },
  {
    what: "proxy without a scheme",
    at: "known",
    env: { ...known, PIP_PROXY: servers.proxy.url.replace("http://", "") },
    comes: 200,
  },
  {
    what: "a proxy's login",
    at: "known",
    env: { ...known, PIP_PROXY: servers.guarded.url.replace("//", "//me:pass%20word@") },
    comes: 200,
  },
  {
    what: "a proxy's login for http",
    at: "plain",
    env: { PIP_PROXY: servers.guarded.url.replace("//", "//me:pass%20word@") },
    comes: 200,
  },
  {
    what: "a proxy without its login",
    at: "known",
    env: { ...known, PIP_PROXY: servers.guarded.url },
    comes: "http-failed",
  },
  { what: "https_proxy", at: "known", env: { ...known, https_proxy: servers.proxy.url }, comes: 200 },
  { what: "http_proxy", at: "plain", env: { http_proxy: servers.proxy.url }, comes: 200 },
  { what: "all_proxy", at: "plain", env: { all_proxy: servers.proxy.url }, comes: 200 },
  {
    what: "no_proxy",
    at: "plain",
    env: { http_proxy: "http://127.0.0.1:1", no_proxy: "example.org,127.0.0.1" },
    comes: 200,
  },
  {
    what: "a proxy that is not there",
    at: "plain",
    env: { PIP_PROXY: "http://127.0.0.1:1" },
    comes: "http-failed",
  },
  { what: "retries", at: "moody", env: { PIP_RETRIES: "2" }, comes: 200 },
  { what: "too few retries", at: "moody", env: { PIP_RETRIES: "1" }, comes: "download-status" },
  { what: "timeout", at: "silent", env: { PIP_TIMEOUT: "0.4" }, comes: "http-timeout" },
  { what: "no login", at: "login", comes: "download-status" },
  { what: "netrc", at: "login", netrc: "machine 127.0.0.1 login me password s3cr=t\n", comes: 200 },
  { what: "netrc's default", at: "login", netrc: "default login me password s3cr=t\n", comes: 200 },
  {
    what: "netrc of another host",
    at: "login",
    netrc: "machine other.example login me password s3cr=t\n",
    comes: "download-status",
  },
  {
    what: "netrc before a default",
    at: "login",
    netrc: "machine 127.0.0.1\n  login me\n  password s3cr=t\ndefault login you password no\n",
    comes: 200,
  },
];

function prepared(one: Case, number: number) {
  const netrc = place(`netrc-${number}`);
  writeFileSync(netrc, one.netrc ?? "", { mode: 0o600 });
  const env = {
    ...{ HOME: directory, PIP_CONFIG_FILE: "/dev/null", NETRC: netrc, PATH: process.env["PATH"] ?? "" },
    ...{ PIP_NO_CACHE_DIR: "1", PIP_RETRIES: "0" },
    ...one.env,
  };
  return { env, url: `${servers[one.at].url}/${number}` };
}

async function ours(env: PipEnvironment, url: string, name: string): Promise<number | string> {
  const pip = loadPipConfiguration({ env, cacheDir: directory, root: directory });
  const client = new HttpClient();
  const cache = new HttpCache({
    ...{ directory: place(name), client, retries: pip.options.retries, backoffMs: 1 },
  });
  try {
    await cache.read({
      ...{ url: new URL(url), routeFor: pip.routes.routeFor, maxBytes: 1000, form: "test" },
      reduce: ({ bytes }) => bytes,
      encode: (bytes) => bytes,
      decode: (bytes) => bytes,
    });
    return 200;
  } catch (error) {
    assert.ok(error instanceof CopseError, String(error));
    assert.doesNotMatch(`${error.message} ${error.hint}`, /s3cr|pass.word/);
    assert.ok(error.hint ?? error.code === "tls-file", error.message);
    return error.code;
  } finally {
    client.close();
  }
}

test("each setting comes to what it says", async (t) => {
  for (const [number, one] of cases().entries())
    await t.test(one.what, async () => {
      const { env, url } = prepared(one, number);
      servers.proxy.seen.length = 0;
      assert.equal(await ours(env, url, `cache-${number}`), one.comes);
      if (Object.values(one.env ?? {}).some((value) => value?.includes(new URL(servers.proxy.url).host)))
        assert.equal(servers.proxy.seen.length, 1, "the proxy was not asked");
    });
});

test("pip's own connections come to the same", { skip: noPip }, async () => {
  const all = cases();
  asked.clear();
  const answers = await askPipSessions(all.map(prepared));
  assert.deepEqual(
    answers.map((answer, at) => [all[at]?.what, answer === 200]),
    all.map(({ what, comes }) => [what, comes === 200]),
    JSON.stringify(answers),
  );
});

test("a login goes to its own host, not to where that one redirects", async (t) => {
  let sent: string | undefined = "nothing was asked";
  const other = await serveLoopback((request, response) => {
    sent = request.headers.authorization;
    response.end("fine");
  });
  const first = await serveLoopback((_, response) => {
    response.writeHead(302, { location: `${other.url.replace("127.0.0.1", "localhost")}/there` }).end();
  });
  t.after(() => Promise.all([first.close(), other.close()]));
  const index = first.url.replace("//", "//me:s3cr%3Dt@");
  const env = { HOME: directory, PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: index };
  assert.equal(await ours(env, `${first.url}/x`, "cache-redirect"), 200);
  assert.equal(sent, undefined);
});
