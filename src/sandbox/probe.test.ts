import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HostFacts } from "./probe.ts";
import { drive, identities } from "./test-root.ts";

describe("what the machine allows", () => {
  for (const identity of identities) {
    test(`asked as ${identity.name}`, async () => {
      const outcome = await drive("console.log(JSON.stringify(await sandbox.probeHost()))", {}, { identity });
      const facts = JSON.parse(outcome.output) as HostFacts;
      assert.match(facts.utilLinux ?? "", /^\d+\.\d+/);
      for (const problem of facts.problems) assert.match(problem.remedy, /^[A-Z].*[.)a-z]$/);
      if (facts.problems.length === 0) assert.equal(facts.entry, identity.uid === 0 ? "root" : "user");
      else assert.ok(!facts.userNamespaces || !facts.newProc || facts.missingPrograms.length > 0);
    });
  }

  test("without user namespaces, the reason is named", {
    skip: process.getuid?.() !== 0 && "needs root",
  }, async () => {
    // In a user namespace the limit can be lowered for those below it.
    const lower = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const wrap = (command: string[]) => ["unshare", "-Ur", "sh", "-c", lower, "sh", ...command];
    const code = "console.log(JSON.stringify(await sandbox.probeHost()))";
    const outcome = await drive(code, {}, { identity: identities[0]!, wrap });
    const facts = JSON.parse(outcome.output) as HostFacts;
    assert.equal(facts.userNamespaces, false);
    assert.match(facts.problems[0]?.message ?? "", /user\.max_user_namespaces is 0/);
  });
});
