/** The settings of Nix, from nix.conf, the environment and the command line. */
export { missingFeature } from "./features.ts";
export { formatSetting, isList, type Kind } from "./kinds.ts";
export type { Assignment } from "./nix-conf.ts";
export { readSettings, type SettingSources, systemConfFile, userConfFiles } from "./read-settings.ts";
export {
  hasEffect,
  SETTINGS,
  type SettingName,
  type Settings,
  type SettingValue,
  settingNamed,
} from "./table.ts";
