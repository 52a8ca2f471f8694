/** What a thread of `TreeWorkers` is asked, and answers. */
import type { ByteString } from "#base";
import { canonicaliseTree } from "./canonical.ts";
import type { HashThread } from "./hash-thread.ts";
import { type ScannedTree, scanTree } from "./hash-tree.ts";

export interface TreeJob {
  readonly path: ByteString;
  readonly digests: readonly string[];
  readonly canonicalise: boolean;
  /** Copied there in the same pass: see dump-tree.ts. */
  readonly copyTo?: ByteString | undefined;
}

export type TreeAnswer =
  | { readonly kind: "done"; readonly tree: ScannedTree }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly hint?: string | undefined;
    }
  | { readonly kind: "crashed"; readonly message: string };

export function runTreeJob(job: TreeJob, hashThread?: HashThread): ScannedTree {
  if (job.canonicalise) canonicaliseTree(job.path);
  const hash = hashThread?.begin();
  try {
    return scanTree(job.path, job.digests, { hash, copyTo: job.copyTo });
  } finally {
    hash?.abandon();
  }
}
