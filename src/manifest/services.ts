/** `[services]`, each behind those that must be ready before it. */
import { CopseError, nearestNames } from "#base";
import type { ManifestData } from "./definition/manifest.ts";
import { inOrder } from "./in-order.ts";
import { type Manifest, type ManifestPath, placeOf } from "./manifest.ts";

export type Service = NonNullable<ManifestData["services"]> extends ReadonlyMap<string, infer S> ? S : never;

/** @throws CopseError `service-unknown`. */
export function serviceOf(manifest: Manifest, name: string, origin?: ManifestPath): Service {
  const { services } = manifest.data;
  const service = services?.get(name);
  if (service) return service;
  const names = [...(services?.keys() ?? [])];
  const near = nearestNames(name, names);
  const known = names.length > 0 ? `services are ${names.join(", ")}` : "copse.toml has no [services]";
  throw new CopseError("service-unknown", `There is no such service: \`${name}\``, {
    ...(origin && { span: placeOf(manifest, origin) }),
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : known,
  });
}

/** These and all that they depend on. @throws CopseError `service-unknown`, `service-cycle`. */
export function servicesInOrder(manifest: Manifest, wanted: readonly string[]): string[] {
  const dependency = ({ name, at }: { readonly name: string; readonly at: number }): ManifestPath => [
    ...["services", name, "depends"],
    at,
  ];
  return inOrder({
    wanted,
    needs: (each, by) => serviceOf(manifest, each, by && dependency(by)).depends ?? [],
    onCircle: (circle, by) => {
      throw new CopseError("service-cycle", `Services wait for each other: \`${circle.join(" → ")}\``, {
        span: placeOf(manifest, dependency(by)),
      });
    },
  });
}
