import { setTimeout as pause } from 'node:timers/promises';
import { AdminPlane } from './AdminPlane.ts';
import { databaseOutages, type DatabaseOutage } from './databaseOutages.ts';
import type { ForeignDatabase } from './ForeignDatabase.ts';
import type { Outcome } from './load.ts';
import type { Server } from './startServer.ts';

/** What one outage came to. */
export interface OutageReport {
  readonly name: string;
  readonly requests: number;
  readonly failedRequests: number;
  /** Whether readiness named the database meanwhile. */
  readonly told: boolean;
  /** Status of a key that was to be made meanwhile, and how long that took. */
  readonly writeStatus: number;
  readonly writeMs: number;
  /** Records that waited at its end, and how long until all were in the database. */
  readonly waited: number;
  readonly drainMs: number;
}

/** Longest time until all records are in a database that is back. */
const drainMsMax = 60_000;

/** Codes of what readiness tells. */
export const conditionsOf = async (server: Server): Promise<readonly string[]> => {
  const { details } = await new AdminPlane(server).ask<{ details: readonly { code: string }[] }>('GET', '/readyz');
  return details.map(({ code }) => code);
};

/** Asks for a new key, as an operator. @returns the answer's status and code of the error */
export const makeKey = async (
  server: Server,
  name: string,
): Promise<{
  readonly status: number;
  readonly code: string | null;
  readonly ms: number;
  readonly key: string | null;
}> => {
  const startedMs = performance.now();
  const answer = await fetch(`${server.adminUrl}/admin/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, team: 'load', budget: { usd: '5', window: 'month', hard: true } }),
  });
  const body: { readonly key?: string; readonly error?: { readonly code: string } } = JSON.parse(await answer.text());
  return {
    status: answer.status,
    code: body.error?.code ?? null,
    ms: performance.now() - startedMs,
    key: body.key ?? null,
  };
};

/** Waits until all that was recorded is in the database. @returns how long that took */
export const untilDrained = async (server: Server): Promise<number> => {
  const startedMs = performance.now();
  // What is on its way all the time under load is no backlog.
  while ((await new AdminPlane(server).backlog()) > 200) {
    if (performance.now() - startedMs > drainMsMax)
      throw new Error(`${await new AdminPlane(server).backlog()} records wait still`);
    await pause(50);
  }
  return performance.now() - startedMs;
};

const strike = async (
  outage: DatabaseOutage,
  { server, database, outageMs, outcomes }: OutageRun,
): Promise<OutageReport> => {
  const before = outcomes.length;
  const startedMs = performance.now();
  const end = await outage.strike(database);
  const written = await makeKey(server, `made-while-${outage.name.replaceAll(' ', '-')}`);
  let told = false;
  while (
    performance.now() - startedMs < outageMs ||
    (outage.isAway && !told && performance.now() - startedMs < 20_000)
  ) {
    told ||= (await conditionsOf(server)).includes('database_away');
    await pause(100);
  }
  const waited = await new AdminPlane(server).backlog();
  await end();
  const drainMs = await untilDrained(server);
  const during = outcomes.slice(before);
  return {
    name: outage.name,
    requests: during.length,
    failedRequests: during.filter(({ fault }) => fault !== null).length,
    told,
    writeStatus: written.status,
    writeMs: Math.round(written.ms),
    waited,
    drainMs: Math.round(drainMs),
  };
};

export interface OutageRun {
  readonly server: Server;
  readonly database: ForeignDatabase;
  /** How long each lasts. */
  readonly outageMs: number;
  /** Of the load that goes on meanwhile, as they come. */
  readonly outcomes: readonly Outcome[];
}

/** One outage after the other, all in the same life of the server. */
export const runDatabaseOutages = async (run: OutageRun): Promise<readonly OutageReport[]> => {
  const reports: OutageReport[] = [];
  for (const outage of databaseOutages) reports.push(await strike(outage, run));
  return reports;
};
