/** `copse export`: Python packages of copse.lock in the formats of other installers. */
export { type AnswerChoice, type ChosenAnswer, chooseAnswer } from "./locked-answer.ts";
export { directAddresses, type ExportedPackage, type FilePlace } from "./locked-file.ts";
export { environmentOf, formatPylock, type OwnDirectory } from "./pylock.ts";
export { formatRequirements } from "./requirements.ts";
