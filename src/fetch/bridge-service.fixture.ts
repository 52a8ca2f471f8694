/** A service for the bridge's tests. */
import { CopseError } from "#base";
import type { ServiceFactory } from "./bridge.ts";

export const openService: ServiceFactory = (data, context) => {
  if (data === "fail") throw new CopseError("fixture-fails", "Service cannot start", { hint: "try another" });
  return {
    echo: (args: unknown) => args,
    data: () => data,
    slowly: async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return `after ${ms}`;
    },
    refuse: (name: string) => {
      throw new CopseError("fixture-refused", `Refused: \`${name}\``, {
        hint: "ask again",
        trace: [{ message: "while asking" }],
        exitCode: 3,
      });
    },
    crash: () =>
      new Promise(() => {
        setTimeout(() => {
          throw new TypeError("thrown from a timer");
        }, 1);
      }),
    say: (text: string) => context.writeError(text),
    hang: () => {
      for (;;);
    },
  };
};
