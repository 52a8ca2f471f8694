/**
 * Whether the machine's own indexes can be asked: of Python packages, as pip is configured, with a question of one name.
 *
 * Only what says that there is no index, or no way to it, is a reason to skip. An index that answers and cannot be read
 * is a failure.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCopseError } from "#base";
import { normaliseName } from "#format/python";
import { openPythonIndex } from "../../src/resolve/python/index/mod.ts";

const NO_WAY: ReadonlySet<string> = new Set(["pip-no-index", "http-failed", "http-timeout", "tls-file"]);

/** For `describe(..., { skip })`: why the index cannot be asked, or false. */
export async function pythonIndexMissing(): Promise<string | false> {
  const cacheDir = mkdtempSync(join(tmpdir(), "copse-real-"));
  try {
    const index = await openPythonIndex({
      ...{ env: process.env, cacheDir },
      sdists: { metadataOf: () => Promise.reject(new Error("no source archive is asked for")) },
    });
    const files = await index.files(normaliseName("numpy"));
    return files === undefined ? "the configured index of Python packages has no numpy" : false;
  } catch (error) {
    if (isCopseError(error) && NO_WAY.has(error.code))
      return `no index of Python packages can be asked (${error.code})`;
    throw error;
  } finally {
    rmSync(cacheDir, { recursive: true });
  }
}
