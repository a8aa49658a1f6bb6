import Anthropic from '@anthropic-ai/sdk';
import { setTimeout as pause } from 'node:timers/promises';
import { AdminPlane } from './AdminPlane.ts';
import { Chance } from './Chance.ts';
import { chatLoad, type ChatOutcome } from './chatLoad.ts';
import { ledgerRows, type LedgerRows } from './ledgerRows.ts';
import { reconcile, type Reconciliation } from './reconcile.ts';
import { clientKey, type Rivals } from './rivals.ts';
import type { Server } from './startServer.ts';

/** Every way in which a vendor can be out. The two that only people mend come last: they are waited for longest. */
export const outages = [
  'down',
  'refuse',
  'hang',
  'slow',
  'rate-limit',
  'overload',
  'error-in-stream',
  'cut-mid-stream',
  'garbage',
  'auth',
  'credit',
] as const;

export type Outage = (typeof outages)[number];

export interface StormOptions {
  readonly server: Server;
  readonly rivals: Rivals;
  readonly vendor: string;
  readonly fault: Outage;
  readonly model: string;
  readonly requests: number;
  readonly concurrency: number;
  readonly seed: number;
}

/** One fault at one vendor under load. */
export interface Storm {
  readonly outcomes: readonly ChatOutcome[];
  /** Why those failed who called a vendor that is well, over its own wire. */
  readonly bystanderFaults: readonly string[];
  readonly seconds: number;
  /** What the gateway wrote to stderr meanwhile. */
  readonly log: string;
}

const sdkShare = 0.1;

const bystanders = 20;

/** Clients of another vendor and wire, one after the other: nothing of the storm is theirs. @returns what went wrong */
const standBy = async (server: Server, name: string): Promise<readonly string[]> => {
  const client = new Anthropic({ baseURL: server.url, apiKey: clientKey, maxRetries: 0 });
  const faults: string[] = [];
  for (let index = 0; index < bystanders; index += 1) {
    const request = {
      model: 'borealis-only',
      max_tokens: 24,
      messages: [{ role: 'user' as const, content: `Say something about piers, ${name} ${index}` }],
    };
    try {
      const message =
        index % 2 === 0 ? await client.messages.create(request) : await client.messages.stream(request).finalMessage();
      if (message.stop_reason === null) faults.push('no stop_reason');
    } catch (error) {
      faults.push(String(error));
    }
  }
  return faults;
};

/** Breaks a vendor and asks for its model. The vendor stays broken. */
export const storm = async (options: StormOptions): Promise<Storm> => {
  const { server, rivals, vendor, fault, model, requests, concurrency, seed } = options;
  await rivals.setFault(vendor, fault);
  const logFrom = server.stderr().length;
  const startedMs = performance.now();
  const name = `${vendor} ${fault}`;
  const load = { url: server.url, key: clientKey, model, requests, concurrency, seed, name, sdkShare };
  const [outcomes, bystanderFaults] = await Promise.all([chatLoad(load), standBy(server, `${name} ${seed}`)]);
  const seconds = (performance.now() - startedMs) / 1_000;
  return { outcomes, bystanderFaults, seconds, log: server.stderr().slice(logFrom) };
};

/** Faults that pass by themselves, so that they can come and go. */
const passing = outages.filter((fault) => fault !== 'auth' && fault !== 'credit');

/** Load while one vendor's fault changes each half second or so, for a part of its calls: what a bad day is like. */
export const weather = async (
  options: Omit<StormOptions, 'fault' | 'requests'> & { readonly seconds: number },
): Promise<readonly ChatOutcome[]> => {
  const { server, rivals, vendor, model, concurrency, seed, seconds } = options;
  const chance = new Chance(seed);
  const until = AbortSignal.timeout(seconds * 1_000);
  const load = { url: server.url, key: clientKey, model, concurrency, seed, name: 'weather', sdkShare, until };
  const loading = chatLoad(load);
  while (!until.aborted) {
    await rivals.setFault(vendor, passing[chance.below(passing.length)]!, { share: 0.02 + chance.next() * 0.3 });
    await pause(200 + chance.below(600));
  }
  return loading;
};

/** Longer than the first time out of anything, and the second of what only people mend. */
const recoveryMsMax = 100_000;
const inRow = 10;

/** Heals a vendor and sends light traffic until it serves again: nothing else tells the gateway. @returns what was asked */
export const recovery = async (options: StormOptions): Promise<readonly ChatOutcome[]> => {
  const { server, rivals, vendor, fault, model, seed } = options;
  await rivals.setFault(vendor, 'none');
  const outcomes: ChatOutcome[] = [];
  const endMs = performance.now() + recoveryMsMax;
  for (let served = 0, round = 0; served < inRow; round += 1) {
    if (performance.now() > endMs) throw new Error(`${vendor} did not come back within ${recoveryMsMax} ms`);
    const name = `${vendor} after ${fault} ${round}`;
    const load = { url: server.url, key: clientKey, model, requests: 2, concurrency: 2, seed, name, streamShare: 0 };
    const asked = await chatLoad(load);
    outcomes.push(...asked);
    served = asked.every(({ target }) => target?.startsWith(`${vendor}/`)) ? served + asked.length : 0;
    if (served === 0) await pause(100);
  }
  return outcomes;
};

/** The ledger of a running server, with all that was recorded so far. */
export const freshRows = async (server: Server): Promise<LedgerRows> => {
  await new AdminPlane(server).drain();
  return ledgerRows(server.dataDir);
};

/** Holds a ledger against each vendor's bill. */
export const reconcileAll = (
  rows: LedgerRows,
  rivals: Rivals,
  outcomes: readonly ChatOutcome[],
): Promise<readonly Reconciliation[]> =>
  Promise.all(
    rivals.sandbox.vendors.map(async ({ name }) => {
      const { requests } = await rivals.read(name);
      return reconcile(rows, { vendor: name, requests, bill: rivals.bill(name) }, outcomes);
    }),
  );
