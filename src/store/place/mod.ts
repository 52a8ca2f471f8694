/** Where the store lies, apart from the rest of `store`: for a warm start. */
export { type LocateOptions, locateStore } from "./locate.ts";
export { isUsable, type OverlayPlace, SCHEMA_VERSION, type StorePlace, storePlace } from "./store-place.ts";
export { parseStoreUri, type StoreUri } from "./store-uri.ts";
