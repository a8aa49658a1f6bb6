import { hostname } from 'node:os';
import { join } from 'node:path';
import { addressScope, defaultTransportLimits, LeanTransport, type Listener } from '../egress/index.ts';
import type { BurstCapacity, Supply } from '../drills/index.ts';
import {
  deploymentsOf,
  Gateway,
  noBudgetRoom,
  TranslationThread,
  type Snapshot,
  type Translator,
} from '../gateway/index.ts';
import { AdminPlane, DataPlane, hopName, machinePressure } from '../http/index.ts';
import { CodedError, errorMessage, type Clock, type Log } from '../kernel/index.ts';
import { RateLimits, RateShares } from '../ledger/index.ts';
import { Health, LatencyEstimate, OutputEstimate, RetryBudget } from '../router/index.ts';
import { AnswersOnDisk } from '../store/index.ts';
import { createMetrics, measureProcess, type MetricsRegistry } from '../telemetry/index.ts';
import { Balances } from './Balances.ts';
import { chooseConfiguration, type Surroundings } from './chooseConfiguration.ts';
import { poolDrawn, poolSpent, type LedgerView } from './contractHistory.ts';
import { Control, type ControlParts } from './Control.ts';
import { ControlKey } from './ControlKey.ts';
import { DrillDesk } from './drills/DrillDesk.ts';
import { LiveDrills } from './drills/LiveDrills.ts';
import { supplyOf } from './drills/supplyOf.ts';
import { DependencyWatch } from './drills/DependencyWatch.ts';
import { appError } from './errors.ts';
import { Fleet } from './Fleet.ts';
import { FleetShares } from './FleetShares.ts';
import { openJobs, type OpenJobs } from './jobs/openJobs.ts';
import { keptEndpoint, type ServedEndpoint } from './jobs/servedDeployment.ts';
import { KeepingLastGood } from './KeepingLastGood.ts';
import { KeyRegister } from './KeyRegister.ts';
import { KeyWatch } from './KeyWatch.ts';
import { readPriceBook } from './knownThings.ts';
import { LastGood, type LastGoodState } from './LastGood.ts';
import { BudgetLeases } from './leases/BudgetLeases.ts';
import { machineClock, machineIds, machineLog } from './machine.ts';
import { metricHelp } from './metricHelp.ts';
import { openLedger, type OpenLedger } from './openLedger.ts';
import { organisationsOf } from './organisationsOf.ts';
import { ContractPaces } from './pacing/ContractPaces.ts';
import { FleetPaces } from './pacing/FleetPaces.ts';
import { readShipped } from './pacing/readShipped.ts';
import { prepare, type Prepared } from './prepare.ts';
import { readVersion } from './readVersion.ts';
import { recallAnswers } from './recallAnswers.ts';
import { demoKey } from './sandboxConfiguration.ts';
import { ServingState } from './ServingState.ts';
import { watchClock } from './watchClock.ts';
import { watchConfiguration } from './watchConfiguration.ts';
import { undoAll, type Undo } from './undoAll.ts';

/** How long what is ended by a stop may take to tell its clients. */
const lastWordsMs = 2_000;
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
  /** A stop that is under way, or comes, waits for no running request. */
  hurry(): void;
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
  readonly lastGood: LastGood;
  readonly health: Health;
  readonly latencies: LatencyEstimate;
  readonly keys: KeyRegister;
  readonly jobs: OpenJobs;
  /** Null where the budgets are shared with nobody. */
  readonly leases: BudgetLeases | null;
  readonly rateShares: RateShares;
  readonly rateLimits: RateLimits;
  readonly paces: ContractPaces;
  readonly fleetPaces: FleetPaces;
  readonly registry: MetricsRegistry;
  readonly log: Log;
  readonly controlKey: ControlKey;
  readonly dependencyWatch: DependencyWatch;
  /** What drills lose a part of; the same object until the configuration changes. */
  readonly supply: () => Supply;
  readonly liveDrills: LiveDrills;
  readonly version: string;
  close(): Promise<void>;
}

