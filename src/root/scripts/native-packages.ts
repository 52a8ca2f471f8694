/**
 * Packages whose maintainer scripts were read by a person, and what copse does in their place. What is left of such
 * a script does not lead to its being run: much of it moves what older releases left, asks the machine or its administrator, or
 * makes in many steps what a trigger here makes at once.
 *
 * A name stands for all suites from bullseye to sid. `docs/system-layer.md` has the same table for readers.
 */
export interface NativePackage {
  readonly name: RegExp;
  readonly inPlace: string;
}

export const NATIVE_PACKAGES: readonly NativePackage[] = [
  { name: /^base-files$/, inPlace: "the frame of directories, profile, origins" },
  {
    name: /^(?:base-passwd|passwd|login|login\.defs|libpam-(?:runtime|modules|modules-bin)|util-linux-extra|init-system-helpers)$/,
    inPlace: "accounts; nobody logs in to a root",
  },
  { name: /^(?:dash|bash)$/, inPlace: "the packages' own links" },
  {
    name: /^(?:libc6|libc-bin|locales|tzdata|locales-all|usrmerge|usr-is-merged|sudo)$/,
    inPlace: "ld.so.cache, nsswitch.conf, localtime; locales by configuration; /usr is merged from the start",
  },
  {
    name: /^(?:dpkg|debconf|ucf|debianutils|man-db|install-info|perl|perl-base)$/,
    inPlace: "their books, made of what is there; login shells",
  },
  {
    name: /^(?:ca-certificates|ca-certificates-java|java-common|openjdk-[0-9]+-jre-headless)$/,
    inPlace: "bundle, links by hash, Java's key store",
  },
  {
    name: /^(?:fontconfig|fontconfig-config|libfontconfig1|x11-common|xfonts-utils)$/,
    inPlace: "links of chosen settings, caches",
  },
  {
    name: /^(?:lib)?python3(?:\.[0-9]+)?(?:-minimal|-stdlib)?$/,
    inPlace: "byte code, a path of its own per package",
  },
  { name: /^(?:r-base-core|libpaper1|libpaper2|libpaper-utils)$/, inPlace: "Renviron, paper size" },
  { name: /^libglib2\.0-0(?:t64)?$/, inPlace: "schemas, modules of GIO" },
  { name: /^libgdk-pixbuf-?2\.0-0(?:t64)?$/, inPlace: "the list of loaders" },
  { name: /^libgtk-3-0(?:t64)?$/, inPlace: "the list of input methods" },
  {
    name: /^(?:shared-mime-info|desktop-file-utils|hicolor-icon-theme|gtk-update-icon-cache|libgtk2\.0-bin)$/,
    inPlace: "databases of types, caches of icons",
  },
  {
    name: /^(?:ghostscript|libgs-common|libgs9-common|libgvc6|graphviz)$/,
    inPlace: "font maps, the list of plugins",
  },
  {
    name: /^(?:systemd|systemd-sysv|udev|dbus|dbus-[a-z-]+|polkitd|policykit-1|libpam-systemd|initramfs-tools(?:-core)?|linux-base)$/,
    inPlace: "nothing: no service runs in a root",
  },
];

export function isNative(packageName: string): boolean {
  return NATIVE_PACKAGES.some(({ name }) => name.test(packageName));
}
