/**
 * Two stores that were given the same: the same paths must be valid in both, with the same hash, size, references and
 * content address in the databases, and every derivation's file must hold the same bytes.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface StoreComparison {
  readonly paths: number;
  readonly derivations: number;
  /** Sentences. */
  readonly differences: readonly string[];
}

/** What must be equal about a path, as one text. */
function registered(prefix: string): Map<string, string> {
  const db = new DatabaseSync(join(prefix, "nix/var/nix/db/db.sqlite"), { readOnly: true });
  try {
    const references = new Map<string, string[]>();
    const edges = db.prepare(
      "select a.path as path, b.path as reference from Refs join ValidPaths a on referrer = a.id join ValidPaths b on reference = b.id",
    );
    for (const row of edges.all()) {
      const list = references.get(String(row["path"])) ?? [];
      list.push(String(row["reference"]));
      references.set(String(row["path"]), list);
    }
    const outputs = new Map<string, string[]>();
    for (const row of db
      .prepare(
        "select v.path as drv, o.id as id, o.path as path from DerivationOutputs o join ValidPaths v on v.id = o.drv",
      )
      .all()) {
      const list = outputs.get(String(row["drv"])) ?? [];
      list.push(`${row["id"]}=${row["path"]}`);
      outputs.set(String(row["drv"]), list);
    }
    return new Map(
      db
        .prepare("select path, hash, narSize, ca from ValidPaths")
        .all()
        .map((row) => {
          const path = String(row["path"]);
          const facts = {
            hash: row["hash"],
            narSize: Number(row["narSize"]),
            ca: row["ca"],
            references: (references.get(path) ?? []).sort(),
            outputs: (outputs.get(path) ?? []).sort(),
          };
          return [path, JSON.stringify(facts)];
        }),
    );
  } finally {
    db.close();
  }
}

export function compareStores(judge: string, copse: string): StoreComparison {
  const theirs = registered(judge);
  const ours = registered(copse);
  const differences: string[] = [];
  for (const path of new Set([...theirs.keys(), ...ours.keys()])) {
    const [their, our] = [theirs.get(path), ours.get(path)];
    if (their !== our)
      differences.push(`${path}:\n  C++ Nix ${their ?? "has none"}\n  copse   ${our ?? "has none"}`);
    else if (path.endsWith(".drv") && !sameBytes(join(judge, path), join(copse, path)))
      differences.push(`${path}: the files differ`);
  }
  return {
    paths: theirs.size,
    derivations: [...theirs.keys()].filter((path) => path.endsWith(".drv")).length,
    differences,
  };
}

function sameBytes(first: string, second: string): boolean {
  const digest = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");
  return digest(first) === digest(second);
}
