import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { silentLog } from '../../src/kernel/index.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/store/index.ts';
import { FaultProxy } from './FaultProxy.ts';
import { PausedProcess } from './PausedProcess.ts';
import { removeFolder, temporaryFolder } from './startServer.ts';

/** More clients than it lets in. */
const clientsMax = 60;

/** Two servers do not share one. */
const forgetPort = (path: string): void => {
  const kept: { readonly password: string } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...kept, port: null }));
};

/** A PostgreSQL of somebody else's behind a link, as a gateway's file names it, that can be away in every way there is. */
export class ForeignDatabase {
  readonly proxy: FaultProxy;
  readonly #folders: string[] = [];
  #postgres: EmbeddedPostgres;
  /** One that was a copy of it at some moment, and could take its place. */
  #standby: EmbeddedPostgres | null = null;

  private constructor(folder: string, postgres: EmbeddedPostgres, proxy: FaultProxy) {
    this.#folders.push(folder);
    this.#postgres = postgres;
    this.proxy = proxy;
  }

  static async open(): Promise<ForeignDatabase> {
    const folder = temporaryFolder();
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: silentLog });
    return new ForeignDatabase(folder, postgres, await FaultProxy.open(postgres.url.reveal()));
  }

  /** As the gateway is told it: by the link. */
  get url(): string {
    const url = new URL(this.#postgres.url.reveal());
    url.port = new URL(this.proxy.url).port;
    return url.href;
  }

  /** Past the link. */
  get directUrl(): string {
    return this.#postgres.url.reveal();
  }

  get pid(): number {
    return this.#postgres.pid;
  }

  /** Runs statements past the link, whatever the database lets others do. */
  async say(...statements: readonly string[]): Promise<void> {
    const client = new pg.Client({ connectionString: this.directUrl, options: '-c default_transaction_read_only=off' });
    client.on('error', () => {});
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  /** Stands still with all its processes. */
  stop(): Promise<PausedProcess> {
    return PausedProcess.stop(this.pid, 'with children');
  }

  /** kill -9 of the server; it is started again at once. */
  kill(): Promise<void> {
    return this.#ended('SIGKILL');
  }

  /** An orderly restart. */
  restart(): Promise<void> {
    return this.#ended('SIGINT');
  }

  /** Takes every connection that there is, those of the gateway included. @returns how to give them back */
  async fill(): Promise<() => Promise<void>> {
    const some = (): pg.Client[] =>
      Array.from({ length: clientsMax }, () => {
        const client = new pg.Client({ connectionString: this.directUrl });
        client.on('error', () => {});
        return client;
      });
    const clients = some();
    const joined = await Promise.allSettled(clients.map((client) => client.connect()));
    await this.#cutOthers(clients.find((_, index) => joined[index]?.status === 'fulfilled'));
    // What the gateway had is free for a moment: whoever is faster has it.
    const more = some();
    await Promise.allSettled(more.map((client) => client.connect()));
    return async () => {
      await Promise.allSettled([...clients, ...more].map((client) => client.end()));
    };
  }

  /** Makes a copy of it as it is now, which from then on stays behind. */
  async copy(): Promise<void> {
    const [folder = ''] = this.#folders;
    const copied = temporaryFolder();
    this.#folders.push(copied);
    await this.proxy.set({ kind: 'refuse' });
    await this.#postgres.stop();
    await promisify(execFile)('cp', ['-a', join(folder, 'postgres'), copied]);
    forgetPort(join(copied, 'postgres/postgres.json'));
    this.#postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: silentLog });
    this.#standby = await startEmbeddedPostgres({ dataDir: join(copied, 'postgres'), log: silentLog });
    this.proxy.redirect(this.directUrl);
    await this.proxy.set({ kind: 'none' });
  }

  /** The copy takes its place, at the same address, without what came since. */
  async failOver(): Promise<void> {
    if (this.#standby === null) throw new Error('there is no copy');
    const old = this.#postgres;
    this.#postgres = this.#standby;
    this.#standby = null;
    this.proxy.redirect(this.directUrl);
    await old.stop();
  }

  async remove(): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.#standby?.stop();
    await this.#postgres.stop();
    for (const folder of this.#folders) removeFolder(folder);
  }

  async #ended(signal: NodeJS.Signals): Promise<void> {
    const before = this.pid;
    process.kill(before, signal);
    while (this.pid === before) await pause(20);
  }

  async #cutOthers(client: pg.Client | undefined): Promise<void> {
    await client?.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'archipel%' AND pid <> pg_backend_pid()",
    );
  }
}
