import assert from "node:assert/strict";
import { test } from "node:test";
import { type CopseError, isCopseError } from "#base";
import type { AptFiles } from "../apt/files.ts";
import { loadSourcesConfiguration } from "../sources/config-file.ts";
import { type CranConfiguration, loadCranConfiguration } from "./configuration.ts";
import { CranRepositories } from "./repositories.ts";

type Files = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string>>;

function load(files: Files, env: Environment = {}): CranConfiguration {
  return loadCranConfiguration(setup(files, env));
}

function setup(files: Files, env: Environment) {
  const found: AptFiles = {
    read: (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    list: () => [],
  };
  return { files: found, env, sources: loadSourcesConfiguration(found, env), cwd: "/work" };
}

const uris = (configuration: CranConfiguration) =>
  Object.fromEntries(configuration.repositories.map(({ name, uris: all }) => [name, all.join(" ")]));

const profile = (code: string, env?: Environment) => uris(load({ "/etc/R/Rprofile.site": code }, env));

for (const [what, code, expected] of [
  [
    "a vector",
    'options(repos = c(CRAN = "http://a.invalid/cran/", lab = "http://b.invalid"))',
    { CRAN: "http://a.invalid/cran", lab: "http://b.invalid" },
  ],
  ["a text alone", "options(digits=3, repos='http://a.invalid')", { CRAN: "http://a.invalid" }],
  ["names in quotes", 'options("repos" = list("CRAN" = "http://a.invalid"))', { CRAN: "http://a.invalid" }],
  [
    "what distributions write",
    '## a comment with options(repos = "http://no.invalid")\nlocal({\n    r <- getOption("repos")\n    r["CRAN"] <- "http://a.invalid"\n    options(repos = r)\n})\n',
    { CRAN: "http://a.invalid" },
  ],
  [
    "double brackets and dollars",
    'r = getOption("repos"); r[["CRAN"]] = "http://a.invalid"; r$lab <- "http://b.invalid"; options(repos = r)',
    { CRAN: "http://a.invalid", lab: "http://b.invalid" },
  ],
  [
    "a vector with another in it",
    'options(repos = c(getOption("repos"), lab = "http://b.invalid"))',
    { lab: "http://b.invalid" },
  ],
  [
    "parts put together",
    'base <- "http://a.invalid"\noptions(repos = c(CRAN = paste0(base, "/cran")))',
    { CRAN: "http://a.invalid/cran" },
  ],
  [
    "a variable of the environment",
    'options(repos = c(CRAN = Sys.getenv("MIRROR", "http://other.invalid")))',
    { CRAN: "http://other.invalid" },
  ],
  ["a raw text", 'options(repos = c(CRAN = r"(http://a.invalid)"))', { CRAN: "http://a.invalid" }],
  ["the mark for asking the user", 'options(repos = c(CRAN = "@CRAN@"))', {}],
] as const)
  test(`a profile with ${what}`, () => assert.deepEqual(profile(code), expected));

test("a later profile adds to an earlier one and replaces in it", () => {
  const files = {
    "/etc/R/Rprofile.site": 'options(repos = c(CRAN = "http://site.invalid", lab = "http://lab.invalid"))',
    "/home/ann/.Rprofile":
      'local({ r <- getOption("repos"); r["CRAN"] <- "http://own.invalid"; options(repos = r) })',
  };
  assert.deepEqual(uris(load(files, { HOME: "/home/ann" })), {
    CRAN: "http://own.invalid",
    lab: "http://lab.invalid",
  });
  // As R does, only the first profile of the user's is read.
  const both = { ...files, "/work/.Rprofile": "options(digits = 3)" };
  assert.deepEqual(uris(load(both, { HOME: "/home/ann" })), {
    CRAN: "http://site.invalid",
    lab: "http://lab.invalid",
  });
});

test("a profile that is not understood leaves what was set, and is named", () => {
  const configuration = load(
    { "/etc/R/Rprofile.site": "options(repos = findMirror(country = 'x'))" },
    { CRAN: "http://env.invalid" },
  );
  assert.deepEqual(uris(configuration), { CRAN: "http://env.invalid" });
  assert.deepEqual(configuration.unclear, ["/etc/R/Rprofile.site"]);
});

test("R's table of repositories", () => {
  const table = [
    "## a comment",
    "menu_name\tURL\tdefault\tsource\twin.binary\tmac.binary",
    "CRAN\tCRAN\thttp://a.invalid\tTRUE\tTRUE\tTRUE\tTRUE",
    'BioCsoft\t"BioC software"\t%bm/packages/%v/bioc\tTRUE\tTRUE\tTRUE\tTRUE',
    "lab\tOurs\thttp://b.invalid\tFALSE\tTRUE\tTRUE\tTRUE",
  ].join("\n");
  assert.deepEqual(uris(load({ "/r/repositories": table }, { R_REPOSITORIES: "/r/repositories" })), {
    CRAN: "http://a.invalid",
  });
});

test("copse's own configuration takes the place of R's CRAN alone", () => {
  const files = {
    "/c.toml": '[sources]\ncran = ["http://one.invalid", "http://two.invalid"]\n',
    "/etc/R/Rprofile.site": 'options(repos = c(CRAN = "http://site.invalid", lab = "http://lab.invalid"))',
  };
  assert.deepEqual(uris(load(files, { COPSE_CONFIG: "/c.toml" })), {
    CRAN: "http://one.invalid http://two.invalid",
    lab: "http://lab.invalid",
  });
});

test("an address that is none is refused with its place", () => {
  assert.throws(
    () => profile('options(repos = c(CRAN = "ftp://a.invalid"))'),
    (error) => isCopseError(error, "config-invalid") && /Rprofile\.site/.test((error as CopseError).message),
  );
});

function repositories(files: Files, env: Environment = {}): CranRepositories {
  const options = setup(files, env);
  return new CranRepositories({
    ...options,
    configuration: loadCranConfiguration(options),
    cacheDir: "/nowhere",
  });
}

test("places of a file: kept ones, the day's, the repository's, its archive's", () => {
  const files = {
    "/c.toml":
      '[sources]\ncran = "http://now.invalid"\nmirrors = ["/srv/kept"]\n[sources.snapshots]\ncran = "http://dated.invalid/@SNAPSHOTDATE@"\n',
  };
  const places = [
    ...repositories(files, { COPSE_CONFIG: "/c.toml" }).locator(
      "cran:CRAN@2024-03-01/src/contrib/a.b_1.0.tar.gz",
    ),
  ];
  assert.deepEqual(
    places.map(({ url }) => url.href),
    [
      "file:///srv/kept/CRAN/src/contrib/a.b_1.0.tar.gz",
      "http://dated.invalid/2024-03-01/src/contrib/a.b_1.0.tar.gz",
      "http://now.invalid/src/contrib/a.b_1.0.tar.gz",
      "http://now.invalid/src/contrib/Archive/a.b/a.b_1.0.tar.gz",
    ],
  );
});

test("a machine that knows no repository says what to write", () => {
  const hostile = repositories({});
  assert.throws(
    () => [...hostile.locator("cran:CRAN/src/contrib/a_1.0.tar.gz")],
    (error) =>
      isCopseError(error, "cran-unconfigured") &&
      /options\(repos = c\(CRAN/.test((error as CopseError).hint ?? ""),
  );
  assert.throws(
    () => hostile.bases("CRAN", "2024-03-01"),
    (error) => isCopseError(error, "cran-snapshot-unconfigured"),
  );
  for (const url of ["cran:CRAN", "cran:../x/y", "cran:CRAN@yesterday/src/a"])
    assert.throws(
      () => [...hostile.locator(url)],
      (error) => isCopseError(error, "url-unsupported"),
      url,
    );
  assert.throws(
    () => [...hostile.locator("cran:CRAN/src/../../a")],
    (error) => isCopseError(error, "archive-path"),
  );
});
