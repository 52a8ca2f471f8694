import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { findProgram } from "../host-programs.ts";
import { findMount, parseMountInfo } from "./mounts.ts";

const list = `25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
40 25 0:40 / /home rw,nosuid,noexec - nfs4 server:/home rw,local_lock=none
41 40 0:41 / /home/a\\040b rw master:2 - tmpfs tmpfs rw
42 40 0:42 / /home/me ro - ext4 /dev/sdb rw
43 42 0:43 / /home/me rw - lustre mds:/fs rw,flock
`;

test("a path lies on the innermost mount, of two at one place on the later", () => {
  const type = (path: string) => findMount(path, list)?.type;
  assert.deepEqual(["/", "/home", "/homes", "/home/you", "/home/a b/c", "/home/me/x"].map(type), [
    "ext4",
    "nfs4",
    "ext4",
    "nfs4",
    "tmpfs",
    "lustre",
  ]);
  assert.ok(findMount("/home/you", list)?.options.has("noexec"));
  assert.ok(findMount("/home/me", list)?.options.has("flock"));
});

test("what is not a line of the list is left out", () => {
  assert.deepEqual(parseMountInfo("\nnonsense\n1 2 3 - x\n"), []);
  assert.equal(findMount("/", ""), undefined);
});

test("agrees with findmnt", {
  skip: !findProgram("findmnt", "/usr/bin:/bin") && "findmnt is not here",
}, () => {
  for (const path of ["/", "/proc", "/dev", "/tmp", process.cwd()]) {
    const said = execFileSync("findmnt", ["-n", "-o", "TARGET,FSTYPE", "--target", path], {
      encoding: "utf8",
    });
    const found = findMount(path);
    assert.equal(`${found?.mountPoint} ${found?.type}`, said.trim().replace(/\s+/g, " "), path);
  }
});
