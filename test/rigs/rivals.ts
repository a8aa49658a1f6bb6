import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashKey } from '../../src/access/index.ts';
import {
  sandboxCatalogue,
  sandboxCredential,
  startSandbox,
  startSandboxInWorker,
  type RunningVendor,
  type Sandbox,
  type VendorReading,
} from '../../src/sandbox/index.ts';
import { removeFolder, temporaryFolder } from './startServer.ts';
import { vendorPorts } from './vendorPorts.ts';
import { canaryOf } from './canaries/canaryOf.ts';

/** The key of every client in these tests. */
export const clientKey = canaryOf('client key');

/** Name of the environment variable that the configuration takes the vendors' credential from. */
const credentialName = 'RIVALS_CREDENTIAL';

export interface BillLine {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly requestId: string;
  readonly model: string;
  /** By bucket; the buckets never overlap. */
  readonly tokens: Readonly<Record<string, number>>;
  readonly nanoUsd: bigint;
  readonly complete: boolean;
}

export interface RivalsOptions {
  readonly seed: number;
  /** Milliseconds before the first byte, in place of a seeded 5 to 40. */
  readonly latencyMs?: number;
  /** Share the thread of the test: for vendors that have little to do. */
  readonly sharedThread?: boolean;
}

/** An endpoint and a credential of their own at a vendor: what becomes of them benches nobody else. */
export interface ApartEndpoint {
  /** Of the provider; its model is `<name>-first`, sold by it and, dearer, by `rivalOf` the vendor. */
  readonly name: string;
  readonly vendor: RunningVendor;
}

/** A key of its own with a hard budget that never begins anew. */
export interface BudgetedKey {
  readonly name: string;
  readonly key: string;
  readonly usd: string;
}

export interface ConfigurationOptions {
  /** Absent: none but the key that has no budget. */
  readonly budgeted?: readonly BudgetedKey[];
  readonly limits?: Readonly<Record<string, number>>;
  readonly apart?: readonly ApartEndpoint[];
  /** File that holds the credential for aurora, in place of the environment. */
  readonly credentialFile?: string;
  /** What becomes of answers that break off; as without a file unless said. */
  readonly midStream?: 'never';
}

/** Vendors in this process, so that their bills outlive every gateway, and the file that points a gateway at them. */
export interface Rivals {
  readonly sandbox: Sandbox;
  /** Environment of a gateway that may call them. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Text of archipel.yaml. Models `aurora-first` and `cascade-first` are sold by the two vendors of the north, cheapest by the one of the name;
   * `<vendor>-across` by the vendor and, dearer, by `rivalOf` it; `<vendor>-anywhere` by the vendor and, dearer, by both others; `borealis-only` by the one of the messages wire; `small-anywhere` by all three, at prices that are near each other; `embed-small` by aurora alone.
   */
  configuration(options?: ConfigurationOptions): string;
  vendor(name: string): RunningVendor;
  setFault(vendor: string, fault: string, more?: Readonly<Record<string, number>>): Promise<void>;
  read(vendor: string): Promise<VendorReading>;
  bill(vendor: string): readonly BillLine[];
  close(): Promise<void>;
}

/** Who sells what a vendor sells, over another wire. */
export const rivalOf = (vendor: string): string => (vendor === 'borealis' ? 'cascade' : 'borealis');

const priceOf = (vendor: RunningVendor, model: string): string => {
  const sold = vendor.models.find(({ name }) => name === model)!;
  return Object.entries(sold.usdPerMTok)
    .map(([bucket, usd]) => `${bucket}PerMTok: "${usd}"`)
    .join(', ');
};

const fromEnvironment = `env:${credentialName}`;

export const providerLine = ({ name, vendor }: ApartEndpoint, credential = fromEnvironment): string => {
  const baseUrl = vendor.wire === 'openai' ? `${vendor.url}/v1` : vendor.url;
  return `  ${name}: { wire: ${vendor.wire}, vendor: ${vendor.name}, account: ${name}, baseUrl: "${baseUrl}", host: ${vendor.host}, jurisdiction: ${vendor.host}, credentials: { apiKey: "\${${credential}}" } }`;
};

const deploymentLine = ({ name, vendor }: ApartEndpoint, model: string): string =>
  `      - { provider: ${name}, model: ${model}, lab: ${vendor.name}, price: { ${priceOf(vendor, model)} }, capabilities: { contextTokens: 400000, maxOutputTokens: 128000 } }`;

/** The small model of the first is far cheaper than the large ones of the others. */
const modelLines = (model: string, first: ApartEndpoint, ...others: readonly ApartEndpoint[]): string =>
  [
    `  ${model}:\n    deployments:\n${deploymentLine(first, 'chat-small')}`,
    ...others.map((other) => deploymentLine(other, 'chat-large')),
  ].join('\n');