/** @returns whether they are the database's. Without it they are those of before; where nobody ever knew them, a key that the file lacks may be good. */
const loadKeys = async (keys: KeyRegister, before: LastGoodState['keys'] | null, log: Log): Promise<boolean> => {
  try {
    await keys.load();
    return true;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (before === null || before === undefined)
      log.warn('keys made over the API are not known until the database is there', { message: error.message });
    else keys.restore(before);
    return false;
  }
};

/** What a start needs beside balances, as it stands now. */
const putOthers = (
  lastGood: LastGood,
  keys: KeyRegister,
  jobs: OpenJobs,
  rateShares: RateShares,
  { state }: ContractPaces,
  health: Health,
): void => {
  if (keys.isKnown) lastGood.put('keys', keys.stored);
  lastGood.put('offers', jobs.offers.stored);
  lastGood.put('served', jobs.serving().map(keptEndpoint));
  lastGood.put('rateBase', rateShares.base);
  if (state !== null) lastGood.put('pacing', state);
  lastGood.put('capacities', health.capacities(machineClock.monotonicMs()));
  lastGood.put('quiets', health.quiets());
};

/** What the process before learnt of quota domains that are still used. */
const restoreHealth = (health: Health, before: LastGoodState | null, snapshot: Snapshot, clock: Clock): void => {
  if (before === null) return;
  const ageMs = clock.nowMs() - before.writtenAtMs;
  health.restoreCapacities(before.capacities ?? [], ageMs, clock.monotonicMs());
  health.restoreQuiets(before.quiets ?? [], ageMs);
  health.retain(deploymentsOf(snapshot));
};

/** The ledger of every organisation. @throws CodedError `database_unavailable` */
const viewOf = async (
  { database }: OpenLedger,
  { configuration }: Pick<ServingState, 'configuration'>,
  nowMs: number,
): Promise<LedgerView> => ({ database, organisations: await organisationsOf(database, configuration), nowMs });

/** As live traffic has measured it. */
const measuredBy =
  (health: Health): BurstCapacity =>
  (quotaDomain) =>
    health.capacityOf(quotaDomain, machineClock.monotonicMs());

/** Made anew when the configuration has changed. */
const supplyNow = (state: Pick<ServingState, 'snapshot' | 'configuration'>, health: Health): (() => Supply) => {
  let of: ServingState['snapshot'] | null = null;
  let supply: Supply | null = null;
  return () => {
    const { snapshot, configuration } = state;
    if (supply === null || snapshot !== of) supply = supplyOf(snapshot, configuration, measuredBy(health));
    of = snapshot;
    return supply;
  };
};

