import { setTimeout as pause } from 'node:timers/promises';
import { PausedProcess } from './PausedProcess.ts';
import { startServer, type Server, type ServerOptions } from './startServer.ts';

/** A time in which not every replica served. Unix milliseconds. */
export interface Trouble {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** One gateway of several, as a process that can die and stand still. */
export class Replica {
  readonly #options: ServerOptions;
  readonly #onServer: (server: Server) => void;
  #server: Server;
  #life = new AbortController();

  private constructor(server: Server, options: ServerOptions, onServer: (server: Server) => void) {
    this.#server = server;
    this.#options = options;
    this.#onServer = onServer;
  }

  /** @param onServer told of each process as soon as it serves, so that whoever asked can end it */
  static async start(options: ServerOptions, onServer: (server: Server) => void): Promise<Replica> {
    const server = await startServer(options);
    onServer(server);
    return new Replica(server, { ...options, dataDir: server.dataDir }, onServer);
  }

  /** The process that serves now, or did until it died. */
  get server(): Server {
    return this.#server;
  }

  /** Aborted when the process that serves now is about to die. */
  get life(): AbortSignal {
    return this.#life.signal;
  }

  /** kill -9; after a while it is started again on what it has on disk. */
  async die(forMs: number): Promise<Trouble> {
    const fromMs = Date.now();
    this.#life.abort();
    await this.#server.kill();
    await pause(forMs);
    this.#server = await startServer(this.#options);
    this.#onServer(this.#server);
    this.#life = new AbortController();
    return { fromMs, untilMs: Date.now() };
  }

  /** SIGSTOP for a while. */
  async standStill(forMs: number): Promise<Trouble> {
    const fromMs = Date.now();
    const stopped = await PausedProcess.stop(this.#server.pid);
    try {
      await pause(forMs);
    } finally {
      stopped.go();
    }
    return { fromMs, untilMs: Date.now() };
  }
}
