import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { imported } from "../testing.ts";
import { requirementsLines, splitWords } from "./requirements-lines.ts";

test("requirements, options and included files become packages, indexes and constraints", () => {
  const { data, lost, unreproducible } = imported(
    {
      "requirements.txt": `# a list
--index-url http://someone:secret@127.0.0.1:9/lab/simple
numpy>=1.26,<2
pandas[excel] ; python_version < "3.12"  # why
scipy == 1.11.4 \\
   --hash=sha256:aaaa \\
   --hash=sha256:bbbb
-e ./lib[fast]
-e git+http://127.0.0.1:9/tool.git@v2#egg=tool&subdirectory=py
http://127.0.0.1:9/files/lab-1.0-py3-none-any.whl
./dist/made_here-2.0.tar.gz
--pre --only-binary=numpy,scipy
-r more/dev.txt
--constraint=constraints.txt
old-style (>=1.0
`,
      "more/dev.txt": "pytest\n-r ../requirements.txt\n",
      "constraints.txt": "six<1.17\n",
      "lib/pyproject.toml": '[project]\nname = "My-Lib"\n',
      "dist/made_here-2.0.tar.gz": "",
    },
    { named: ["requirements.txt"] },
  );
  assert.deepEqual(data.python?.packages, [
    "numpy>=1.26,<2",
    'pandas[excel] ; python_version < "3.12"',
    "scipy==1.11.4",
    { name: "My-Lib", extras: ["fast"], path: "lib", editable: true },
    { name: "tool", git: "http://127.0.0.1:9/tool.git", rev: "v2", subdirectory: "py" },
    { name: "lab", url: "http://127.0.0.1:9/files/lab-1.0-py3-none-any.whl" },
    { name: "made_here", path: "dist/made_here-2.0.tar.gz" },
    "pytest",
    "old-style>=1.0",
  ]);
  assert.deepEqual(data.python?.constraints, ["six<1.17"]);
  assert.deepEqual(
    [...(data.python?.indexes ?? [])].map(([, url]) => url),
    ["http://127.0.0.1:9/lab/simple"],
  );
  assert.equal(data.python?.prereleases, "allow");
  assert.deepEqual(data.python?.["only-binary"], ["numpy", "scipy"]);
  assert.equal(
    lost.some((line) => line.includes("secret")),
    false,
  );
  assert.match(lost.join("\n"), /requirements\.txt:2: the login of an index/);
  assert.match(unreproducible.join("\n"), /requirements\.txt:9: .*`v2`: a branch or a tag can move/);
  assert.match(unreproducible.join("\n"), /requirements\.txt:3: no exact version: numpy, pandas, old-style/);
});

test("what leads out of the project is not read", () => {
  const { lost, data } = imported({
    "requirements.txt":
      "-r ../../../../../../etc/passwd\n-c /etc/hostname\n-e /etc\nx @ ${HOME}/x.whl\n-r http://127.0.0.1:9/r.txt\nsix\n",
  });
  assert.deepEqual(data.python?.packages, ["six"]);
  assert.deepEqual(
    lost.map((line) => line.split(":")[1]),
    ["1", "2", "3", "4", "5"],
  );
});

test("a list that was compiled is a lock of the file that it was made of", () => {
  const compiled =
    "numpy==2.2.6 \\\n    --hash=sha256:aa\n    # via pandas\npandas==2.3.3 \\\n    --hash=sha256:bb\n    # via -r wanted.in\n";
  const { data, unreproducible } = imported(
    { "requirements.txt": compiled, "wanted.in": "pandas[excel]>=2\n" },
    { named: ["requirements.txt"] },
  );
  assert.deepEqual(data.python?.packages, ["pandas[excel]>=2"]);
  assert.deepEqual(data.python?.constraints, ["numpy==2.2.6", "pandas==2.3.3"]);
  assert.deepEqual(unreproducible, []);
  const alone = imported({ "requirements.txt": compiled });
  assert.deepEqual(alone.data.python?.packages, ["numpy==2.2.6", "pandas==2.3.3"]);
});

test("lists for development are groups, by their file's name", () => {
  const { data } = imported({
    "requirements.txt": "numpy\n",
    "requirements-dev.txt": "-r requirements.txt\npytest\n",
    "requirements/docs.txt": "sphinx\n",
  });
  assert.deepEqual(data.python?.packages, ["numpy"]);
  assert.deepEqual(
    data.python?.groups,
    new Map([
      ["dev", ["pytest"]],
      ["docs", ["sphinx"]],
    ]),
  );
});

test("PowerShell's UTF-16 is read", () => {
  const { data } = imported({ "requirements.txt": Buffer.from("\ufeffnumpy==1.26.4\r\n", "utf16le") });
  assert.deepEqual(data.python?.packages, ["numpy==1.26.4"]);
});

test("words are split as a shell does it", () => {
  assert.deepEqual(splitWords(`--a="b c" 'd e'f g\\ h ""`), ["--a=b c", "d ef", "g h", ""]);
});

const PIP = `
import sys, json
from pip._internal.req.req_file import join_lines, ignore_comments, break_args_options
import shlex
found = []
for text in json.load(sys.stdin):
    lines = []
    for number, line in ignore_comments(join_lines(enumerate(text.splitlines(), start=1))):
        args, options = break_args_options(line)
        try: lines.append([number, args.strip(), shlex.split(options)])
        except ValueError: lines = None; break
    found.append(lines)
json.dump(found, sys.stdout)
`;
const noPip =
  spawnSync("python3", ["-c", "import pip._internal.req.req_file"]).status === 0
    ? false
    : "python3 with pip is not installed";

test("pip puts lines together in the same way", { skip: noPip }, () => {
  const pieces = [
    "numpy",
    ">=1.2",
    " ",
    "\\\n",
    "\n",
    "# note",
    " # note",
    "#egg=x",
    "--hash=a:b",
    " --hash=c",
    "-r x.txt",
    "-e",
    " .",
    "; python_version<'3'",
    '"a b"',
    "\\",
  ];
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const texts = Array.from({ length: 400 }, () =>
    Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join(""),
  );
  const { stdout, stderr } = spawnSync("python3", ["-c", PIP], {
    input: JSON.stringify(texts),
    encoding: "utf8",
  });
  assert.notEqual(stdout, "", stderr);
  for (const [at, expected] of (JSON.parse(stdout) as ([number, string, string[]][] | null)[]).entries()) {
    // What has a quote without end, pip refuses.
    if (expected === null) continue;
    const ours = requirementsLines(texts[at] as string).map(({ line, requirement, options }) => [
      line,
      requirement,
      options,
    ]);
    assert.deepEqual(ours, expected, JSON.stringify(texts[at]));
  }
});
