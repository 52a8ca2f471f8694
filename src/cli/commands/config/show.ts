/** `copse config show`: the settings in force, with Nix's names. */

import { CopseError } from "#base";
import {
  formatSetting,
  missingFeature,
  SETTINGS,
  type SettingName,
  type Settings,
  settingNamed,
} from "#build/settings";
import type { Command } from "../../command.ts";
import { JSON_OPTIONS, printJson } from "../../json-output.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "config show",
  summary: "show the settings in force, or one of them",
  usage: "[--json] [NAME]",
  maxPositionals: 1,
  options: JSON_OPTIONS,
  async run(line, context) {
    const [asked] = line.positionals;
    const { settings } = context;
    if (asked !== undefined) {
      if (line.has("--json")) throw usageError("'--json' is not supported when specifying a setting name");
      const name = settingNamed(asked);
      if (name === undefined || !isAvailable(name, settings))
        throw new CopseError("setting-unknown", `could not find setting '${asked}'`);
      context.output.line(shown(name, settings));
    } else if (line.has("--json")) printJson(line, context, described(settings));
    else for (const name of names(settings)) context.output.line(`${name} = ${shown(name, settings)}`);
    return 0;
  },
};

function names(settings: Settings): SettingName[] {
  return (Object.keys(SETTINGS) as SettingName[]).filter((name) => isAvailable(name, settings)).sort();
}

function isAvailable(name: SettingName, settings: Settings): boolean {
  return missingFeature(name, settings["experimental-features"]) === undefined;
}

function shown(name: SettingName, settings: Settings): string {
  return formatSetting(SETTINGS[name].kind, settings[name]);
}

function described(settings: Settings): object {
  const entries = names(settings).map((name) => {
    const { initial, summary, aliases } = SETTINGS[name];
    return [name, { value: settings[name], defaultValue: initial, description: summary, aliases }];
  });
  return Object.fromEntries(entries);
}
