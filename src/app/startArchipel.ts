import { keyPrefix, makeKey } from '../access/index.ts';
import { defaultTransportLimits, LeanTransport } from '../egress/index.ts';
import { Gateway } from '../gateway/index.ts';
import { AdminPlane, DataPlane } from '../http/index.ts';
import { assert, type Log } from '../kernel/index.ts';
import { RateLimits } from '../ledger/index.ts';
import type { ServingJob } from '../placement/index.ts';
import { Health, OutputEstimate, RetryBudget } from '../router/index.ts';
import { createMetrics, type MetricsRegistry } from '../telemetry/index.ts';
import { addressScope } from './addressScope.ts';
import { Balances } from './Balances.ts';
import { chooseConfiguration, type Surroundings } from './chooseConfiguration.ts';
import { Control } from './Control.ts';
import { readControlFileIn, writeControlFile } from './controlFile.ts';
import { appError } from './errors.ts';
import { openJobs, type OpenJobs } from './jobs/openJobs.ts';
import { KeyRegister } from './KeyRegister.ts';
import { readPriceBook } from './knownThings.ts';
import { machineClock, machineIds, machineLog } from './machine.ts';
import { metricHelp } from './metricHelp.ts';
import { openLedger, type OpenLedger } from './openLedger.ts';
import { prepare, type Prepared } from './prepare.ts';
import { readVersion } from './readVersion.ts';
import { demoKey } from './sandboxConfiguration.ts';
import { ServingState } from './ServingState.ts';
import { watchConfiguration } from './watchConfiguration.ts';
import { undoAll, type Undo } from './undoAll.ts';

/** How long running requests may take to end at a stop. */
const drainGraceMs = 30_000;
/** How long after a change of keys that could not be taken over it is tried again. */
const keysAgainMs = 5_000;

