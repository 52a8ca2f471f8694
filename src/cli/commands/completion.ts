/** `copse completion`: code that makes a shell complete the command lines of copse and of Nix's programs. */
import { CopseError } from "#base";
import type { Command } from "../command.ts";
import { COMPLETION_SHELLS, completionScript } from "../completion/mod.ts";

export const command: Command = {
  name: "completion",
  summary: "print code that completes command lines, for bash, zsh or fish",
  usage: "SHELL",
  maxPositionals: 1,
  completes: COMPLETION_SHELLS,
  options: [],
  details: `
examples, each for the shell's own start-up file:
  source <(copse completion bash)     # ~/.bashrc
  source <(copse completion zsh)      # ~/.zshrc, after compinit
  copse completion fish | source      # ~/.config/fish/config.fish`,
  async run(line, context) {
    const [asked] = line.positionals;
    const shell = COMPLETION_SHELLS.find((name) => name === asked);
    if (shell === undefined) {
      throw new CopseError("shell-unknown", `There is no completion for this shell: \`${asked ?? ""}\``, {
        hint: `name one of ${COMPLETION_SHELLS.join(", ")}`,
      });
    }
    context.output.raw(completionScript(shell));
    return 0;
  },
};
