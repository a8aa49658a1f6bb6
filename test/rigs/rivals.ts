import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashKey } from '../../src/access/index.ts';
import {
  sandboxCatalogue,
  sandboxCredential,
  startSandbox,
  type RunningVendor,
  type Sandbox,
  type VendorReading,
} from '../../src/sandbox/index.ts';
import { removeFolder, temporaryFolder } from './startServer.ts';

/** The key of every client in these tests. */
export const clientKey = 'sk-archipel-rivals';

/** Name of the environment variable that the configuration takes the vendors' credential from. */
const credentialName = 'RIVALS_CREDENTIAL';

export interface BillLine {
  readonly requestId: string;
  readonly model: string;
  readonly nanoUsd: bigint;
  readonly complete: boolean;
}

export interface RivalsOptions {
  readonly seed: number;
  /** Milliseconds before the first byte, in place of a seeded 5 to 40. */
  readonly latencyMs?: number;
}

export interface ConfigurationOptions {
  readonly limits?: Readonly<Record<string, number>>;
  /** Names that get an endpoint and a credential each at the vendor aurora, with a model `<name>-first`: none benches another. */
  readonly apart?: readonly string[];
  /** File that holds the credential for aurora, in place of the environment. */
  readonly credentialFile?: string;
}

/** Vendors in this process, so that their bills outlive every gateway, and the file that points a gateway at them. */
export interface Rivals {
  readonly sandbox: Sandbox;
  /** Environment of a gateway that may call them. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Text of archipel.yaml. Models `aurora-first` and `cascade-first` are sold by both vendors of the chat wire, cheapest by the one of the name;
   * `borealis-only` by the third, on its own wire; `embed-small` by aurora alone.
   */
  configuration(options?: ConfigurationOptions): string;
  setFault(vendor: string, fault: string, more?: Readonly<Record<string, number>>): Promise<void>;
  read(vendor: string): Promise<VendorReading>;
  bill(vendor: string): readonly BillLine[];
  close(): Promise<void>;
}

const priceOf = (vendor: RunningVendor, model: string): string => {
  const sold = vendor.models.find(({ name }) => name === model)!;
  return Object.entries(sold.usdPerMTok)
    .map(([bucket, usd]) => `${bucket}PerMTok: "${usd}"`)
    .join(', ');
};

const fromEnvironment = `env:${credentialName}`;

const providerLine = (name: string, vendor: RunningVendor, credential = fromEnvironment): string => {
  const baseUrl = vendor.wire === 'openai' ? `${vendor.url}/v1` : vendor.url;
  return `  ${name}: { wire: ${vendor.wire}, vendor: ${vendor.name}, account: ${name}, baseUrl: "${baseUrl}", host: ${vendor.host}, jurisdiction: ${vendor.host}, credentials: { apiKey: "\${${credential}}" } }`;
};

const deploymentLine = (provider: string, vendor: RunningVendor, model: string): string =>
  `      - { provider: ${provider}, model: ${model}, lab: ${vendor.name}, price: { ${priceOf(vendor, model)} }, capabilities: { contextTokens: 400000, maxOutputTokens: 128000 } }`;

const configurationOf = (
  vendors: readonly RunningVendor[],
  { limits, apart = [], credentialFile }: ConfigurationOptions,
): string => {
  const named = (name: string): RunningVendor => vendors.find((vendor) => vendor.name === name)!;
  const [aurora, borealis, cascade] = [named('aurora'), named('borealis'), named('cascade')];
  const pair = (model: string, first: [string, RunningVendor], second: [string, RunningVendor]): string =>
    `  ${model}:\n    deployments:\n${deploymentLine(...first, 'chat-small')}\n${deploymentLine(...second, 'chat-large')}`;
  return `version: 1
timeZone: UTC
providers:
${providerLine('aurora', aurora, credentialFile === undefined ? fromEnvironment : `file:${credentialFile}`)}
${[borealis, cascade].map((vendor) => providerLine(vendor.name, vendor)).join('\n')}
${apart.map((name) => providerLine(name, aurora)).join('\n')}
models:
${pair('aurora-first', ['aurora', aurora], ['cascade', cascade])}
${pair('cascade-first', ['cascade', cascade], ['aurora', aurora])}
  borealis-only:
    deployments:
${deploymentLine('borealis', borealis, 'chat-large')}
  embed-small:
    space: { model: embed-small, dimensions: ${sandboxCatalogue.embeddingDimensions} }
    deployments:
      - { provider: aurora, model: embed-small, lab: aurora, price: { ${priceOf(aurora, 'embed-small')} } }
${apart.map((name) => pair(`${name}-first`, [name, aurora], ['cascade', cascade])).join('\n')}
contracts:
  - { id: aurora-pool, vendor: aurora, covers: [ ${['aurora', ...apart].map((provider) => `{ provider: ${provider} }`).join(', ')} ], kind: pool, usd: "120000", period: [2026-01-01, 2036-01-01], fulfil: monthly, shortfall: { rate: "1.0" }, discount: "0.1" }
teams:
  load: {}
keys:
  - { name: load, hash: "sha256:${hashKey(clientKey)}", team: load }
limits: { ${Object.entries({ firstByteMs: 500, idleMs: 500, ...limits })
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')} }
`;
};

const readBill = (path: string): readonly BillLine[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const entry: { requestId: string; model: string; nanoUsd: string; outcome: string } = JSON.parse(line);
      return {
        requestId: entry.requestId,
        model: entry.model,
        nanoUsd: BigInt(entry.nanoUsd),
        complete: entry.outcome === 'complete',
      };
    });

/** Starts the vendors in this process, on free ports. */
export const openRivals = async (options: RivalsOptions): Promise<Rivals> => {
  const directory = temporaryFolder();
  const sandbox = await startSandbox({
    directory,
    seed: options.seed,
    clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    ...(options.latencyMs === undefined ? {} : { latencyMs: options.latencyMs }),
  });
  return {
    sandbox,
    env: { [credentialName]: sandboxCredential },
    configuration: (wanted = {}) => configurationOf(sandbox.vendors, wanted),
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
