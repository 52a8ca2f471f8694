/**
 * Random programs that are well typed and mostly end: scopes in all their forms, laziness, functions, sets. What
 * they compute is of no interest; that two evaluators agree on it is.
 */

type Type = "int" | "set" | "unary" | "binary";
type Scope = ReadonlyMap<string, Type>;

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];
/** The names that every set has. */
const FIELDS = ["x", "y"];

/** The same programs for the same seed. */
export class RandomPrograms {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(depth = 4 + this.#below(3)): string {
    return this.#expr(new Map(), "int", depth);
  }

  /** A list that is partly evaluated, for printing without evaluating deeply. */
  nextLazy(): string {
    const empty: Scope = new Map();
    const items = [this.#expr(empty, "set", 4), this.#expr(empty, "unary", 3), this.#expr(empty, "int", 4)];
    const forced = this.#expr(empty, "set", 3);
    return `let s = ${forced}; in builtins.seq s.x [ s ${items.join(" ")} (${this.#expr(empty, "set", 4)}).x ]`;
  }

  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
  #chance(probability: number): boolean {
    return this.#below(1000) < probability * 1000;
  }
  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }
  #shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.#below(rest.length), 1)[0] as T);
  }

  #expr(scope: Scope, type: Type, depth: number): string {
    const variables = [...scope].filter(([, other]) => other === type).map(([name]) => name);
    if (depth <= 0 || this.#chance(0.22)) {
      return variables.length > 0 && this.#chance(0.85) ? this.#pick(variables) : this.#literal(scope, type, depth);
    }
    const inner = depth - 1;
    const int = (s: Scope = scope) => this.#expr(s, "int", inner);
    const same = (s: Scope = scope) => this.#expr(s, type, inner);
    const forms: (() => string)[] = [
      () => this.#let(scope, type, inner),
      () => this.#let(scope, type, inner),
      () => `(if ${this.#condition(scope, inner)} then ${same()} else ${same()})`,
      () => this.#with(scope, type, inner),
      () => `(assert ${int()} >= (0 - 1000000000); ${same()})`,
      () => this.#literal(scope, type, depth),
    ];
    if (type === "set") forms.push(() => `(${same()} // ${same()})`);
    if (type === "int") {
      forms.push(
        () => this.#recursiveSet(scope, inner),
        () => this.#formals(scope, inner),
        () => `(${this.#expr(scope, "unary", inner)} ${this.#operand(scope, inner)})`,
        () => `(${this.#expr(scope, "binary", inner)} ${this.#operand(scope, inner)} ${this.#operand(scope, inner)})`,
        () => `(${this.#expr(scope, "set", inner)}).${this.#pick(FIELDS)}`,
        () => `((${this.#expr(scope, "set", inner)}).${this.#pick(["x", "y", "z"])} or ${this.#operand(scope, inner)})`,
        () => `(builtins.elemAt [ ${this.#operand(scope, inner)} ${this.#operand(scope, inner)} ] ${this.#below(2)})`,
      );
    }
    return this.#pick(forms)();
  }

  #literal(scope: Scope, type: Type, depth: number): string {
    const inner = depth - 1;
    if (type === "unary") {
      const name = this.#pick(NAMES);
      return `(${name}: ${this.#expr(withNames(scope, [name], ["int"]), "int", inner)})`;
    }
    if (type === "binary") {
      const names = this.#shuffled(NAMES).slice(0, 2);
      return `(${names.join(": ")}: ${this.#expr(withNames(scope, names, ["int", "int"]), "int", inner)})`;
    }
    if (type === "set") return this.#set(scope, depth);
    if (depth <= 0) return String(this.#below(21));
    if (this.#chance(0.2)) return `(-${this.#operand(scope, inner)})`;
    const [left, right] = [this.#expr(scope, "int", inner), this.#expr(scope, "int", inner)];
    return `(${left} ${this.#pick(["+", "-", "*"])} ${right})`;
  }

  #set(scope: Scope, depth: number): string {
    if (depth <= 0) return "{ x = 1; y = 2; }";
    const inner = depth - 1;
    const int = () => this.#expr(scope, "int", inner);
    if (this.#chance(0.3)) return `{ inherit (${this.#expr(scope, "set", inner)}) x y; z = ${int()}; }`;
    const isInherited = FIELDS.every((name) => scope.get(name) === "int") && this.#chance(0.4);
    return isInherited ? "{ inherit x y; }" : `{ x = ${int()}; y = ${int()}; }`;
  }

  #operand(scope: Scope, depth: number): string {
    return `(${this.#expr(scope, "int", depth)})`;
  }

  #condition(scope: Scope, depth: number): string {
    const operator = this.#pick(["<", "<=", "==", "!=", ">", ">="]);
    return `(${this.#expr(scope, "int", depth)} ${operator} ${this.#expr(scope, "int", depth)})`;
  }

  #with(scope: Scope, type: Type, depth: number): string {
    const unbound = FIELDS.filter((name) => !scope.has(name));
    const body = withNames(scope, unbound, unbound.map(() => "int"));
    return `(with ${this.#expr(scope, "set", depth)}; ${this.#expr(body, type, depth)})`;
  }

  /** Each sees those before it in an order of its own, so that nothing goes in circles; they stand in any order. */
  #let(scope: Scope, type: Type, depth: number): string {
    const names = this.#shuffled([...NAMES, ...FIELDS]).slice(0, 1 + this.#below(5));
    const types = names.map(() => this.#pick<Type>(["int", "int", "int", "set", "unary", "binary"]));
    const all = withNames(scope, names, types);
    const bindings = names.map((name, i) => {
      const visible = without(all, names.slice(i));
      const isField = FIELDS.includes(name) && types[i] === "int";
      if (isField && this.#chance(0.4)) return `inherit (${this.#expr(visible, "set", depth)}) ${name};`;
      return `${name} = ${this.#expr(visible, types[i] as Type, depth)};`;
    });
    return `(let ${this.#shuffled(bindings).join(" ")} in ${this.#expr(all, type, depth)})`;
  }

  #recursiveSet(scope: Scope, depth: number): string {
    const names = this.#shuffled(NAMES).slice(0, 2 + this.#below(3));
    const all = withNames(scope, names, names.map(() => "int"));
    const bindings = names.map((name, i) => `${name} = ${this.#expr(without(all, names.slice(i)), "int", depth)};`);
    return `(rec { ${this.#shuffled(bindings).join(" ")} }).${this.#pick(names)}`;
  }

  /** A function with formals, some with defaults that mention others, and its call. */
  #formals(scope: Scope, depth: number): string {
    const names = this.#shuffled(NAMES).slice(0, 2 + this.#below(3));
    const all = withNames(scope, names, names.map(() => "int"));
    const args: string[] = [];
    const formals = names.map((name, i) => {
      const hasDefault = this.#chance(0.6);
      if (!hasDefault || this.#chance(0.4)) args.push(`${name} = ${this.#expr(scope, "int", depth - 1)};`);
      return hasDefault ? `${name} ? ${this.#expr(without(all, names.slice(i)), "int", depth)}` : name;
    });
    const head = `{ ${this.#shuffled(formals).join(", ")} }${this.#pick(["", "@args"])}`;
    return `((${head}: ${this.#expr(all, "int", depth)}) { ${args.join(" ")} })`;
  }
}

function withNames(scope: Scope, names: readonly string[], types: readonly Type[]): Scope {
  return new Map([...scope, ...names.map((name, i): [string, Type] => [name, types[i] as Type])]);
}

function without(scope: Scope, names: readonly string[]): Scope {
  return new Map([...scope].filter(([name]) => !names.includes(name)));
}
