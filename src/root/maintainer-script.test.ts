import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { temporaryDirectory } from "./debs-for-tests.ts";
import { callsInScript } from "./maintainer-script.ts";

const PROGRAMS = new Set(["update-alternatives"]);

/** Scripts in the manner of real ones, in which conditions change nothing: the shell itself is the judge. */
const scripts: Readonly<Record<string, string>> = {
  "one line": "#!/bin/sh\nset -e\nupdate-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5\n",
  continuation: `update-alternatives --install /usr/sbin/rmt rmt /usr/sbin/rmt-tar 50 \\
\t--slave /usr/share/man/man8/rmt.8.gz rmt.8.gz \\
\t\t/usr/share/man/man8/rmt-tar.8.gz
`,
  "comment after a continuation": `update-alternatives \\
    --install /usr/bin/c++ c++ /usr/bin/g++ 20 \\
    #--slave /usr/share/man/man1/c++.1.gz c++.1.gz /usr/share/man/man1/g++.1.gz
`,
  "comment that looks continued": "# nothing \\\nupdate-alternatives --install /a a /b 1 # --slave x\n",
  case: `case "$1" in
  configure|abort-upgrade)
    update-alternatives --install /usr/bin/x x /usr/bin/y 10
    ;;
  (triggered) true ;;
  *) echo "unknown \\\`$1'" >&2 ;;
esac
`,
  function: `ua() {
  update-alternatives --install "$1" "$2" "$3" "\${4:-40}"
}
if [ "$1" = configure ]; then ua /usr/bin/editor editor /usr/bin/nano; ua /usr/bin/ex ex /usr/bin/vi 3; fi
`,
  "function in a subshell": "f () ( update-alternatives --install /l n /p 7 )\nf\n",
  loop: `priority=1711
basedir=/usr/lib/jvm/java-17
tools='java jpackage keytool'
for i in $tools rmid; do
  unset slave
  slave="--slave /usr/share/man/$i.1.gz $i.1.gz $basedir/man/\${i}.1.gz"
  update-alternatives --install /usr/bin/$i "$i" $basedir/bin/$i $priority $slave
done
`,
  "nested loops": "for a in 1 2; do for b in x y; do update-alternatives $a $b; done; done\n",
  quotes: `x='a b' e=; update-alternatives "$x" $x 'it''s' "\\$x \\"q\\"" a\\ b "" ''$e"" -$e- pre$x"post"\n`,
  "here document": `cat >/dev/null <<EOF
update-alternatives --install not this
EOF
cat >/dev/null <<-'END'
\tupdate-alternatives nor this
\tEND
update-alternatives --but this
`,
  redirection:
    "update-alternatives --quiet a >/dev/null 2>&1 </dev/null b && true || update-alternatives never\n",
  "assignment before a command": "A=1 update-alternatives x; export B=2; update-alternatives $B\n",
  "shell's own words":
    'if ! false; then update-alternatives "$@" ; fi; while false; do :; done; { update-alternatives x; }\n',
};

/** What the shell itself calls. */
function callsOfShell(script: string, directory: string): string[][] {
  const stub = `#!/bin/sh\nfor word; do printf '%s\\0' "$word" >&3; done; printf '\\n\\0' >&3\n`;
  writeFileSync(`${directory}/update-alternatives`, stub, { mode: 0o755 });
  const run = spawnSync("/bin/sh", ["-c", script, "postinst", "configure", ""], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    env: { PATH: `${directory}:/usr/bin:/bin` },
  });
  assert.equal(String(run.stderr).trim(), "");
  const calls: string[][] = [[]];
  for (const word of String(run.output[3]).split("\0").slice(0, -1)) {
    if (word === "\n") calls.push([]);
    else calls.at(-1)?.push(word);
  }
  return calls.slice(0, -1);
}

for (const [name, script] of Object.entries(scripts)) {
  test(`calls in a script are those that a shell makes: ${name}`, (t) => {
    const expected = callsOfShell(script, temporaryDirectory(t)).filter((call) => !call.includes("never"));
    const found = callsInScript(script, PROGRAMS).map((call) => call.slice(1));
    assert.deepEqual(
      found.filter((call) => !call.includes("never")),
      expected,
    );
  });
}

test("what only a shell could know is unknown", () => {
  const script = [
    "a=$(uname)",
    "update-alternatives `date` $a $unset $" + "{x%y} known $" + "{y:-else}",
    "",
  ].join("\n");
  assert.deepEqual(callsInScript(script, PROGRAMS), [
    ["update-alternatives", undefined, undefined, undefined, undefined, "known", "else"],
  ]);
});

test("no text makes the reader fail or run forever", () => {
  const pieces = [
    "for i in a b; do ",
    "done",
    "f() {",
    "}",
    "f;",
    "$(",
    "`",
    "'",
    '"',
    "<<E\n",
    "\\",
    "\n",
    "${",
    "case x in",
    ")",
    "update-alternatives ",
  ];
  let state = 12345;
  const next = (limit: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % limit;
  };
  for (let round = 0; round < 500; round++) {
    const script = Array.from({ length: next(24) }, () => pieces[next(pieces.length)]).join("");
    assert.ok(Array.isArray(callsInScript(script, PROGRAMS)), script);
  }
  const deep = `${"for i in 1 2 3 4 5 6 7 8 9; do ".repeat(30)}update-alternatives${" ; done".repeat(30)}`;
  assert.ok(callsInScript(deep, PROGRAMS).length <= 20_000);
  assert.ok(Array.isArray(callsInScript("f() { f; f; }\nf\n", PROGRAMS)));
});
