/** How long an answer may be used without asking again. RFC 9111, for a cache that belongs to one user. */
import type { IncomingHttpHeaders } from "node:http";

export interface Freshness {
  /** From the moment of the answer on; 0: ask each time whether it still holds. */
  readonly lifetimeSeconds: number;
  /** Must not be written to disk. */
  readonly isPrivate: boolean;
}

/** A server that says "for ever" of a page that changes is not believed for longer than a day. */
const MAX_LIFETIME_SECONDS = 86_400;

export function freshnessOf(headers: IncomingHttpHeaders): Freshness {
  const directives = new Map(
    (headers["cache-control"] ?? "")
      .toLowerCase()
      .split(",")
      .map((part) => part.trim().split("="))
      .map(([name = "", value = ""]) => [name.trim(), value.trim().replace(/^"|"$/g, "")]),
  );
  const isPrivate = directives.has("no-store");
  if (isPrivate || directives.has("no-cache")) return { lifetimeSeconds: 0, isPrivate };
  const maxAge = directives.get("max-age");
  const lifetime = maxAge !== undefined ? seconds(maxAge) : untilExpiry(headers);
  const age = seconds(headers.age ?? "0");
  return { lifetimeSeconds: Math.min(MAX_LIFETIME_SECONDS, Math.max(0, lifetime - age)), isPrivate };
}

function untilExpiry({ expires, date }: IncomingHttpHeaders): number {
  if (expires === undefined || date === undefined) return 0;
  const span = (Date.parse(expires) - Date.parse(date)) / 1000;
  return Number.isFinite(span) ? span : 0;
}

function seconds(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}
