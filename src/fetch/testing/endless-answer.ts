/** For tests: an answer that never ends, zeros as fast as they are taken. */
import type { ServerResponse } from "node:http";

export function endlessAnswer(response: ServerResponse): void {
  const zeros = Buffer.alloc(1 << 20);
  const more = () => {
    while (!response.destroyed && response.write(zeros));
    response.once("drain", more);
  };
  more();
}
