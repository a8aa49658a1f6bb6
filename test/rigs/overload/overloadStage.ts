import { readFileSync } from 'node:fs';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../configurationOf.ts';
import { removeServer } from '../removeServer.ts';
import { startServer, type Server } from '../startServer.ts';
import { messageAnswer, messageEvents } from '../vendorAnswers.ts';
import { openCheapVendor, openLoad, type LoadReport, type LoadRequest, type Tenant } from './openLoad.ts';

/** Events of a stream, in parts that the vendor writes one after the other. */
const eventsPerPart = 100;
const partsPerStream = 6;
/** Between the parts, and before the first. */
const vendorWaitMs = 80;
/** A later answer is of no use: the vendor alone takes half a second. */
const deadlineMs = 2_000;

const words = Array.from({ length: eventsPerPart }, (_, index) => `tide ${index} `);

const messageParts = [
  messageEvents.start(10) + messageEvents.open,
  ...Array.from({ length: partsPerStream }, () => words.map((text) => messageEvents.text(text)).join('')),
  messageEvents.close + messageEvents.delta(600) + messageEvents.stop,
];

const keyOf = (tenant: number): string => `sk-tenant-${tenant}`;

/** A chat, streamed and not, that goes to a vendor of the other wire: what the gateway does most for. */
const requestsOf = (tenant: number): readonly LoadRequest[] => {
  const body = (stream: boolean): string =>
    JSON.stringify({
      model: 'letter',
      stream,
      max_tokens: 100,
      messages: [
        { role: 'system', content: 'Be brief. '.repeat(50) },
        { role: 'user', content: `Say something about harbours. ${'tide '.repeat(200)}` },
      ],
    });
  const asked = { path: '/v1/chat/completions', key: keyOf(tenant) };
  return [
    { ...asked, body: body(true), end: 'data: [DONE]' },
    { ...asked, body: body(true), end: 'data: [DONE]' },
    { ...asked, body: body(false), end: '"finish_reason"' },
  ];
};

export const tenants = 20;

/** Tenants that ask for the same, but for one that asks for so many times as much. */
export const crowd = (times: number): readonly Tenant[] =>
  Array.from({ length: tenants }, (_, tenant) => ({ share: tenant === 0 ? times : 1, requests: requestsOf(tenant) }));

export interface Wanted {
  readonly ratePerS?: number;
  readonly concurrency?: number;
  readonly seconds: number;
  readonly warmUpS?: number;
  readonly tenants?: readonly Tenant[];
}

/** A load, and the processor time that the server took from its beginning to its end, warming up included. Seconds. */
export interface StageReport extends LoadReport {
  readonly cpuS: number;
}

/** Ticks a second in which Linux counts. */
const ticksPerS = 100;

const cpuSOf = (pid: number): number => {
  // The second field may hold blanks: what counts comes behind its bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerS;
};

/** A server that may be overloaded, and the load. */
export interface OverloadStage {
  readonly server: Server;
  load(wanted: Wanted): Promise<StageReport>;
}

/** @param limits Of each of the servers, over one vendor. */
export const openOverloadStages = async (
  limits: readonly Readonly<Record<string, number>>[],
  seed: number,
): Promise<{ readonly stages: readonly OverloadStage[]; readonly close: () => Promise<void> }> => {
  const vendor = await openCheapVendor({
    waitMs: vendorWaitMs,
    parts: messageParts,
    whole: JSON.stringify(messageAnswer('The tide comes in.', [10, 6])),
  });
  const price = { inputPerMTok: '1', outputPerMTok: '2' };
  const servers = await Promise.all(
    limits.map((some) =>
      startServer({
        configuration: configurationOf({
          limits: some,
          providers: { letters: providerOf('anthropic', vendor.url, 'letter-vendor') },
          models: { letter: { deployments: [{ provider: 'letters', model: 'vendor-letter', price }] } },
          keys: Array.from({ length: tenants }, (_, tenant) => ({
            name: `tenant-${tenant}`,
            hash: hashOf(keyOf(tenant)),
            team: 'research',
          })),
        }),
        env: { [vendorKeyName]: vendorKey },
      }),
    ),
  );
  let run = 0;
  return {
    stages: servers.map((server) => ({
      server,
      load: async ({ ratePerS, concurrency, seconds, warmUpS = 0, tenants: some = crowd(1) }) => {
        run += 1;
        const port = Number(new URL(server.url).port);
        const loop = { ratePerS: ratePerS ?? null, concurrency: concurrency ?? null };
        const before = cpuSOf(server.pid);
        const report = await openLoad({ port, tenants: some, ...loop, seconds, warmUpS, deadlineMs, seed: seed + run });
        return { ...report, cpuS: cpuSOf(server.pid) - before };
      },
    })),
    close: async () => {
      await Promise.all(servers.map(removeServer));
      await vendor.close();
    },
  };
};
