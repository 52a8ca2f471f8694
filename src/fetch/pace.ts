/**
 * How slowly a server may send. Silence has a limit of its own (`Route.timeoutMs`); this one is for a server that sends a byte
 * now and then, which would otherwise hold a command for days.
 */
import { CopseError } from "#base";
import { type HttpResponse, showUrl } from "./http.ts";

/** Slower than this, after a while, is as good as not at all. */
export interface Pace {
  readonly minBytesPerSecond: number;
  readonly graceMs: number;
}

export const DEFAULT_PACE: Pace = { minBytesPerSecond: 256, graceMs: 60_000 };

/** The body as it comes over the network. Throws `download-slow`. */
export async function* paced(
  { body, url }: HttpResponse,
  { minBytesPerSecond, graceMs }: Pace = DEFAULT_PACE,
): AsyncGenerator<Buffer> {
  const started = performance.now();
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    const elapsedMs = performance.now() - started;
    if (elapsedMs > graceMs && bytes < (minBytesPerSecond * elapsedMs) / 1000)
      throw new CopseError(
        "download-slow",
        `Server sends less than ${minBytesPerSecond} bytes a second: \`${showUrl(url)}\``,
        { hint: "another mirror may be faster" },
      );
    yield chunk;
  }
}
