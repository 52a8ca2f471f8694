/** The files of Python packages that a lock names, and by which URLs they are fetched. */
import type { Lock } from "../../lock.ts";
import { fileAddress } from "../requests/request.ts";

/** Below `pypi/PROJECT`, whichever index has them: their hashes tell them apart. */
export function lockedPythonFiles(lock: Lock) {
  return [...lock.python.data.values()].flatMap(({ packages }) =>
    packages.map((one) => ({
      ...{ file: `${one.name}/${one.file}`, size: one.size, sha256: one.sha256 },
      archive: "pypi",
      urls: [fileAddress(one)],
    })),
  );
}
