/**
 * How long an answer may be used without asking again. RFC 9111, for a cache that belongs to one user.
 *
 * Some servers say nothing: no lifetime, and neither an ETag nor a date by which to ask whether a page still holds. Each
 * question to them costs the whole page. For such answers the standard leaves the lifetime to the cache (section 4.2.2,
 * "heuristic freshness"), and here it is ten minutes, which is what PyPI states for its pages. Where there is a
 * validator, asking is cheap, and so no lifetime is made up. That something does not exist is never assumed for longer
 * than the server says: it may be about to be published.
 */
import type { IncomingHttpHeaders } from "node:http";

export interface Freshness {
  /** From the moment of the answer on; 0: ask each time whether it still holds. */
  readonly lifetimeSeconds: number;
  /** Must not be written to disk. */
  readonly isPrivate: boolean;
}

/** A server that says "for ever" of a page that changes is not believed for longer than a day. */
const MAX_LIFETIME_SECONDS = 86_400;

/** Of pages whose server says nothing at all. */
const UNSTATED_LIFETIME_SECONDS = 600;

/** `isMissing`: the answer says that there is no such page. */
export function freshnessOf(
  headers: IncomingHttpHeaders,
  { isMissing = false }: { readonly isMissing?: boolean } = {},
): Freshness {
  const directives = new Map(
    (headers["cache-control"] ?? "")
      .toLowerCase()
      .split(",")
      .map((part) => part.trim().split("="))
      .map(([name = "", value = ""]) => [name.trim(), value.trim().replace(/^"|"$/g, "")]),
  );
  const isPrivate = directives.has("no-store");
  if (isPrivate || directives.has("no-cache")) return { lifetimeSeconds: 0, isPrivate };
  if (!isMissing && saysNothing(headers)) return { lifetimeSeconds: UNSTATED_LIFETIME_SECONDS, isPrivate };
  const maxAge = directives.get("max-age");
  const lifetime = maxAge !== undefined ? seconds(maxAge) : untilExpiry(headers);
  const age = seconds(headers.age ?? "0");
  return { lifetimeSeconds: Math.min(MAX_LIFETIME_SECONDS, Math.max(0, lifetime - age)), isPrivate };
}

function saysNothing(headers: IncomingHttpHeaders): boolean {
  const { "cache-control": control, pragma, expires, etag, "last-modified": modified } = headers;
  return [control, pragma, expires, etag, modified].every((value) => value === undefined);
}

function untilExpiry({ expires, date }: IncomingHttpHeaders): number {
  if (expires === undefined || date === undefined) return 0;
  const span = (Date.parse(expires) - Date.parse(date)) / 1000;
  return Number.isFinite(span) ? span : 0;
}

function seconds(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}
