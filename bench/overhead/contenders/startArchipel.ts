import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Contender, Way } from '../Contender.ts';
import { readStartScript } from '../../../test/rigs/readStartScript.ts';
import { startProcess } from '../startProcess.ts';
import { lives } from '../processFigures.ts';
import type { WireName } from '../recordedTraffic.ts';

export interface ArchipelOptions {
  /** Entry point of the program. */
  readonly program: string;
  readonly upstreamPort: number;
  /** A folder of its own, which the database's user can enter. */
  readonly folder: string;
  /** Arguments for Node, before the program. */
  readonly nodeArguments?: readonly string[];
  /** Whether team and key have no budget. */
  readonly withoutBudgets?: boolean;
  /** A PostgreSQL that is not its own. */
  readonly database?: { readonly url: string; readonly pid: number };
}

export interface StartedArchipel {
  readonly contender: Contender;
  /** From the start of its process to the line that says it serves. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
}

const clientKey = 'sk-archipel-bench-client';
const vendorKeyName = 'ARCHIPEL_BENCH_VENDOR_KEY';
const databaseUrlName = 'ARCHIPEL_BENCH_DATABASE_URL';
const drainMs = 30_000;
/** The model that is served over each wire. */
export const servedModels: Readonly<Record<WireName, string>> = { openai: 'chat-one', anthropic: 'chat-two' };
/** What its targets call it. */
export const vendorModel = 'vendor-model-2026';

const provider = (wire: WireName, vendor: string, host: string, port: number): object => ({
  wire,
  vendor,
  account: 'main',
  baseUrl: `http://127.0.0.1:${port}${wire === 'openai' ? '/v1' : ''}`,
  credentials: { apiKey: `\${env:${vendorKeyName}}` },
  host,
  jurisdiction: 'EU',
});

const deployment = (name: string, inputPerMTok: string, outputPerMTok: string): object => ({
  provider: name,
  model: vendorModel,
  lab: name,
  price: { inputPerMTok, outputPerMTok },
  capabilities: { contextTokens: 128_000, maxOutputTokens: 16_384 },
});

const period = ['2026-01-01', '2036-01-01'];

/** Everything on that a careful firm has on: several targets a model, contracts, caps, hard budgets on team and key, rates, a ledger on disk. */
const configurationFor = ({ upstreamPort: port, withoutBudgets = false, database }: ArchipelOptions): string =>
  JSON.stringify({
    version: 1,
    timeZone: 'UTC',
    ...(database === undefined ? {} : { store: { url: `\${env:${databaseUrlName}}` } }),
    providers: {
      north: provider('openai', 'aurora', 'north', port),
      south: provider('openai', 'cascade', 'south', port),
      east: provider('anthropic', 'borealis', 'east', port),
      west: provider('anthropic', 'dune', 'west', port),
    },
    models: {
      [servedModels.openai]: {
        deployments: [deployment('north', '0.20', '0.80'), deployment('south', '0.25', '1.00')],
      },
      [servedModels.anthropic]: {
        deployments: [deployment('east', '0.20', '0.80'), deployment('west', '0.25', '1.00')],
      },
    },
    contracts: [
      {
        id: 'pool',
        vendor: 'aurora',
        covers: [{ provider: 'north' }],
        kind: 'pool',
        usd: '120000',
        period,
        discount: '0.1',
      },
      {
        id: 'floor',
        vendor: 'borealis',
        covers: [{ provider: 'east' }],
        kind: 'floor',
        unit: 'usdPerMinute',
        quantity: '0.05',
        period,
      },
    ],
    policy: { objective: 'cost', concentration: { vendor: 0.6, host: 0.6, basis: 'spend', window: 'month' } },
    teams: { bench: withoutBudgets ? {} : { budget: { usd: '1000000', window: 'month', hard: true } } },
    keys: [
      {
        name: 'client',
        hash: `sha256:${createHash('sha256').update(clientKey).digest('hex')}`,
        team: 'bench',
        models: Object.values(servedModels),
        ...(withoutBudgets ? {} : { budget: { usd: '100000', window: 'day', hard: true } }),
        limits: { rpm: 1_000_000_000, tpm: 1_000_000_000_000 },
      },
    ],
  });

const announcementShape = z.object({ url: z.url(), pid: z.int().positive(), version: z.string() });

/** The first line of its output that begins with a brace: it serves. */
const announced = async (stdout: Readable): Promise<z.output<typeof announcementShape>> => {
  const line = await new Promise<string>((resolve) => {
    let text = '';
    stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const ready = text
        .split('\n')
        .slice(0, -1)
        .find((one) => one.startsWith('{'));
      if (ready !== undefined) resolve(ready);
    });
  });
  return announcementShape.parse(JSON.parse(line));
};

/** Kills the database of a data dir, if one still runs. */
const endDatabase = (dataDir: string): void => {
  const file = join(dataDir, 'postgres/postgres/postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
  if (pid > 1 && lives(pid)) process.kill(pid, 'SIGQUIT');
};

const address = (way: Way): { model: string; headers: Record<string, string> } => ({
  model: servedModels[way.vendor],
  headers:
    way.client === 'openai'
      ? { authorization: `Bearer ${clientKey}` }
      : { 'x-api-key': clientKey, 'anthropic-version': '2023-06-01' },
});

/** Starts the program as a user would, with a real configuration and its embedded database. */
export const startArchipel = async (
  scope: AsyncDisposableStack,
  options: ArchipelOptions,
): Promise<StartedArchipel> => {
  const { folder, program, database } = options;
  const configuration = join(folder, 'archipel.yaml');
  writeFileSync(configuration, configurationFor(options));
  const flags = ['--config', configuration, '--data-dir', join(folder, 'data'), '--port', '0', '--admin-port', '0'];
  // Its database outlives a program that had to be killed.
  scope.defer(() => endDatabase(join(folder, 'data')));
  const script = readStartScript();
  const beganMs = performance.now();
  const started = await startProcess(
    scope,
    process.execPath,
    [...script.flags, ...(options.nodeArguments ?? []), program, 'up', '--json', ...flags],
    {
      cwd: folder,
      env: {
        [vendorKeyName]: 'sk-vendors-own',
        ...(database === undefined ? {} : { [databaseUrlName]: database.url }),
        ARCHIPEL_LOG: 'error',
        ...script.env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      graceMs: drainMs,
    },
  );
  const { stdout } = started.child;
  if (!stdout) throw new Error('no output to read');
  const { url, pid, version } = await Promise.race([announced(stdout), started.ended]);
  const readyMs = performance.now() - beganMs;
  const contender: Contender = {
    name: 'archipel',
    version,
    port: Number(new URL(url).port),
    fidelity: 'bytes',
    pids: [pid],
    databaseParent: database?.pid ?? pid,
    address,
  };
  return { contender, readyMs, stop: started.stop };
};
