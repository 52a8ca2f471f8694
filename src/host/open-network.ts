/** The real network. Its modules (TLS, HTTP) take a while to load, and most runs do without it. */
import type { Network, NetworkRequest, NetworkSettings } from "./network.ts";

/** Nothing is loaded or connected before the first request. `close` it in the end. */
export function openNetwork(settings: NetworkSettings = {}): Network {
  let opened: Promise<Network> | undefined;
  let network: Network | undefined;
  return {
    async request(request: NetworkRequest) {
      opened ??= import("./node-network.ts").then(({ NodeNetwork }) => new NodeNetwork(settings));
      network = await opened;
      return network.request(request);
    },
    close: () => network?.close(),
  };
}
