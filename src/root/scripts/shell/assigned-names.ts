/** The variables that a piece of a script sets by assignments, `export` and `for`. */
import { asAssignment } from "./shell-parser.ts";
import type { Command } from "./shell-syntax.ts";

export function assignedNames(command: Command): Set<string> {
  const names = new Set<string>();
  const visit = (each: Command): void => {
    switch (each.kind) {
      case "simple":
        for (const { name } of each.assignments) names.add(name);
        for (const word of each.words) {
          const assignment = asAssignment(word);
          if (assignment) names.add(assignment.name);
        }
        return;
      case "list":
      case "pipeline":
        for (const part of each.commands) visit(part);
        return;
      case "and":
      case "or":
        visit(each.left);
        visit(each.right);
        return;
      case "if":
        for (const { condition, body } of each.clauses) {
          visit(condition);
          visit(body);
        }
        if (each.otherwise) visit(each.otherwise);
        return;
      case "case":
        for (const { body } of each.branches) visit(body);
        return;
      case "for":
        names.add(each.name);
        visit(each.body);
        return;
      default:
        visit(each.body);
        if (each.kind === "while") visit(each.condition);
    }
  };
  visit(command);
  return names;
}
