/** The maintainer scripts that dpkg runs when a package is installed for the first time. */
export type ScriptName = "preinst" | "postinst";
