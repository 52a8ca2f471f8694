/** Machines as Debian names them, of what Nix calls a system. */
export function debianArchitectureOf(system: string): string {
  if (system === "x86_64-linux") return "amd64";
  return system === "aarch64-linux" ? "arm64" : "all";
}