const openBase = async (where: Surroundings, withVendors: boolean, log: Log): Promise<Base> => {
  const clock = machineClock;
  const book = readPriceBook();
  const registry = createMetrics({ help: metricHelp });
  const prepared = await prepare({ where, book, clock, log, withVendors });
  const undo: Undo[] = [() => prepared.release()];
  const close = (): Promise<void> => undoAll(undo, log);
  try {
    const controlKey = new ControlKey(prepared.dataDir);
    const { configuration } = prepared.loaded;
    const lastGood = await LastGood.open(prepared.folder, { clock, log });
    const { before } = lastGood;
    const ledger = await openLedger({
      folder: prepared.folder,
      url: prepared.databaseUrl,
      canDoWithout: before !== null,
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
    // Nobody else writes into the embedded database.
    const isShared = prepared.databaseUrl !== null;
    const balances = new Balances(ledger.database, configuration, isShared);
    balances.begin(ledger.isDrained, {
      kept: before?.balances ?? null,
      spool: ledger.spool.instance,
      finalsBehind: (sequence, visit) => ledger.spool.finalsBehind(sequence, visit),
    });
    const keys: KeyRegister = new KeyRegister(configuration, {
      database: ledger.database,
      clock,
      log,
      changed: () => state.refresh(),
      // A key that was revoked must not open anything after a start without the database, and a new one has a budget.
      keep: async () => keeping?.keep(),
      later: (act) => void setTimeout(() => void act(), keysAgainMs).unref(),
    });
    const areKeysCurrent = await loadKeys(keys, before?.keys ?? null, log);
    const health = new Health();
    const latencies = new LatencyEstimate();
    const served = (): readonly ServedEndpoint[] => jobs?.serving() ?? before?.served ?? [];
    // Nobody else lets requests through that go by the embedded database.
    const rateShares = new RateShares(prepared.databaseUrl === null ? undefined : before?.rateBase);
    let jobs: OpenJobs | null = null;
    let keeping: KeepingLastGood | null = null;
    const leases = isShared
      ? new BudgetLeases({
          budgets: balances.budgets,
          leasedAs: (id) => balances.leasedAs(id),
          database: ledger.database,
          count: (queries, ids) => balances.countIn(queries, ids, clock.nowMs()),
          endUsers: () => balances.endUserBeginnings(),
          countEndUsers: (beginning, nowMs) => balances.endUserCount(beginning, nowMs),
          takeNew: () => balances.takeNew(),
          requestMs: () => state.configuration.limits.totalMs,
          shipper: ledger.shipper,
          appended: () => ledger.spool.appendedSequence,
          replica: ledger.spool.instance,
          leaseMs: () => state.configuration.ledger.leaseMs,
          keep: async () => keeping?.keep(),
          clock,
          log,
          metrics: registry.metrics,
        })
      : null;
    const state: ServingState = await ServingState.open({
      prepared,
      keys,
      balances,
      health,
      latencies,
      book,
      served,
      clock,
      log,
    });
    const paces = new ContractPaces({
      shares: balances.shares,
      poolSpent: (contracts, pool, nowMs) =>
        readShipped(ledger, async () => poolSpent(await viewOf(ledger, state, nowMs), contracts, pool)),
      together: {
        isShared,
        poolDrawn: (contracts, pool, nowMs) =>
          readShipped(ledger, async () => poolDrawn(await viewOf(ledger, state, nowMs), contracts, pool)),
        floorPart: () => (isShared ? rateShares.equalPart : 1),
      },
      inForce: () => state,
      before: before?.pacing ?? null,
      clock,
      log,
    });
    const fleetPaces = new FleetPaces({ instance: ledger.spool.instance, paces, clock });
    restoreHealth(health, before, state.snapshot, clock);
    const { folder, source } = prepared;
    leases?.restore(balances.keptLeases);
    const sandbox = source.kind === 'sandbox';
    const jobsBefore = { served: before?.served ?? [], offers: before?.offers ?? [] };
    const opened = await openJobs({
      folder,
      ledger,
      balances,
      paces,
      state,
      sandbox,
      before: jobsBefore,
      env: where.env,
      clock,
      log,
    });
    jobs = opened;
    keeping = new KeepingLastGood({
      lastGood,
      balances,
      spool: ledger.spool,
      shipper: ledger.shipper,
      leases: (nowMs) => leases?.kept(nowMs) ?? [],
      putOthers: () => putOthers(lastGood, keys, opened, rateShares, paces, health),
      clock,
      log,
    });
    undo.push(() => keeping?.stop());
    undo.push(() => opened.close());
    await keeping.keep().catch(() => {
      // It told so, and so does readiness: requests are served all the same.
    });
    keeping.start();
    const readAgain = (): void => {
      void keys.takeOver();
      void opened.offers.load().catch(() => {
        // It is away again: it tells when it is back.
      });
    };
    ledger.database.onThere(readAgain);
    if (!areKeysCurrent && ledger.database.absence === null) readAgain();
    const supply = supplyNow(state, health);
    return {
      prepared,
      ledger,
      state,
      balances,
      lastGood,
      health,
      latencies,
      keys,
      jobs: opened,
      leases,
      rateShares,
      rateLimits: new RateLimits(rateShares),
      paces,
      fleetPaces,
      registry,
      log,
      controlKey,
      supply,
      liveDrills: new LiveDrills({
        database: ledger.database,
        supply,
        callers: () => keys.tableInForce().values(),
        ids: machineIds(),
        clock,
        log,
        metrics: registry.metrics,
      }),
      dependencyWatch: new DependencyWatch({
        shares: () => balances.shares.snapshot(clock.nowMs()),
        caps: () => state.snapshot,
        nowMs: () => clock.nowMs(),
        log,
        metrics: registry.metrics,
      }),
      version: readVersion(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const drillDeskOf = ({ ledger: { database }, state, supply, liveDrills }: Base): DrillDesk =>
  new DrillDesk({
    database,
    supply,
    live: liveDrills,
    inForce: () => ({ configuration: state.configuration, snapshot: state.snapshot }),
    organisations: () => organisationsOf(database, state.configuration),
    ids: machineIds(),
    clock: machineClock,
  });

/** @param serving What serves clients. */
const controlOf = (base: Base, serving: Pick<ControlParts, 'draining' | 'caches'>, fleet: Fleet | null): Control => {
  const { prepared, state, registry } = base;
  const measure = measureProcess(registry.metrics);
  return new Control({
    ledger: base.ledger,
    keys: base.keys,
    balances: base.balances,
    paces: base.paces,
    lastGood: base.lastGood,
    health: base.health,
    latencies: base.latencies,
    dataDir: prepared.dataDir,
    jobs: base.jobs,
    clock: machineClock,
    version: base.version,
    startedAtMs: machineClock.nowMs(),
    controlKey: base.controlKey,
    adminKeys: () => state.adminKeys,
    configuration: () => state.configuration,
    book: () => state.book,
    snapshot: () => state.snapshot,
    configurationFile: prepared.source.kind === 'file' ? prepared.source.path : null,
    sandbox: prepared.sandbox,
    metricsText: () => {
      measure();
      return registry.render();
    },
    reload: (force) => state.reload(force),
    standing: () => ({ hash: state.hash, refused: state.refused }),
    ...serving,
    fleet: () => fleet?.standing ?? null,
    burstCapacity: measuredBy(base.health),
    drills: drillDeskOf(base),
    liveDrills: base.liveDrills,
    dependencyWatch: base.dependencyWatch,
  });
};

/** Null where the database is this process's own. */
const fleetOf = ({ prepared, ledger, rateShares, rateLimits, fleetPaces, state, version, log }: Base): Fleet | null =>
  prepared.databaseUrl === null
    ? null
    : new Fleet({
        database: ledger.database,
        self: {
          instance: ledger.spool.instance,
          host: hostname(),
          pid: process.pid,
          version,
          startedAtMs: machineClock.nowMs(),
        },
        configurationHash: () => state.hash,
        rateLimits,
        shares: rateShares,
        talk: fleetPaces,
        clock: machineClock,
        log,
      });

/** Null where the database is this process's own. */
const fleetSharesOf = ({ prepared, ledger, balances, rateShares, state, log }: Base): FleetShares | null =>
  prepared.databaseUrl === null
    ? null
    : new FleetShares({
        ledger,
        balances,
        hasCaps: () => Object.values(state.snapshot.caps).some((cap) => cap !== null),
        hasOthers: () => rateShares.equalPart < 1,
        clock: machineClock,
        log,
      });

const openAnswers = ({ prepared, state, registry, log }: Base): Promise<AnswersOnDisk> =>
  AnswersOnDisk.open(join(prepared.folder, 'responses'), {
    settings: () => state.configuration.responses,
    isStrict: () => state.configuration.ledger.durability === 'strict',
    clock: machineClock,
    log,
    metrics: registry.metrics,
  });

const gatewayOf = (base: Base, transport: LeanTransport, translator: Translator, answers: AnswersOnDisk): Gateway => {
  const { state, ledger, balances, health, registry, log } = base;
  return new Gateway({
    snapshot: () => state.snapshot,
    transport,
    translator,
    answers,
    journal: ledger.journal,
    durability: () => state.configuration.ledger.durability,
    budgets: balances.budgets,
    budgetRoom: base.leases ?? noBudgetRoom,
    rateLimits: base.rateLimits,
    shares: balances.shares,
    paces: base.paces,
    health,
    retryBudget: new RetryBudget(),
    outputEstimate: new OutputEstimate(),
    latencies: base.latencies,
    clock: machineClock,
    ids: machineIds(),
    log,
    metrics: registry.metrics,
    faults: base.liveDrills,
  });
};

const adminPlaneOf = (base: Base, control: Control): AdminPlane =>
  new AdminPlane({
    control,
    log: base.log,
    version: base.version,
    limits: () => base.state.configuration.limits,
    visitors: () => base.state.configuration.admin.listen,
    metrics: base.registry.metrics,
  });

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
    throw appError('address_unavailable', `${what}: ${errorMessage(error)}`);
  }
};

/** What of its URL a listener is. */
const listenerOf = (url: string): Listener => {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
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
    const listeners: Listener[] = [];
    const transport = new LeanTransport(
      { ...defaultTransportLimits, connectMs: limits.connectMs },
      { listeners: () => listeners },
    );
    undo.push(() => transport.close());
    const translator = new TranslationThread({ log, metrics: base.registry.metrics });
    undo.push(() => translator.close());
    if (base.leases !== null) {
      const { leases } = base;
      leases.start();
      undo.push(() => leases.stop());
    }
    base.paces.start();
    undo.push(() => base.paces.stop());
    const fleetShares = fleetSharesOf(base);
    fleetShares?.start();
    undo.push(() => fleetShares?.stop());
    const answers = await openAnswers(base);
    undo.push(() => answers.close());
    const gateway = gatewayOf(base, transport, translator, answers);
    void recallAnswers(
      base.ledger.database,
      () => organisationsOf(base.ledger.database, base.state.configuration),
      (recent) => gateway.recallAnswers(recent),
      log,
    );
    const dataPlane = new DataPlane({
      gateway,
      limits: () => base.state.configuration.limits,
      visitors: () => base.state.configuration.listen,
      hopName: hopName(crypto.getRandomValues(new Uint8Array(8))),
      pressure: machinePressure(() => base.ledger.spool.unsyncedShare),
      clock: machineClock,
      ids: machineIds(),
      log,
      metrics: base.registry.metrics,
    });
    const fleet = fleetOf(base);
    const control = controlOf(
      base,
      { draining: () => dataPlane.draining, caches: () => gateway.cacheStandings },
      fleet,
    );
    const adminPlane = adminPlaneOf(base, control);
    // Operators and balancers are answered while the last requests end.
    undo.push(() => adminPlane.close());
    // Others have its part of the rates once nobody is let through here any more, and it has one before somebody is.
    if (fleet !== null) {
      undo.push(() => fleet.stop());
      await fleet.start();
    }
    const hurry = new AbortController();
    undo.push(() => {
      const { lameDuckMs, drainMs } = base.state.configuration.limits;
      log.info('shutting down', { lameDuckMs, drainMs });
      return dataPlane.close({ lameDuckMs, drainMs, lastWordsMs }, hurry.signal);
    });
    const adminUrl = await listening('the control plane', () =>
      adminPlane.listen(admin.listen.host, options.adminPort ?? admin.listen.port),
    );
    const url = await listening('the data plane', () => dataPlane.listen(host, options.port ?? listen.port));
    listeners.push(...[adminUrl, url].map(listenerOf));
    const { dataDir } = base.prepared;
    base.controlKey.tell({ url, adminUrl, pid: process.pid });
    // After the vendors' deployments: requests are served while jobs are still looked for.
    await base.jobs.start();
    // Nobody else writes into the embedded database.
    if (base.prepared.databaseUrl !== null) {
      const keyWatch = new KeyWatch({ database: base.ledger.database, keys: base.keys, log });
      keyWatch.start();
      undo.push(() => keyWatch.stop());
    }
    undo.push(() => base.liveDrills.close());
    base.dependencyWatch.start();
    undo.push(() => base.dependencyWatch.stop());
    undo.push(watchClock(machineClock, log, base.registry.metrics));
    const unwatch = watchConfiguration(base.prepared.source, base.state, base.log);
    undo.push(unwatch);
    undo.push(() => base.controlKey.untell());
    return {
      url,
      adminUrl,
      key: sandbox ? demoKey : null,
      adminKey: base.controlKey.key,
      dataDir,
      version: base.version,
      sandbox,
      configurationFile: base.prepared.source.kind === 'file' ? base.prepared.source.path : null,
      modelNames: [...base.state.configuration.models.keys()],
      stop: close,
      hurry: () => hurry.abort(),
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
  const control = controlOf(base, { draining: () => false, caches: () => [] }, null);
  const adminPlane = adminPlaneOf(base, control);
  const stop = (): Promise<void> => undoAll([() => base.close(), () => adminPlane.close()], log);
  try {
    return { adminUrl: await adminPlane.listen('127.0.0.1', 0), adminKey: base.controlKey.key, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
