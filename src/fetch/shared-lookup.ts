/**
 * Looking up a host once for the dozens of connections that are opened to it at the same moment.
 *
 * The system's resolver asks over UDP, and what is lost there is asked again only after five seconds: thirty-two
 * lookups of one name are thirty-two chances of waiting for that, on the few threads that Node has for it.
 */
import type { LookupAddress, LookupOptions } from "node:dns";
import type { LookupFunction } from "node:net";

type Answer = { readonly error: NodeJS.ErrnoException | null; readonly addresses: LookupAddress[] };

/** An answer serves the connections of the next moments, and no longer: addresses change. */
const LIFETIME_MS = 10_000;

export function sharedLookup(): LookupFunction {
  const answers = new Map<string, Promise<Answer>>();
  return (host, options, callback) => {
    const key = JSON.stringify([host, options.family, options.hints]);
    let answer = answers.get(key);
    if (!answer) {
      answer = lookUp(host, options);
      answers.set(key, answer);
      void answer.then(({ error }) => {
        const forget = () => answers.delete(key);
        // A failure is told to those who wait for it, and asked again by whoever comes next.
        if (error) forget();
        else setTimeout(forget, LIFETIME_MS).unref();
      });
    }
    void answer.then(({ error, addresses }) => {
      const first = addresses[0];
      if (error || !first) callback(error ?? notFound(host), "", 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function lookUp(host: string, options: LookupOptions): Promise<Answer> {
  const { lookup } = process.getBuiltinModule("node:dns");
  return new Promise((resolve) => {
    lookup(host, { ...options, all: true }, (error, addresses) =>
      resolve({ error, addresses: addresses ?? [] }),
    );
  });
}

function notFound(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`No address for ${host}`), { code: "ENOTFOUND" });
}
