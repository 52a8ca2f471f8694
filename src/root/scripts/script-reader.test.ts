import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { temporaryDirectory } from "../debs-for-tests.ts";
import type { ScriptCall } from "./script-call.ts";
import { readScript } from "./script-reader.ts";
import type { ScriptWorld } from "./shell/shell-conditions.ts";

const EMPTY: ScriptWorld = { architecture: "amd64", kindOf: () => undefined, isLink: () => false };

function read(script: string, world: ScriptWorld = EMPTY): readonly ScriptCall[] {
  const run = { args: ["configure", ""], packageName: "x", scriptName: "postinst", world };
  return readScript(script, run).calls;
}

/** The words of the calls of one program. */
function callsOf(script: string): ScriptCall["words"][] {
  return read(script)
    .map(({ words }) => words)
    .filter(([program]) => program === "update-alternatives");
}

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
  "words of a command's output": `slave() { echo "--slave $1/$2 $2"; }
update-alternatives --install /a a /b 1 $(
  slave /usr/bin unlzma
  for util in cat more; do slave /usr/bin lz$util; done
) "$(echo a; echo b)" \`basename /x/y\` $(dirname /x/y)
`,
  expansions: `v=1.2.3-4 e=
update-alternatives "\${v%-*}" "\${v%%.*}" "\${v#*.}" "\${v##*.}" "\${e:-none}" "\${e-none}" "\${v:+some}" "\${e:+some}"
`,
  "arguments moved":
    'set -- a b c; shift; update-alternatives "$@" $# "$1"; f() { shift; update-alternatives $*; }; f x y z\n',
  conditions: `if [ "$1" = configure ] && [ -z "$2" ]; then update-alternatives yes; else update-alternatives no; fi
[ "$1" != configure ] || update-alternatives second
case "$1-$2" in con*-) update-alternatives third;; *) update-alternatives no;; esac
test -n "" -o 3 -gt 2 && update-alternatives fourth
! false && update-alternatives fifth
if ! [ a = b ]; then exit 0; fi
update-alternatives no
`,
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
    const found = callsOf(script).map((call) => call.slice(1));
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
  assert.deepEqual(callsOf(script), [
    ["update-alternatives", undefined, undefined, undefined, undefined, "known", "else"],
  ]);
});

test("what only some runs do is told from what all do", () => {
  const script = [
    "p=1",
    "touch /certain$p",
    "if grep -q x /etc/y; then p=2; touch /maybe; fi",
    "touch /uncertain$p",
    "[ -e /usr/bin/there ] && touch /there",
    "[ -e /usr/bin/missing ] && touch /missing",
    "while read line; do touch /round; done",
    "grep -q y /etc/z || exit 0",
    "touch /after",
    "",
  ].join("\n");
  const world: ScriptWorld = { ...EMPTY, kindOf: (path) => (path === "/usr/bin/there" ? "file" : undefined) };
  const touched = read(script, world).filter(({ words }) => words[0] === "touch");
  assert.deepEqual(
    touched.map(({ words, isCertain }) => [words[1], isCertain]),
    [
      ["/certain1", true],
      ["/maybe", false],
      ["/uncertain2", false],
      ["/there", true],
      ["/round", false],
      ["/after", false],
    ],
  );
});

test("what is written where, and what a here-document holds", () => {
  const script =
    "cat >/etc/a <<'E'\n$x\nE\ncat >/etc/b <<E\n$x\nE\n{ echo; } >/etc/c\nx >/dev/null 2>&1\n: >>\"$u\"\n";
  const calls = read(script).filter(({ writes }) => writes.length > 0);
  assert.deepEqual(
    calls.map(({ words, writes, input }) => [words[0], writes, input]),
    [
      ["cat", ["/etc/a"], "$x\n"],
      ["cat", ["/etc/b"], undefined],
      [undefined, ["/etc/c"], undefined],
      [":", [undefined], undefined],
    ],
  );
});

test("a script that is not understood says so", () => {
  const problemOf = (script: string) =>
    readScript(script, { args: ["configure"], packageName: "x", scriptName: "postinst", world: EMPTY })
      .problem;
  assert.equal(problemOf("#!/bin/sh\ntrue\n"), undefined);
  assert.match(problemOf("#!/usr/bin/perl\n") ?? "", /perl/);
  for (const script of [
    "if true; then\n",
    "echo 'a\n",
    "f() { f; }; f\n",
    "a=(1 2)\n",
    "echo $" + "{x/y/z}\n",
  ])
    assert.ok(problemOf(script), script);
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
    assert.ok(Array.isArray(callsOf(script)), script);
  }
  const deep = `${"for i in 1 2 3 4 5 6 7 8 9; do ".repeat(30)}update-alternatives${" ; done".repeat(30)}`;
  assert.ok(callsOf(deep).length <= 50_000);
  assert.ok(Array.isArray(callsOf("f() { f; f; }\nf\n")));
});
