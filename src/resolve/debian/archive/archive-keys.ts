/**
 * Debian's own keys, for machines that do not have them: Fedora, Arch, Alpine and the like know no
 * debian-archive-keyring, and a machine of an older Debian knows no key of a newer suite.
 *
 * The key material is that of Debian's package (`archive-keys.asc`, without third parties' signatures). Which keys
 * are accepted is said here, by fingerprint, as Debian publishes them: a key that is in the file but not in this
 * list does not count, so that an exchanged file is of no use to anybody.
 */
import { readFileSync } from "node:fs";
import { CopseError, installedPath } from "#base";

/** By fingerprint: what Debian calls the key. */
export const archiveKeyNames: ReadonlyMap<string, string> = new Map([
  ["1F89983E0081FDE018F3CC9673A4F27B8DD47936", "Archive Automatic Signing Key (11/bullseye)"],
  ["AC530D520F2F3269F5E98313A48449044AAD5C5D", "Security Archive Automatic Signing Key (11/bullseye)"],
  ["A4285295FC7B1A81600062A9605C66F00D6C9793", "Stable Release Key (11/bullseye)"],
  ["B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8", "Archive Automatic Signing Key (12/bookworm)"],
  ["05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0", "Security Archive Automatic Signing Key (12/bookworm)"],
  ["4D64FEC119C2029067D6E791F8D2585B8783D481", "Stable Release Key (12/bookworm)"],
  ["04B54C3CDCA79751B16BC6B5225629DF75B188BD", "Archive Automatic Signing Key (13/trixie)"],
  ["5E04A1E3223A19A20706E20F9904613D4CCE68C6", "Security Archive Automatic Signing Key (13/trixie)"],
  ["41587F7DB8C774BCCF131416762F67A0B2C39DE4", "Stable Release Key (13/trixie)"],
]);

/** Archives that Debian signs. */
const debianArchives: ReadonlySet<string> = new Set(["debian", "debian-security"]);

export function isDebianArchive(archive: string): boolean {
  return debianArchives.has(archive);
}

/** The armoured blocks. Whoever reads them keeps those keys whose fingerprints are pinned. */
export function readArchiveKeys(): Buffer {
  const path = installedPath("src/resolve/debian/archive/archive-keys.asc");
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CopseError("keyring-missing", `Debian's keys are missing from this installation: \`${path}\``, {
      cause: error,
    });
  }
}
