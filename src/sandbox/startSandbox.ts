import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { failure, silentLog, success } from '../kernel/index.ts';
import type { Clock, CodedError, Log, Result } from '../kernel/index.ts';
import { AnthropicWire } from './anthropic/AnthropicWire.ts';
import { BedrockWire } from './bedrock/BedrockWire.ts';
import { BillBook } from './bill/BillBook.ts';
import { sandboxError } from './errors.ts';
import { OpenAiWire } from './openai/OpenAiWire.ts';
import { readFault } from './readFault.ts';
import type { VendorFault } from './readFault.ts';
import { sandboxCatalogue } from './sandboxCatalogue.ts';
import type { CatalogueVendor } from './sandboxCatalogue.ts';
import { VendorServer } from './vendor/VendorServer.ts';
import type { ReceivedRequest, VendorReading } from './vendor/VendorServer.ts';
import type { VendorWire } from './vendor/VendorWire.ts';

/** The credential that the vendors accept unless told otherwise. */
export const sandboxCredential = 'sandbox-credential';

export interface SandboxSettings {
  /** Where the bills lie: `<vendor>.bill.jsonl`. Made if absent. */
  readonly directory: string;
  /** Seed of all that is drawn. The same seed and the same request bytes give the same answer. */
  readonly seed: number;
  readonly apiKey?: string;
  /** Port by vendor; any free one where absent. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Milliseconds before the first byte in place of a seeded 5 to 40; 0 also takes the pauses between events away. */
  readonly latencyMs?: number;
  /** Keep the last requests of each vendor for `received`. */
  readonly record?: boolean;
}

export interface SandboxOptions extends SandboxSettings {
  readonly clock: Clock;
  readonly log?: Log;
}

/** A vendor of the catalogue and where it listens. */
export interface RunningVendor extends CatalogueVendor {
  /** Origin without a path: `http://127.0.0.1:40123`. */
  readonly url: string;
}

/** Rival vendors on loopback that can be made to fail, and that keep their own bills. */
export interface Sandbox {
  readonly vendors: readonly RunningVendor[];
  /** Sets a vendor's fault from what the admin API was sent. Codes: `sandbox_unknown_vendor`, `sandbox_bad_fault`. */
  setVendorFault(vendor: string, body: unknown): Promise<Result<VendorFault, CodedError>>;
  /** Sets the fault of all vendors on a host. Codes: `sandbox_unknown_host`, `sandbox_bad_fault`. */
  setHostFault(host: string, body: unknown): Promise<Result<VendorFault, CodedError>>;
  /** What a vendor counted and billed. @throws CodedError `sandbox_unknown_vendor` */
  read(vendor: string): Promise<VendorReading>;
  readAll(): Promise<readonly VendorReading[]>;
  /** The last requests that reached a vendor, oldest first; empty unless recording. @throws CodedError `sandbox_unknown_vendor` */
  received(vendor: string): Promise<readonly ReceivedRequest[]>;
  /** Ends all connections, bills what was going on, closes the bills. */
  close(): Promise<void>;
}

const makeWire = (vendor: CatalogueVendor, { seed, clock, apiKey = sandboxCredential }: SandboxOptions): VendorWire => {
  switch (vendor.wire) {
    case 'openai':
      return new OpenAiWire(vendor, seed, clock, apiKey);
    case 'anthropic':
      return new AnthropicWire(vendor, seed, clock, apiKey);
    case 'bedrock':
      return new BedrockWire(vendor, seed, clock, apiKey);
  }
};

const makeServer = (vendor: CatalogueVendor, options: SandboxOptions): VendorServer =>
  new VendorServer({
    vendor,
    wire: makeWire(vendor, options),
    book: new BillBook(join(options.directory, `${vendor.name}.bill.jsonl`), vendor.contract?.discount ?? '0'),
    seed: options.seed,
    clock: options.clock,
    log: options.log ?? silentLog,
    latencyMs: options.latencyMs ?? null,
    record: options.record ?? false,
  });

/** Starts the vendors in this thread. @throws CodedError `sandbox_port_taken`, `sandbox_bill_corrupt` */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const servers = new Map<string, VendorServer>();
  const close = async (): Promise<void> => {
    await Promise.all([...servers.values()].map((server) => server.close()));
  };
  try {
    for (const vendor of sandboxCatalogue.vendors) {
      const server = makeServer(vendor, options);
      servers.set(vendor.name, server);
      await server.open(options.ports?.[vendor.name] ?? 0);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return openSandbox(servers, close);
};

const openSandbox = (servers: ReadonlyMap<string, VendorServer>, close: () => Promise<void>): Sandbox => {
  const named = (name: string): VendorServer => {
    const server = servers.get(name);
    if (server === undefined)
      throw sandboxError('sandbox_unknown_vendor', `the sandbox has no vendor ${JSON.stringify(name)}`);
    return server;
  };
  const setAll = async (names: readonly string[], body: unknown): Promise<Result<VendorFault, CodedError>> => {
    const fault = readFault(body);
    if (!fault.ok) return fault;
    await Promise.all(names.map((name) => named(name).setFault(fault.value)));
    return success(fault.value);
  };
  return {
    vendors: sandboxCatalogue.vendors.map((vendor) => ({ ...vendor, url: named(vendor.name).url })),
    setVendorFault: async (vendor, body) =>
      servers.has(vendor)
        ? setAll([vendor], body)
        : failure(sandboxError('sandbox_unknown_vendor', `the sandbox has no vendor ${JSON.stringify(vendor)}`)),
    setHostFault: async (host, body) => {
      const hosted = sandboxCatalogue.vendors.filter((vendor) => vendor.host === host).map(({ name }) => name);
      return hosted.length > 0
        ? setAll(hosted, body)
        : failure(sandboxError('sandbox_unknown_host', `the sandbox has no host ${JSON.stringify(host)}`));
    },
    read: async (vendor) => named(vendor).read(),
    readAll: async () => [...servers.values()].map((server) => server.read()),
    received: async (vendor) => named(vendor).received(),
    close,
  };
};
