/** Settings as options: `--NAME VALUE`, `--NAME` and `--no-NAME` for flags, `--extra-NAME VALUE` for lists. */
import { isList, SETTINGS, type SettingName } from "#build/settings";
import type { Option } from "./arguments.ts";

/** Those whose spelling is not among `taken`. */
export function optionsOfSettings(taken: ReadonlySet<string>): Option[] {
  const options = (Object.keys(SETTINGS) as SettingName[]).flatMap((name) => {
    const { kind, summary, aliases } = SETTINGS[name];
    return [name, ...aliases].flatMap((spelling): Option[] => {
      if (kind === "flag" || kind === "sandbox") {
        return [
          { names: [`--${spelling}`], help: summary, setting: name },
          { names: [`--no-${spelling}`], help: `not: ${summary}`, setting: name },
        ];
      }
      const valued: Option = { names: [`--${spelling}`], values: ["VALUE"], help: summary, setting: name };
      if (!isList(kind)) return [valued];
      return [valued, { ...valued, names: [`--extra-${spelling}`], setting: `extra-${name}` }];
    });
  });
  return options.filter(({ names }) => !taken.has(names[0]));
}
