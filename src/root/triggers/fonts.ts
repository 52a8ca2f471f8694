/**
 * Which fonts programs find. Fontconfig's choices are links in `/etc/fonts/conf.d`, as `fontconfig-config` makes
 * them when every debconf question gets its default; its cache is made by a program: see `tool-triggers.ts`.
 * Ghostscript has maps of its own, which `update-gsfontmap` puts together from pieces.
 */
import type { RootContext } from "../root-context.ts";

const AVAILABLE = "/usr/share/fontconfig/conf.avail";
const ENABLED = "/etc/fonts/conf.d";
/** Of each group one file is chosen, unless the packages choose themselves. */
const CHOICES = [
  { chosen: "10-hinting-slight.conf", group: /^10-hinting-/ },
  { chosen: "70-no-bitmaps.conf", group: /^70-.*bitmaps/ },
];

export function addFontLinks(root: RootContext): void {
  const { delta, tree } = root;
  const enabled = tree.list(ENABLED);
  for (const { chosen, group } of CHOICES) {
    if (!tree.lookup(`${AVAILABLE}/${chosen}`) || enabled.some((name) => group.test(name))) continue;
    delta.link(`${ENABLED}/${chosen}`, `${AVAILABLE}/${chosen}`);
  }
}

export function addGhostscriptMaps(root: RootContext): void {
  const { delta, tree } = root;
  if (!tree.lookup("/usr/sbin/update-gsfontmap")) return;
  const maps = { "cidfmap.d": "cidfmap", "fontmap.d": "Fontmap" };
  for (const [directory, map] of Object.entries(maps)) {
    const pieces = tree.list(`/etc/ghostscript/${directory}`).filter((name) => name.endsWith(".conf"));
    const texts = pieces.map((name) => tree.readFile(`/etc/ghostscript/${directory}/${name}`) ?? "");
    delta.file(`/var/lib/ghostscript/fonts/${map}`, texts.map((text) => text.toString("latin1")).join(""));
  }
}
