/**
 * Servers on a free port of this machine.
 *
 * @module
 */

import type { AddressInfo, Server } from "node:net";

export interface LocalServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Closes the server, and with HTTP also its connections. */
  stop(): Promise<void>;
}

/** Makes a server listen. */
export async function listenLocally(server: Server & { closeAllConnections?(): void }): Promise<LocalServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections?.();
      }),
  };
}
