import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { AptConf, readAptConf } from "./apt/conf.ts";
import { aptProxy, environmentProxy } from "./proxy.ts";

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
  assert.equal(aptProxy(url("http://a.invalid/"), conf, env), "http://p:1");
  assert.equal(aptProxy(url("https://a.invalid/"), conf, env), "http://p:1");
  assert.equal(aptProxy(url("http://direct.invalid/"), conf, env), undefined);
  assert.equal(aptProxy(url("http://own.invalid/"), conf, env), "http://r:3/");
  assert.equal(aptProxy(url("http://exempt.invalid/"), conf, env), undefined);
  assert.equal(aptProxy(url("http://a.invalid/"), new AptConf(), env), "http://env:9");
});

test("a proxy of another kind is refused without its password", () => {
  const env = { http_proxy: "socks5h://user:secret@p:1" };
  assert.throws(
    () => environmentProxy(url("http://a.invalid/"), env),
    (error) => isCopseError(error, "proxy-unsupported") && !error.message.includes("secret"),
  );
});
