import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hashKey } from '../../src/access/index.ts';
import type { LiveReport, ReplayReport } from '../../src/drills/index.ts';
import { AdminPlane } from './AdminPlane.ts';
import { Chance } from './Chance.ts';
import { load } from './load.ts';
import { clientKey, openRivals, providerLine, type Rivals } from './rivals.ts';
import { startServer, type Server } from './startServer.ts';

/** What is out, what would be if somebody took the wrong one for it, and who of the others has a bad day of its own. */
export interface DrillCase {
  readonly without: string;
  /** Vendors that are out with it. */
  readonly out: readonly string[];
  readonly wrong: string;
  readonly gusty: string;
  /** A vendor that has somebody beside it at its own price refuses; one that has nobody is slow. */
  readonly gust: 'rate-limit' | 'slow';
}

export interface DrillWorld {
  readonly server: Server;
  readonly rivals: Rivals;
  /** Where predictions are written before anything is drawn for the live side. */
  readonly folder: string;
  readonly requestsEach: number;
}

/** How far two reports of the same work are apart, in points. */
export interface Apart {
  readonly served: number;
  /** Of what all of it costs. */
  readonly cost: number;
}

export interface DrillFigures {
  readonly liveSeed: number;
  readonly predicted: ReplayReport;
  readonly live: LiveReport;
  readonly apart: Apart;
  readonly control: Apart;
}

const vendors = ['aurora', 'borealis', 'cascade'] as const;

const seller = (vendor: string, usd: string, more = ''): string =>
  `      - { provider: ${vendor}, model: chat-small, lab: ${vendor}, price: { inputPerMTok: "${usd}", outputPerMTok: "${usd}" }, capabilities: { contextTokens: 400000, maxOutputTokens: 128000 }${more} }`;

const modelsOf = ({ without }: DrillCase): readonly string[] => {
  const name = without.replaceAll(/\W/g, '-');
  return [`first-${name}`, `only-${name}`, `beside-${name}`, `kept-${name}`];
};

/** One that is cheapest where it is out, one that is sold nowhere else, one that is not sold there, and one that a policy allows nobody else to serve. Whoever is left has one price. */
const modelLines = (one: DrillCase): string => {
  const [first = '', only = '', beside = '', kept = ''] = modelsOf(one);
  const left = vendors.filter((vendor) => !one.out.includes(vendor));
  const sold = (name: string, sellers: readonly string[], more = ''): string =>
    `  ${name}:\n${more}    deployments:\n${sellers.join('\n')}`;
  const lost = one.out.map((vendor) => seller(vendor, '1'));
  const others = left.map((vendor) => seller(vendor, '1.5'));
  const allowed = one.out.map((vendor) => seller(vendor, '1', ', tags: [ allowed ]'));
  return [
    sold(first, [...lost, ...others]),
    sold(only, lost),
    sold(beside, others),
    sold(kept, [...allowed, ...others], '    policy: { tags: [ allowed ] }\n'),
  ].join('\n');
};

const configurationOf = (rivals: Rivals, cases: readonly DrillCase[]): string => `version: 1
timeZone: UTC
providers:
${vendors.map((name) => providerLine({ name, vendor: rivals.vendor(name) })).join('\n')}
models:
${cases.map(modelLines).join('\n')}
teams:
  load: {}
keys:
  - { name: load, hash: "sha256:${hashKey(clientKey)}", team: load }
limits: { firstByteMs: 5000, idleMs: 5000 }
`;

/** A market with models of their own for each case. To be closed by whoever asked, server first. */
export const openDrillWorld = async (
  cases: readonly DrillCase[],
  options: { readonly seed: number; readonly folder: string; readonly requestsEach: number },
): Promise<DrillWorld> => {
  const { seed, folder, requestsEach } = options;
  const rivals = await openRivals({ seed });
  try {
    const server = await startServer({ configuration: configurationOf(rivals, cases), env: rivals.env });
    return { server, rivals, folder, requestsEach };
  } catch (error) {
    await rivals.close();
    throw error;
  }
};

