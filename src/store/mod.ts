/** The store: valid paths, what they refer to, adding, reading, locks and roots. Start with store.ts. */
export { contentHash, type TreeRequest, treePath } from "./add-tree.ts";
export { buildLogFile } from "./build-log-file.ts";
export { canonicaliseTree } from "./canonical.ts";
export { dependenciesFirst } from "./dependency-order.ts";
export { dumpTree, type EntryKind, type TreeFilter } from "./dump-tree.ts";
export { type HashedTree, hashTreeSync } from "./hash-tree.ts";
export { fixedContentAddress, type PathInfo, textContentAddress } from "./path-info.ts";
export { lockPaths, type PathLock } from "./path-lock.ts";
export { isUsable, locateStore, type StorePlace, storePlace } from "./place.ts";
export { copyTree, removeTree } from "./place-tree.ts";
export type { OutputRequest } from "./register-output.ts";
export { restoreTree } from "./restore-tree.ts";
export { openStore, Store, type TextRequest } from "./store.ts";
export { TreeWorkers } from "./tree-workers.ts";
