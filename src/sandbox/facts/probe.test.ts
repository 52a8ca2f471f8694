import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, describe, test } from "node:test";
import {
  asUser,
  inContainer,
  inNamespace,
  lowerTo,
  type Restrict,
  refuseCalls,
  whyNoFilter,
  whyNoNamespace,
  withoutMounts,
  withoutPowers,
} from "../test-hosts.ts";
import { drive, identities, makeTestDirectory } from "../test-root.ts";
import type { HostFacts } from "./probe.ts";

const directory = makeTestDirectory();
after(() => rmSync(directory, { recursive: true, force: true }));
const ordinary = identities.at(-1)!;

async function probed(identity = ordinary, wrap?: Restrict): Promise<HostFacts> {
  const code = "console.log(JSON.stringify(await sandbox.probeHost()))";
  const outcome = await drive(code, {}, { identity, ...(wrap && { wrap }) });
  return JSON.parse(outcome.output) as HostFacts;
}

describe("what the machine allows", () => {
  for (const identity of identities) {
    test(`asked as ${identity.name}`, async () => {
      const facts = await probed(identity);
      assert.match(facts.utilLinux ?? "", /^\d+\.\d+/);
      for (const problem of facts.problems) assert.match(problem.remedy, /^[A-Z].*\.$/);
      if (facts.problems.length === 0) assert.equal(facts.entry, identity.uid === 0 ? "root" : "user");
      else assert.ok(!facts.userNamespaces || !facts.newProc || facts.missingPrograms.length > 0);
      if (facts.entry !== "none") assert.equal(facts.fallback, undefined);
    });
  }
});

describe("a host that forbids things", () => {
  const first = ({ problems }: HostFacts) => `${problems[0]?.code}: ${problems[0]?.message}`;

  test("user namespaces switched off", { skip: whyNoNamespace }, async () => {
    const host = inNamespace(directory, lowerTo("max_user_namespaces"));
    const facts = await probed(identities[0], (command) => host(asUser(1234)(command)));
    assert.equal(facts.entry, "none");
    assert.match(first(facts), /^sandbox-user-namespaces: .*user\.max_user_namespaces is 0$/);
    assert.ok(facts.tracing);
  });

  test("user namespaces switched off do not concern root, but its builds", {
    skip: whyNoNamespace,
  }, async () => {
    const facts = await probed(identities[0], inNamespace(directory, lowerTo("max_user_namespaces")));
    assert.equal(facts.entry, "root");
    assert.equal(facts.userNamespaces, false);
  });

  test("a container's filter", { skip: whyNoFilter }, async () => {
    const facts = await probed(ordinary, inContainer);
    assert.equal(facts.entry, "none");
    assert.match(first(facts), /^sandbox-seccomp: .*forbids new namespaces/);
    assert.match(facts.problems[0]!.remedy, /seccomp=unconfined/);
    assert.deepEqual(facts.guards, ["seccomp"]);
    assert.equal(facts.tracing, true);
  });

  test("a container's filter, as its root", { skip: whyNoFilter || whyNoNamespace }, async () => {
    const facts = await probed(identities[0], (command) => withoutPowers(inContainer(command)));
    assert.equal(facts.entry, "none");
    assert.match(first(facts), /^sandbox-seccomp:/);
  });

  test("namespaces without mounts, as AppArmor makes them", { skip: whyNoFilter }, async () => {
    const facts = await probed(ordinary, withoutMounts);
    assert.equal(facts.entry, "none");
    assert.match(first(facts), /^sandbox-(seccomp|mounts-forbidden): .*forbids mounts/);
  });

  test("a covered /proc", { skip: whyNoNamespace }, async () => {
    const cover: Restrict = (command) => [
      ...["/usr/bin/unshare", "--mount", "--", "sh", "-c"],
      ...[
        'mount -t tmpfs -o ro tmpfs /proc/scsi 2> /dev/null || mount -t tmpfs -o ro tmpfs /proc/tty; exec "$@"',
        "sh",
      ],
      ...command,
    ];
    const facts = await probed(identities[0], (command) => cover(asUser(1234)(command)));
    assert.equal(facts.entry, "user");
    assert.equal(facts.newProc, false);
    assert.match(first(facts), /^sandbox-proc-covered:/);
  });

  test("nothing at all, not even tracing", { skip: whyNoFilter }, async () => {
    const facts = await probed(ordinary, (command) => inContainer(refuseCalls("ptrace")(command)));
    assert.deepEqual([facts.entry, facts.tracing, facts.fallback], ["none", false, undefined]);
  });

  test("an old util-linux", { skip: whyNoNamespace }, async () => {
    const script =
      "#!/bin/sh\ncase $1 in --version) echo unshare from util-linux 2.34 ;; *) exit 1 ;; esac\n";
    const prepare = `printf '%s' '${script}' > ${directory}/unshare; chmod 755 ${directory}/unshare
      mount --bind ${directory}/unshare /usr/bin/unshare`;
    const facts = await probed(identities[0], (command) => [
      ...["/usr/bin/unshare", "--mount", "sh", "-c", `${prepare}; exec "$@"`, "sh", ...command],
    ]);
    assert.match(first(facts), /^sandbox-util-linux-old: util-linux 2\.34 is too old$/);
  });
});
