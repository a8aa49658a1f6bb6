import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Where it listens: two addresses of loopback, and the one of IPv6 where the machine has it. */
const places = ['127.0.0.1', '127.0.0.9', '::1'] as const;

/** Listeners on one port that nobody may reach. They count who does all the same, and say nothing. */
export class ForbiddenListener implements AsyncDisposable {
  readonly port: number;
  readonly #servers: readonly Server[];
  /** Addresses that were connected to. */
  readonly connects: string[] = [];

  private constructor(servers: readonly Server[], port: number) {
    this.#servers = servers;
    this.port = port;
    for (const server of servers) {
      server.on('connection', (socket) => {
        this.connects.push(socket.localAddress ?? '');
        socket.on('error', () => {});
        socket.destroy();
      });
    }
  }

  static async open(): Promise<ForbiddenListener> {
    const servers: Server[] = [];
    let port = 0;
    for (const host of places) {
      const server = createServer();
      server.listen(port, host);
      try {
        await once(server, 'listening');
      } catch (error) {
        if (host === '::1') continue;
        throw error;
      }
      const address = server.address();
      port = address !== null && typeof address === 'object' ? address.port : port;
      servers.push(server);
    }
    return new ForbiddenListener(servers, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => new Promise((done) => server.close(done))));
  }
}
