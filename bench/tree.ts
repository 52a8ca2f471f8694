/** A tree of 1 GB: 1,000 folders of 1 MB in files of all sizes, as packages have them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SIZES = [900_000, 60_000, 20_000, 10_000, 5_000, 4_000, 1_000] as const;

export function makeTree(root: string): string {
  mkdirSync(root);
  for (let folder = 0; folder < 1000; folder++) {
    const path = join(root, `d${folder}`);
    mkdirSync(path);
    for (const [index, size] of SIZES.entries()) {
      writeFileSync(join(path, `f${index}`), Buffer.alloc(size, (folder * 7 + index) & 0xff));
    }
  }
  return root;
}
