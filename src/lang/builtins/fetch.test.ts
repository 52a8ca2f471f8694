/** What `fetchurl` and its like ask of the host, and what they make of its answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHash, parseStorePath } from "#format";
import { createEvaluator } from "../evaluator.ts";
import type { FetchRequest } from "../host.ts";
import { type EvalSettings, printAmbiguous } from "../runtime/mod.ts";
import { builtinTable } from "./mod.ts";
import { createReadOnlyHost } from "./testing/read-only-host.ts";

const FETCHED = parseStorePath("/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-source");
const SHA256 = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

function evaluate(text: string, settings: Partial<EvalSettings> = {}) {
  const requests: FetchRequest[] = [];
  const host = {
    ...createReadOnlyHost(),
    fetch: (request: FetchRequest) => {
      requests.push(request);
      return FETCHED;
    },
  };
  const evaluator = createEvaluator({ host, builtins: builtinTable, settings });
  const value = evaluator.forceDeep(evaluator.evalText(text, { baseDir: "/" }));
  return { shown: printAmbiguous(value), requests };
}

test("fetchurl takes an address, named after its last component", () => {
  const { shown, requests } = evaluate('builtins.fetchurl "https://host.example/dir/file.tar.gz"');
  assert.equal(shown, `"${FETCHED}"`);
  assert.deepEqual(requests, [
    {
      method: "url",
      name: "file.tar.gz",
      args: { url: "https://host.example/dir/file.tar.gz" },
      expectedHash: undefined,
    },
  ]);
});

test("what was fetched is in the string's context", () => {
  const { shown } = evaluate('builtins.getContext (fetchTarball "https://host.example/x.tar.gz")');
  assert.equal(shown, `{ "${FETCHED}" = { path = true; }; }`);
});

test("fetchTarball takes a hash and is called source", () => {
  const { requests } = evaluate(
    `fetchTarball { url = "https://host.example/x.tar.gz"; sha256 = "${SHA256}"; }`,
  );
  const [request] = requests;
  assert.equal(request?.method, "tarball");
  assert.equal(request?.name, "source");
  assert.equal(request?.expectedHash && formatHash(request.expectedHash, "sri"), SHA256);
});

test("fetchGit answers with a set that stands for the path", () => {
  const { shown, requests } = evaluate(
    'let t = fetchGit { url = "https://host.example/r.git"; rev = "0123456789abcdef0123456789abcdef01234567"; }; in [ "${t}" t.shortRev ]',
  );
  assert.equal(shown, `[ "${FETCHED}" "0123456" ]`);
  assert.equal(requests[0]?.method, "git");
  assert.equal(requests[0]?.args["rev"], "0123456789abcdef0123456789abcdef01234567");
});

test("a search path entry may be an archive", () => {
  const text = 'builtins.findFile [ { prefix = "p"; path = "https://host.example/p.tar.gz"; } ] "p/lib"';
  assert.throws(() => evaluate(text), { message: /file 'p\/lib' was not found/ });
});

test("pure evaluation fetches only what is pinned", () => {
  const pure = { pureEval: true };
  assert.throws(() => evaluate('builtins.fetchurl "https://host.example/f"', pure), {
    message: "in pure evaluation mode, 'fetchurl' requires a 'sha256' argument",
  });
  assert.throws(() => evaluate('fetchGit "https://host.example/r.git"', pure), {
    message: /requires a 'rev'/,
  });
  assert.equal(
    evaluate(`builtins.fetchurl { url = "https://host.example/f"; sha256 = "${SHA256}"; }`, pure).requests
      .length,
    1,
  );
});

test("what cannot be fetched says so by name", () => {
  assert.throws(() => evaluate('fetchMercurial "x"'), { message: /Mercurial/ });
  assert.throws(() => evaluate('builtins.getFlake "x"'), { message: /getFlake/ });
});
