import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScriptWorld } from "./shell/shell-conditions.ts";
import { accountScript } from "./unread-script.ts";

const FILES: Readonly<Record<string, "file" | "directory">> = {
  "/usr/share/x/template": "file",
  "/usr/share/x": "directory",
  "/etc/there": "file",
};
const world: ScriptWorld = { architecture: "amd64", kindOf: (path) => FILES[path], isLink: () => false };

function account(script: string, packageName = "some-package") {
  return accountScript(`#!/bin/sh\nset -e\n${script}\n`, { packageName, scriptName: "postinst", world });
}

const READ: Readonly<Record<string, string>> = {
  "nothing at all": "",
  "what debhelper writes": `if [ "$1" = "configure" ] && [ -x "$(command -v update-menus)" ]; then update-menus; fi
if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ]; then
  if deb-systemd-helper debian-installed 'x.service'; then deb-systemd-helper enable x.service >/dev/null || true; fi
  if [ -d /run/systemd/system ]; then systemctl --system daemon-reload; rm -rf /etc/there; fi
fi
if command -v py3compile >/dev/null 2>&1; then py3compile -p x; fi
dpkg-maintscript-helper rm_conffile /etc/old 1.0~ x -- "$@"`,
  "owners and modes": "chown root:adm /etc/there; chmod 0640 /etc/there",
  "an upgrade only": 'if dpkg --compare-versions "$2" lt-nl 2.0; then rm -rf /usr/share/x; fi',
  "a passing file": 'tmp=$(mktemp); echo x >"$tmp"; cat "$tmp" | sed -e s/x/y/; rm -f "$tmp"',
  "what is not there": "rm -f /etc/missing /usr/share/none/*.old; rmdir /var/lib/none 2>/dev/null || true",
  "an account": "adduser --system --group --home /var/lib/x --quiet _x",
};

for (const [name, script] of Object.entries(READ)) {
  test(`read: ${name}`, () => {
    const { unread, effects } = account(script);
    assert.deepEqual([unread, effects], [undefined, []]);
  });
}

test("small effects are done in a script's place", () => {
  const script = `mkdir -p /var/lib/x
[ -e /etc/there ] || mkdir /etc/no
touch /var/lib/x/list
ln -sf ../share/x /usr/lib/x
cp -p /usr/share/x/template /etc/x.conf
cat >/etc/x.list <<EOF
line
EOF`;
  assert.deepEqual(account(script).effects, [
    { kind: "directory", path: "/var/lib/x" },
    { kind: "file", path: "/var/lib/x/list", contents: "" },
    { kind: "link", path: "/usr/lib/x", target: "../share/x" },
    { kind: "copy", from: "/usr/share/x/template", to: "/etc/x.conf" },
    { kind: "file", path: "/etc/x.list", contents: "line\n" },
  ]);
  assert.equal(account(script).unread, undefined);
});

const UNREAD: readonly string[] = [
  "some-program --setup",
  "/usr/lib/x/postinst.d configure",
  "echo x >>/etc/there",
  "sed -i s/a/b/ /etc/there",
  "rm -f /etc/there",
  "mv /etc/there /etc/here",
  "cp /usr/share/x/template /etc/there",
  "if grep -q a /etc/there; then mkdir /var/lib/x; fi",
  'mkdir "$(some-program)"',
  'update-alternatives --install /usr/bin/x x "$(some-program)" 10',
  ". /usr/share/x/functions",
  "eval $command",
  "find /usr/share/x -delete",
  "$unknown",
  "python3 -c 'import x'",
  "mkdir /home/x",
  "ln -s a ../../etc/x",
  "if true; then",
];

for (const script of UNREAD) {
  test(`not read: ${script}`, () => {
    const { unread } = account(script);
    assert.equal(unread?.packageName, "some-package");
    assert.ok((unread?.reasons.length ?? 0) > 0);
  });
}

test("scripts that a person has read are not judged call by call", () => {
  assert.equal(account("some-program", "base-files").unread, undefined);
  assert.equal(account("some-program", "libglib2.0-0t64").unread, undefined);
  assert.notEqual(account("some-program", "base-files-extra").unread, undefined);
});
