import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { AptConf, readAptConf } from "./apt/conf.ts";
import { aptProxy, environmentProxy, ProxyDetector } from "./proxy.ts";

const { detect } = new ProxyDetector();
const url = (text: string) => new URL(text);

test("the environment's proxies, and who is exempt from them", () => {
  const env = {
    http_proxy: "http://p:1",
    HTTPS_PROXY: "q:2",
    no_proxy: "local, .corp.invalid,x.invalid:8080",
  };
  assert.equal(environmentProxy(url("http://a.invalid/"), env), "http://p:1");
  assert.equal(environmentProxy(url("https://a.invalid/"), env), "http://q:2");
  assert.equal(environmentProxy(url("http://local/"), env), undefined);
  assert.equal(environmentProxy(url("http://a.corp.invalid/"), env), undefined);
  assert.equal(environmentProxy(url("http://x.invalid:8080/"), env), undefined);
  assert.equal(environmentProxy(url("http://x.invalid/"), env), "http://p:1");
  assert.equal(environmentProxy(url("http://a.invalid/"), {}), undefined);
});

test("apt's proxies come before the environment's, a host's before the general one", () => {
  const conf = new AptConf();
  const text =
    'Acquire::http { Proxy "http://p:1"; Proxy::direct.invalid "DIRECT"; Proxy::own.invalid "http://r:3/"; };';
  readAptConf(conf, { name: "t", text });
  const env = { http_proxy: "http://env:9", no_proxy: "exempt.invalid" };
  assert.equal(aptProxy(url("http://a.invalid/"), { conf, env, detect }), "http://p:1");
  assert.equal(aptProxy(url("https://a.invalid/"), { conf, env, detect }), "http://p:1");
  assert.equal(aptProxy(url("http://direct.invalid/"), { conf, env, detect }), undefined);
  assert.equal(aptProxy(url("http://own.invalid/"), { conf, env, detect }), "http://r:3/");
  assert.equal(aptProxy(url("http://exempt.invalid/"), { conf, env, detect }), undefined);
  assert.equal(aptProxy(url("http://a.invalid/"), { conf: new AptConf(), env, detect }), "http://env:9");
});

test("apt's program for finding a proxy is asked", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "copse-proxy-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const program = join(directory, "detect");
  writeFileSync(
    program,
    '#!/bin/sh\ncase $1 in *none*) ;; *direct*) echo DIRECT ;; *) echo "http://found:1" ;; esac\n',
    { mode: 0o755 },
  );
  const conf = new AptConf();
  readAptConf(conf, {
    name: "t",
    text: `Acquire::http { Proxy "http://p:1"; Proxy-Auto-Detect "${program}"; };`,
  });
  assert.equal(aptProxy(url("http://a.invalid/x"), { conf, env: {}, detect }), "http://found:1");
  assert.equal(aptProxy(url("http://direct.invalid/x"), { conf, env: {}, detect }), undefined);
  assert.equal(aptProxy(url("http://none.invalid/x"), { conf, env: {}, detect }), "http://p:1");
});

test("a proxy of another kind is refused without its password", () => {
  const env = { http_proxy: "socks5h://user:secret@p:1" };
  assert.throws(
    () => environmentProxy(url("http://a.invalid/"), env),
    (error) => isCopseError(error, "proxy-unsupported") && !error.message.includes("secret"),
  );
});
