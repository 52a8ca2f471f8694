/** copse.toml: what every command needs that works on a project. Editing and templates have faces of their own. */
export { type Argv, commandLineOf } from "./command-line.ts";
export type { ManifestData } from "./definition/manifest.ts";
export { dataStoreName, dataVariable } from "./expression/data.ts";
export { type EnvironmentContents, environmentsOf } from "./expression/environments.ts";
export {
  environmentAttribute,
  type ManifestExpression,
  manifestExpression,
} from "./expression/expression.ts";
export type { Mark } from "./expression/nix-text.ts";
export { normalisedName, type PackageEntry } from "./expression/package-entries.ts";
export { answerOf, nearestDifference, requirementsAtHand } from "./locked-answer.ts";
export {
  MANIFEST_FILE,
  type Manifest,
  type ManifestPath,
  parseManifest,
  placeOf,
  readManifest,
} from "./manifest.ts";
export { type Service, serviceOf, servicesInOrder } from "./services.ts";
export { type Task, taskNames, taskOf, tasksInOrder } from "./tasks.ts";
