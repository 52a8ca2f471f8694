/**
 * Busybox with a link for each of its programs: builders that need no library, so that two tools with sandboxes of their
 * own can run the same ones. From $COPSE_BUSYBOX, or Debian's busybox-static, which apt fetches and nobody installs.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** Makes `folder`, with everything in its `bin`. */
export function makeStaticTools(folder: string): void {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const busybox = join(bin, "busybox");
  copyFileSync(process.env["COPSE_BUSYBOX"] ?? fetchBusybox(`${folder}-deb`), busybox);
  chmodSync(busybox, 0o755);
  for (const name of execFileSync(busybox, ["--list"], { encoding: "utf8" }).split("\n"))
    if (name !== "" && name !== "busybox") symlinkSync("busybox", join(bin, name));
}

function fetchBusybox(folder: string): string {
  mkdirSync(folder);
  execFileSync("apt-get", ["download", "-q", "-q", "busybox-static"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error("apt-get downloaded no busybox-static");
  execFileSync("dpkg-deb", ["-x", archive, "."], { cwd: folder });
  // Where /usr is merged, the package has it there.
  const found = ["bin/busybox", "usr/bin/busybox"]
    .map((place) => join(folder, place))
    .find((place) => existsSync(place));
  if (found === undefined) throw new Error(`There is no busybox in ${archive}`);
  return found;
}