export interface StartOptions extends Surroundings {
  /** Override the file's addresses. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly adminPort: number | undefined;
}

/** A server that serves. */
export interface Running {
  readonly url: string;
  readonly adminUrl: string;
  /** The demo key; null unless the sandbox is served. */
  readonly key: string | null;
  readonly adminKey: string;
  readonly dataDir: string;
  readonly version: string;
  readonly sandbox: boolean;
  readonly configurationFile: string | null;
  readonly modelNames: readonly string[];
  /** Lets running requests end, brings everything to disk and stops. */
  stop(): Promise<void>;
}

/** The control plane of a data dir without a server: for commands that only read, or make keys. */
export interface RunningControlAlone {
  readonly adminUrl: string;
  readonly adminKey: string;
  stop(): Promise<void>;
}

/** What both kinds of start share: the ledger, the keys, the balances and the state built from them. */
interface Base {
  readonly prepared: Prepared;
  readonly ledger: OpenLedger;
  readonly state: ServingState;
  readonly balances: Balances;
  readonly health: Health;
  readonly keys: KeyRegister;
  readonly jobs: OpenJobs;
  readonly registry: MetricsRegistry;
  readonly log: Log;
  readonly adminKey: string;
  readonly version: string;
  close(): Promise<void>;
}

const openBase = async (where: Surroundings, withVendors: boolean, log: Log): Promise<Base> => {
  const clock = machineClock;
  const book = readPriceBook();
  const registry = createMetrics({ help: metricHelp });
  const prepared = await prepare({ where, book, clock, log, withVendors });
  const undo: Undo[] = [() => prepared.release()];
  const close = (): Promise<void> => undoAll(undo, log);
  try {
    const { configuration } = prepared.loaded;
    const ledger = await openLedger({
      folder: prepared.folder,
      url: prepared.databaseUrl,
      durability: configuration.ledger.durability,
      clock,
      log,
      metrics: registry.metrics,
    });
    undo.push(() => ledger.close());
    if (ledger.recovered.intentsWithoutFinal > 0) {
      log.warn('attempts were cut off by the end of an earlier process; their cost is unknown within their holds', {
        attempts: ledger.recovered.intentsWithoutFinal,
      });
    }
    const balances = new Balances(ledger.database, configuration);
    const keys: KeyRegister = new KeyRegister(configuration, {
      database: ledger.database,
      clock,
      log,
      changed: () => state.refresh(),
      later: (act) => void setTimeout(() => void act(), keysAgainMs).unref(),
    });
    await keys.load();
    const health = new Health();
    const served = (): readonly ServingJob[] => jobs?.serving() ?? [];
    let jobs: OpenJobs | null = null;
    const state: ServingState = await ServingState.open({ prepared, keys, balances, health, book, served, clock, log });
    const { folder, source } = prepared;
    const sandbox = source.kind === 'sandbox';
    jobs = await openJobs({ folder, ledger, balances, state, sandbox, env: where.env, clock, log });
    undo.push(() => jobs?.close());
    const adminKey =
      readControlFileIn(prepared.dataDir)?.adminKey ?? makeKey((bytes) => void crypto.getRandomValues(bytes));
    assert(adminKey.startsWith(keyPrefix), 'an admin key looks like a key');
    return {
      prepared,
      ledger,
      state,
      balances,
      health,
      keys,
      jobs,
      registry,
      log,
      adminKey,
      version: readVersion(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const controlOf = (base: Base, draining: () => boolean): Control => {
  const { prepared, state } = base;
  return new Control({
    ledger: base.ledger,
    keys: base.keys,
    shares: base.balances.shares,
    jobs: base.jobs,
    clock: machineClock,
    version: base.version,
    startedAtMs: machineClock.nowMs(),
    adminKey: base.adminKey,
    adminKeys: () => state.adminKeys,
    configuration: () => state.configuration,
    snapshot: () => state.snapshot,
    configurationFile: prepared.source.kind === 'file' ? prepared.source.path : null,
    sandbox: prepared.sandbox,
    metricsText: () => base.registry.render(),
    reload: () => state.reload(),
    draining,
  });
};

const gatewayOf = (base: Base, transport: LeanTransport): Gateway => {
  const { state, ledger, balances, health, registry, log } = base;
  return new Gateway({
    snapshot: () => state.snapshot,
    transport,
    journal: ledger.journal,
    durability: () => state.configuration.ledger.durability,
    budgets: balances.budgets,
    rateLimits: new RateLimits(),
    shares: balances.shares,
    health,
    retryBudget: new RetryBudget(),
    outputEstimate: new OutputEstimate(),
    clock: machineClock,
    ids: machineIds(),
    log,
    metrics: registry.metrics,
  });
};

/** Looked at before anything is opened. @throws CodedError `sandbox_not_loopback` */
const refuseOpenSandbox = (options: StartOptions): void => {
  const { host } = options;
  if (host === undefined || addressScope(host) === 'loopback' || chooseConfiguration(options).kind !== 'sandbox')
    return;
  throw appError(
    'sandbox_not_loopback',
    `The sandbox listens on loopback only, since its key is known to everybody, and was told to listen on ${host}.`,
  );
};

const listening = async (what: string, listen: () => Promise<string>): Promise<string> => {
  try {
    return await listen();
  } catch (error) {
    throw appError('address_unavailable', `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/**
 * Starts the server and returns once it serves.
 * @throws CodedError with exit code 2 for a wrong configuration, a live data dir, a newer database, an address that is taken.
 */
export const startArchipel = async (options: StartOptions): Promise<Running> => {
  refuseOpenSandbox(options);
  const log = machineLog(options.env);
  const base = await openBase(options, true, log);
  const undo: Undo[] = [() => base.close()];
  const close = (): Promise<void> => undoAll(undo, log);
  try {
    const { listen, admin, limits } = base.state.configuration;
    const host = options.host ?? listen.host;
    const sandbox = base.prepared.source.kind === 'sandbox';
    const transport = new LeanTransport({ ...defaultTransportLimits, connectMs: limits.connectMs });
    undo.push(() => transport.close());
    const gateway = gatewayOf(base, transport);
    const dataPlane = new DataPlane({
      gateway,
      limits: () => base.state.configuration.limits,
      clock: machineClock,
      ids: machineIds(),
      log,
      metrics: base.registry.metrics,
    });
    const control = controlOf(base, () => dataPlane.draining);
    const adminPlane = new AdminPlane({ control, log, version: base.version });
    // Operators and balancers are answered while the last requests end.
    undo.push(() => adminPlane.close());
    undo.push(() => dataPlane.close(drainGraceMs));
    const adminUrl = await listening('the control plane', () =>
      adminPlane.listen(admin.listen.host, options.adminPort ?? admin.listen.port),
    );
    const url = await listening('the data plane', () => dataPlane.listen(host, options.port ?? listen.port));
    const { dataDir } = base.prepared;
    writeControlFile(dataDir, { url, adminUrl, adminKey: base.adminKey, pid: process.pid });
    // After the vendors' deployments: requests are served while jobs are still looked for.
    await base.jobs.start();
    const unwatch = watchConfiguration(base.prepared.source, base.state, base.log);
    undo.push(unwatch);
    undo.push(() => writeControlFile(dataDir, { url: null, adminUrl: null, adminKey: base.adminKey, pid: null }));
    return {
      url,
      adminUrl,
      key: sandbox ? demoKey : null,
      adminKey: base.adminKey,
      dataDir,
      version: base.version,
      sandbox,
      configurationFile: base.prepared.source.kind === 'file' ? base.prepared.source.path : null,
      modelNames: [...base.state.configuration.models.keys()],
      stop: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Starts the ledger and the control plane on a free port of loopback, and nothing that serves clients. */
export const startControlAlone = async (where: Surroundings): Promise<RunningControlAlone> => {
  const log = machineLog({ ...where.env, ARCHIPEL_LOG: where.env['ARCHIPEL_LOG'] ?? 'error' });
  const base = await openBase(where, false, log);
  const control = controlOf(base, () => false);
  const adminPlane = new AdminPlane({ control, log, version: base.version });
  const stop = (): Promise<void> => undoAll([() => base.close(), () => adminPlane.close()], log);
  try {
    return { adminUrl: await adminPlane.listen('127.0.0.1', 0), adminKey: base.adminKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
