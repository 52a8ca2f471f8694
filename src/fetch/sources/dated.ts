/**
 * Dated archives: servers that have an archive as it was at any time, under addresses with a date in them.
 *
 * Where they are is said by copse's own configuration (`[sources.snapshots]`), or by apt's in the form that apt 3
 * reads: `Acquire::Snapshots::URI::Label::Debian "https://…/@SNAPSHOTID@"`, likewise with `Origin`, and with
 * `Override` before either. Such a server answers for a date with what it last saw before it.
 */
import { CopseError } from "#base";
import { archiveName } from "../apt/archive-paths.ts";
import type { AptConf } from "../apt/conf.ts";
import { SNAPSHOT_MARK, type SourcesConfiguration } from "./config-file.ts";

export interface DatedRequest {
  readonly archive: string;
  /** `20240301T000000Z` */
  readonly snapshot: string;
  readonly sources: SourcesConfiguration;
  readonly conf: AptConf;
}

const SCOPES = ["Override::Label", "Override::Origin", "Label", "Origin"] as const;

export function datedUris({ archive, snapshot, sources, conf }: DatedRequest): string[] {
  const own = sources.snapshots.get(archive) ?? [];
  const ofApt = SCOPES.flatMap((scope) =>
    conf
      .entries(`Acquire::Snapshots::URI::${scope}`)
      .filter(({ name, value }) => archiveName(name, "") === archive && value.includes(SNAPSHOT_MARK))
      .map(({ value }) => value),
  );
  const templates = own.length > 0 ? own : [...new Set(ofApt)];
  return templates.map((uri) => uri.replaceAll(SNAPSHOT_MARK, checkSnapshot(snapshot)).replace(/\/+$/, ""));
}

/** Throws `snapshot-invalid` for what is no date of the form `20240301T000000Z`. */
export function checkSnapshot(text: string): string {
  if (snapshotTime(text) !== undefined) return text;
  throw new CopseError("snapshot-invalid", `Date of a snapshot is malformed: \`${text.slice(0, 100)}\``, {
    hint: "write it in UTC, such as 20240301T000000Z",
  });
}

/** Milliseconds since the epoch. */
export function snapshotTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** `2024-03-01T00:00:00Z`, as a Release's date stands in a lock, in the form of a snapshot's. */
export function snapshotOf(isoDate: string): string {
  return isoDate.replaceAll(/[-:]/g, "");
}

const HALF_A_DAY_MS = 12 * 60 * 60 * 1000;

/** Half a day later: by then a dated archive has seen what a Release of this date lists. */
export function laterDate(snapshot: string): string {
  const time = snapshotTime(checkSnapshot(snapshot)) as number;
  return snapshotOf(`${new Date(time + HALF_A_DAY_MS).toISOString().slice(0, 19)}Z`);
}
