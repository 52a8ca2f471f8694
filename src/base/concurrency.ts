/** Bounded concurrency for asynchronous work. */

/**
 * Maps items with at most `limit` calls under way. Results stand in the items' order. The first failure
 * aborts the signal that the other calls were given, and is thrown once all of them have ended.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  options: { readonly limit: number; readonly signal?: AbortSignal },
  work: (item: T, signal: AbortSignal, index: number) => Promise<R>,
): Promise<R[]> {
  const abort = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
  const results: R[] = new Array(items.length);
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  async function runner(): Promise<void> {
    while (next < items.length && !signal.aborted) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T, signal, index);
      } catch (error) {
        failure ??= { error };
        abort.abort(error);
      }
    }
  }
  const runners = Array.from({ length: Math.min(Math.max(1, options.limit), items.length) }, runner);
  await Promise.all(runners);
  if (failure) throw failure.error;
  options.signal?.throwIfAborted();
  return results;
}
