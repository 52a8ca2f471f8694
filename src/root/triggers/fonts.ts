/**
 * Which fonts programs find. Fontconfig's choices are links in `/etc/fonts/conf.d`, as `fontconfig-config` makes
 * them when every debconf question gets its default; its cache is made by a program: see `tool-triggers.ts`.
 * Ghostscript has maps of its own, which `update-gsfontmap` puts together from pieces.
 */
import type { RootContext } from "../compose/root-context.ts";

const AVAILABLE = "/usr/share/fontconfig/conf.avail";
const ENABLED = "/etc/fonts/conf.d";
/** Of each group one file is chosen, the first that there is, unless the packages choose themselves. */
const CHOICES = [
  { chosen: ["10-hinting-slight.conf"], group: /^10-hinting-/ },
  { chosen: ["70-no-bitmaps-except-emoji.conf", "70-no-bitmaps.conf"], group: /^70-.*bitmaps/ },
];

export function addFontLinks(root: RootContext): void {
  const { delta, tree } = root;
  const enabled = tree.list(ENABLED);
  for (const { chosen, group } of CHOICES) {
    const found = chosen.find((name) => tree.lookup(`${AVAILABLE}/${name}`));
    if (found === undefined || enabled.some((name) => group.test(name))) continue;
    delta.link(`${ENABLED}/${found}`, `${AVAILABLE}/${found}`);
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
