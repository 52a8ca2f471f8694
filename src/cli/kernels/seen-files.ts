/**
 * Files of an environment from outside of it. Inside, `/nix/store` and `/usr` are the environment's; here a store may lie
 * anywhere, and `/usr` is a view's. Links say where things are inside, so each one is followed by hand.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Environment } from "#build/warm";

const MAX_LINKS = 40;

export class SeenFiles {
  readonly #environment: Pick<Environment, "store" | "root">;

  constructor(environment: Pick<Environment, "store" | "root">) {
    this.#environment = environment;
  }

  /** Names in a folder, sorted; none where there is no such folder. */
  list(path: string): readonly string[] {
    const place = this.#follow(path);
    if (place === undefined || !lstatSync(place).isDirectory()) return [];
    return readdirSync(place).sort();
  }

  /** A regular file that is not larger. */
  read(path: string, maxBytes: number): Buffer | undefined {
    const place = this.#follow(path);
    if (place === undefined) return undefined;
    const info = lstatSync(place);
    return info.isFile() && info.size <= maxBytes ? readFileSync(place) : undefined;
  }

  /** Where a path of the inside lies outside, its links followed. */
  #follow(path: string): string | undefined {
    let inside = "/";
    let rest = path.split("/");
    for (let links = 0; rest.length > 0; ) {
      const [part = "", ...more] = rest;
      rest = more;
      if (part === "" || part === ".") continue;
      const next = part === ".." ? dirname(inside) : join(inside, part);
      const info = lstatSync(this.#outside(next), { throwIfNoEntry: false });
      if (!info) return undefined;
      if (!info.isSymbolicLink()) inside = next;
      else {
        if (++links > MAX_LINKS) return undefined;
        const target = resolve(inside, readlinkSync(this.#outside(next)));
        rest = [...target.split("/"), ...rest];
        inside = "/";
      }
    }
    return this.#outside(inside);
  }

  #outside(inside: string): string {
    const { store, root } = this.#environment;
    if (`${inside}/`.startsWith(`${store.storeDir}/`))
      return join(store.realStoreDir, inside.slice(store.storeDir.length));
    // What leads to the store is not in the view.
    if (`${store.storeDir}/`.startsWith(`${inside}/`)) return dirname(store.realStoreDir);
    return root ? join(root.viewDir, inside) : inside;
  }
}
