/** For tests: a machine with a Debian archive that has a few R packages, and a repository of R's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  FixtureArchive,
  type FixtureKey,
  type FixturePackage,
  makeKey,
  makeMachine,
} from "../../debian/testing/fixture-archive.ts";
import { openLock } from "../../lock.ts";
import { cranNames, type RAnswer, type RRequest, resolveR } from "../resolve-r.ts";
import { FixtureCran, type FixtureRPackage } from "./fixture-cran.ts";

let key: Promise<FixtureKey> | undefined;

const debianPackages: readonly FixturePackage[] = [
  { name: "r-base-core", version: "4.2.2.20221110-2" },
  { name: "r-cran-rcpp", version: "1.0.10-1", fields: { Depends: "r-base-core, r-api-4.0" } },
  { name: "r-cran-dplyr", version: "1.0.10-1", fields: { Depends: "r-base-core, r-cran-rcpp (>= 1.0)" } },
  { name: "r-cran-data.table", version: "1:1.14.8+dfsg-1" },
  { name: "r-bioc-biobase", version: "2.58.0-1" },
];

export interface RWorld {
  readonly cran: FixtureCran;
  readonly resolve: (
    demands: readonly string[],
    more?: Partial<RRequest> & { update?: boolean; frozen?: boolean; refresh?: boolean },
  ) => Promise<RAnswer>;
  readonly lockText: () => string;
  readonly lockPath: string;
  readonly notices: readonly string[];
  readonly names: () => Promise<readonly string[] | undefined>;
}

export async function openRWorld(
  t: TestContext,
  packages: readonly FixtureRPackage[] | undefined,
  options: {
    readonly dated?: readonly FixtureRPackage[];
    readonly profile?: (uri: string) => string;
    readonly files?: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<RWorld> {
  key ??= makeKey("Debian");
  const keys = [await key];
  const archive = new FixtureArchive();
  await archive.publish(debianPackages, keys);
  const cran = new FixtureCran();
  if (packages) cran.publish(packages);
  const uri = await cran.serve(t);
  const dated = new FixtureCran();
  if (options.dated) dated.publish(options.dated);
  const datedUri = await dated.serve(t);
  const profile = options.profile ?? ((address: string) => `options(repos = c(CRAN = "${address}"))`);
  const machine = makeMachine(t, {
    sources: `deb [signed-by=/keys/archive.gpg] ${await archive.serve(t)} bookworm main`,
    keys,
    ...(options.env && { options: { env: options.env } }),
    files: {
      ...options.files,
      ...(packages && { "etc/R/Rprofile.site": profile(uri) }),
      ...(options.dated && {
        "etc/copse/config.toml": `[sources.snapshots]\ncran = "${datedUri}/@SNAPSHOTDATE@"\n`,
      }),
    },
  });
  if (options.dated) {
    for (const [path, contents] of [...dated.files]) dated.files.set(`2024-03-01/${path}`, contents);
    for (const path of [...dated.files.keys()]) if (!path.startsWith("2024")) dated.files.delete(path);
  }
  const lockPath = join(machine.root, "copse.lock");
  const services = { debian: machine.services, repositories: machine.services.cran };
  const debian = { suite: "bookworm", system: "x86_64-linux" };
  return {
    cran,
    lockPath,
    notices: machine.notices,
    lockText: () => readFileSync(lockPath, "utf8"),
    names: () => cranNames({ debian, services }),
    async resolve(demands, more = {}) {
      const lock = openLock(lockPath, { frozen: more.frozen });
      const asked = { ...services, refresh: more.refresh };
      const answer = await resolveR({ debian, demands, lock, services: asked, ...more });
      lock.save();
      return answer;
    },
  };
}

/** Debian's name, or R's with the version. */
export const words = (answer: RAnswer): string[] =>
  answer.packages.map((one) => (one.kind === "debian" ? one.debian : `${one.name} ${one.version}`));