const configurationOf = (
  vendors: readonly RunningVendor[],
  { limits, apart = [], credentialFile, budgeted = [], midStream }: ConfigurationOptions,
): string => {
  const named = (name: string): ApartEndpoint => ({ name, vendor: vendors.find((vendor) => vendor.name === name)! });
  const [aurora, borealis, cascade] = [named('aurora'), named('borealis'), named('cascade')];
  const ofAurora = [aurora, ...apart.filter(({ vendor }) => vendor.name === 'aurora')];
  const rival = ({ vendor }: ApartEndpoint): ApartEndpoint => named(rivalOf(vendor.name));
  return `version: 1
timeZone: UTC
providers:
${providerLine(aurora, credentialFile === undefined ? fromEnvironment : `file:${credentialFile}`)}
${[borealis, cascade, ...apart].map((endpoint) => providerLine(endpoint)).join('\n')}
models:
${modelLines('aurora-first', aurora, cascade)}
${modelLines('cascade-first', cascade, aurora)}
${[aurora, borealis, cascade].map((one) => modelLines(`${one.name}-across`, one, rival(one))).join('\n')}
${[aurora, borealis, cascade].map((one) => modelLines(`${one.name}-anywhere`, one, ...[aurora, borealis, cascade].filter((other) => other !== one))).join('\n')}
  borealis-only:
    deployments:
${deploymentLine(borealis, 'chat-large')}
  small-anywhere:
    deployments:
${[aurora, borealis, cascade].map((one) => deploymentLine(one, 'chat-small')).join('\n')}
  embed-small:
    space: { model: embed-small, dimensions: ${sandboxCatalogue.embeddingDimensions} }
    deployments:
      - { provider: aurora, model: embed-small, lab: aurora, price: { ${priceOf(aurora.vendor, 'embed-small')} } }
${apart.map((one) => modelLines(`${one.name}-first`, one, rival(one))).join('\n')}
contracts:
  - { id: aurora-pool, vendor: aurora, covers: [ ${ofAurora.map(({ name }) => `{ provider: ${name} }`).join(', ')} ], kind: pool, usd: "120000", period: [2026-01-01, 2036-01-01], fulfil: monthly, shortfall: { rate: "1.0" }, discount: "0.1" }
${midStream === undefined ? '' : `policy: { midStream: ${midStream} }\n`}teams:
  load: {}
keys:
  - { name: load, hash: "sha256:${hashKey(clientKey)}", team: load }
${budgeted.map(({ name, key, usd }) => `  - { name: ${name}, hash: "sha256:${hashKey(key)}", team: load, budget: { usd: "${usd}", window: total, hard: true } }`).join('\n')}
limits: { ${Object.entries({ firstByteMs: 500, idleMs: 500, ...limits })
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')} }
`;
};

interface WrittenLine {
  readonly at: string;
  readonly requestId: string;
  readonly model: string;
  readonly tokens: Readonly<Record<string, number>>;
  readonly nanoUsd: string;
  readonly outcome: string;
}

/** Reads a bill as the sandbox writes it. */
export const readBill = (path: string): readonly BillLine[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const entry: WrittenLine = JSON.parse(line);
      return {
        atMs: Date.parse(entry.at),
        requestId: entry.requestId,
        model: entry.model,
        tokens: entry.tokens,
        nanoUsd: BigInt(entry.nanoUsd),
        complete: entry.outcome === 'complete',
      };
    });

/** Starts the vendors in this process, on free ports that stay theirs, and in a thread of their own: clients must not make a vendor late. */
export const openRivals = async ({ seed, latencyMs, sharedThread }: RivalsOptions): Promise<Rivals> => {
  const directory = temporaryFolder();
  const ports = await vendorPorts(sandboxCatalogue.vendors.map(({ name }) => name));
  const settings = { directory, seed, ports, ...(latencyMs === undefined ? {} : { latencyMs }) };
  const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
  const sandbox = await (sharedThread === true ? startSandbox({ ...settings, clock }) : startSandboxInWorker(settings));
  return {
    sandbox,
    env: { [credentialName]: sandboxCredential },
    configuration: (wanted = {}) => configurationOf(sandbox.vendors, wanted),
    vendor: (name) => sandbox.vendors.find((vendor) => vendor.name === name)!,
    setFault: async (vendor, fault, more = {}) => {
      const set = await sandbox.setVendorFault(vendor, { fault, ...more });
      if (!set.ok) throw set.fault;
    },
    read: (vendor) => sandbox.read(vendor),
    bill: (vendor) => readBill(join(directory, `${vendor}.bill.jsonl`)),
    close: async () => {
      await sandbox.close();
      removeFolder(directory);
    },
  };
};
