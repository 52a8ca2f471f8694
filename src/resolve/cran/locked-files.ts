/** The source packages that a lock names, and by which URLs they are fetched. */
import type { Lock } from "../lock.ts";
import type { LockedRSource } from "./lock/lock-schema.ts";

/** `cran:CRAN/src/contrib/lme4_1.1-31.tar.gz`; a day is one of CRAN's alone. */
export function rFileUrl({ repository, file }: LockedRSource, snapshot: string | undefined): string {
  return `cran:${repository}${repository === "CRAN" && snapshot !== undefined ? `@${snapshot}` : ""}/${file}`;
}

/** `archive` is the repository's name. */
export function lockedRFiles(lock: Lock) {
  return [...lock.r.data].flatMap(([section, { packages }]) => {
    const snapshot = /(?: (\d{4}-\d\d-\d\d))(?: |$)/.exec(section)?.[1];
    return packages
      .filter((one) => one.kind === "source")
      .map((one) => ({
        ...{ file: one.file, size: one.size, sha256: one.sha256 },
        archive: one.repository,
        urls: [rFileUrl(one, snapshot)],
      }));
  });
}
