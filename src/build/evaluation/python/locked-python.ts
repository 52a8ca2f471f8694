/** Questions about Python packages during evaluation: answered from the lock where it has the answer. */
import type { Requests } from "#resolve";
import type { PythonQuestions } from "./engine-python.ts";
import { type LibraryServices, undeclaredLibraries } from "./undeclared-libraries.ts";

export function lockedPython(requests: Requests, services: LibraryServices): PythonQuestions {
  const { python, lock } = requests;
  return {
    resolve: (request, metadataOf) =>
      python.resolve(request, (sdist) => python.giveMetadata(request, sdist, metadataOf(sdist))),
    has: (platform, name) => python.has(platform, name),
    names: (platform) => python.names(platform),
    libraries: (request) => undeclaredLibraries(requests, services, request),
    buildNeeds: ({ platform, file, find }) => {
      const section = lock.python.section(platform);
      const known = section?.packages.find((one) => one.file === file)?.build;
      if (known) return known;
      const build = find();
      python.recordFinding(platform, file, { build });
      return build;
    },
  };
}