const ask = async <Body>(server: Server, method: string, path: string, body?: object): Promise<Body> => {
  const answer = await fetch(`${server.adminUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.adminKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  const told: Body = JSON.parse(text);
  return told;
};

/** The same requests byte for byte each time, with answers whose length is bounded: who answers is what makes the difference. */
const work = async ({ server, requestsEach }: DrillWorld, one: DrillCase, seed: number): Promise<void> => {
  const asked = { url: server.url, key: clientKey, concurrency: 10, seed, name: 'drill', bounds: [16] };
  const [first = '', only = '', beside = '', kept = ''] = modelsOf(one);
  await Promise.all([
    load({ ...asked, model: first, requests: requestsEach }),
    // Few: each of them takes retries that others need where as many drills come one after the other.
    load({ ...asked, model: only, requests: requestsEach / 4 }),
    load({ ...asked, model: kept, requests: requestsEach / 4 }),
    load({ ...asked, model: beside, requests: requestsEach }),
  ]);
};

/** A vendor that is left has a bad moment now and then, of which no replay was told: too many requests for it, or slow answers. */
const blow = async (
  { rivals }: DrillWorld,
  { gusty, gust }: DrillCase,
  seed: number,
  until: AbortSignal,
): Promise<void> => {
  const chance = new Chance(seed);
  while (!until.aborted) {
    const latencyMs = gust === 'slow' ? { latencyMs: 50 + chance.below(150) } : {};
    const share = 0.1 + chance.next() * 0.4;
    await rivals.setFault(gusty, gust, { share, seed: chance.below(1e6), retryAfterS: 1, ...latencyMs });
    await pause(20 + chance.below(100));
    await rivals.setFault(gusty, 'none');
    await pause(50 + chance.below(200));
  }
};

/** @throws where nothing was measured. */
const servedShareOf = ({ servedShare }: ReplayReport | LiveReport): number => {
  if (servedShare === null) throw new Error('no request met the drill');
  return servedShare;
};

const apart = (one: ReplayReport | LiveReport, other: ReplayReport | LiveReport): Apart => ({
  served: Math.abs(servedShareOf(one) - servedShareOf(other)) * 100,
  cost: Math.abs(Number(one.amountNanoUsd) / Number(other.amountNanoUsd) - 1) * 100,
});

/** Whether a prediction misses by more than so many points. */
export const misses = ({ served, cost }: Apart, points: number): boolean => served > points || cost > points;

/**
 * Does the work once, predicts from the ledger what it meets while something is out, writes the prediction down, and only then draws what the live side meets;
 * then does the same work while that is out.
 */
export const runDrill = async (world: DrillWorld, one: DrillCase, seed: number): Promise<DrillFigures> => {
  const { server, folder } = world;
  const { without, wrong } = one;
  const fromMs = Date.now();
  await work(world, one, seed);
  const stretch = { from: new Date(fromMs).toISOString(), to: new Date(Date.now() + 1).toISOString() };
  await new AdminPlane(server).drain();
  const replay = async (lost: string): Promise<ReplayReport> => {
    const question = { without: [lost], ...stretch };
    return (await ask<{ report: ReplayReport }>(server, 'POST', '/admin/v1/drills/replay', question)).report;
  };
  const [predicted, control] = [await replay(without), await replay(wrong)];
  writeFileSync(join(folder, `${without.replaceAll(/\W/g, '-')}.json`), JSON.stringify(predicted));
  const liveSeed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  await ask(server, 'POST', '/admin/v1/drills/live', { without: [without], share: 1, forSeconds: 300, errorBudget: 1 });
  const over = new AbortController();
  const blowing = blow(world, one, liveSeed, over.signal);
  await work(world, one, seed);
  over.abort();
  await blowing;
  const { report: live } = await ask<{ report: LiveReport }>(server, 'DELETE', '/admin/v1/drills/live');
  return { liveSeed, predicted, live, apart: apart(predicted, live), control: apart(control, live) };
};
