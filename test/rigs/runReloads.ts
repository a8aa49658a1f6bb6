import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { AdminPlane } from './AdminPlane.ts';
import {
  editionEnv,
  editionKey,
  editionModel,
  editionText,
  hashOfText,
  mixedEditions,
  openEditionVendor,
} from './editions.ts';
import { load, type Outcome } from './load.ts';
import type { LedgerRows } from './ledgerRows.ts';
import { freshRows } from './outage.ts';
import { startServer, type Server } from './startServer.ts';

/** Clients of each wire. */
const concurrency = 6;

export interface Reloads {
  readonly server: Server;
  readonly outcomes: readonly Outcome[];
  readonly rows: LedgerRows;
  /** Editions that requests were served by. */
  readonly editions: number;
  /** What the reloads took, in milliseconds, the longest last. */
  readonly reloadMs: readonly number[];
  readonly mixed: readonly string[];
  readonly close: () => Promise<void>;
}

/** Takes one edition after the other into force, at an interval, under load of both wires. */
export const runReloads = async (options: {
  readonly reloads: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly onServer: (server: Server) => void;
}): Promise<Reloads> => {
  const { reloads, everyMs, seed, onServer } = options;
  const vendor = await openEditionVendor(seed);
  const server = await startServer({ configuration: editionText(vendor.url, 0), env: editionEnv });
  onServer(server);
  const plane = new AdminPlane(server);
  const until = new AbortController();
  const asked = { url: server.url, key: editionKey, model: editionModel, concurrency, seed, until: until.signal };
  const loads = (['openai', 'anthropic'] as const).map((wire) => load({ ...asked, wire, name: `reloads ${wire}` }));
  await pause(300);
  const reloadMs: number[] = [];
  for (let edition = 1; edition <= reloads; edition += 1) {
    const startedMs = performance.now();
    const text = editionText(vendor.url, edition);
    writeFileSync(server.configurationPath!, text);
    const { hash } = await plane.ask('POST', '/admin/v1/reload');
    if (hash !== hashOfText(text)) throw new Error(`edition ${edition} is not in force`);
    const tookMs = performance.now() - startedMs;
    reloadMs.push(tookMs);
    await pause(Math.max(0, everyMs - tookMs));
  }
  await pause(300);
  until.abort();
  const outcomes = (await Promise.all(loads)).flat();
  const rows = await freshRows(server);
  const editions = new Set(rows.attempts.map(({ target }) => /edition-(\d+)-/.exec(target)?.[1])).size;
  return {
    server,
    outcomes,
    rows,
    editions,
    reloadMs: reloadMs.toSorted((one, other) => one - other),
    mixed: mixedEditions(rows),
    close: () => vendor[Symbol.asyncDispose](),
  };
};
