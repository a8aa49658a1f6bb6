import { authenticate, holdingOf, isWithin, type KeyTable } from '../access/index.ts';
import type { CacheStanding, Snapshot } from '../gateway/index.ts';
import type {
  Answer,
  ControlFault,
  ControlPlane,
  ExportQuestion,
  JobLogQuestion,
  JobsQuestion,
  Json,
  LiveQuestion,
  NewKey,
  Operator,
  PricesQuestion,
  Readiness,
  ReplayQuestion,
  SentOffers,
  SettleQuestion,
  SiteFault,
  UsageQuestion,
} from '../http/index.ts';
import type { BurstCapacity } from '../drills/index.ts';
import { failure, success, type Clock, CodedError, type Result } from '../kernel/index.ts';
import type { PriceBook } from '../market/index.ts';
import type { Health, LatencyEstimate } from '../router/index.ts';
import type { Sandbox } from '../sandbox/index.ts';
import {
  keepAudit,
  ledgerAccounts,
  requestById,
  requestCorrections,
  storeErrors,
  verifyLedger,
  type LedgerAccount,
  type ToldCorrection,
} from '../store/index.ts';
import { hostsOf } from '../vocabulary/index.ts';
import type { Balances } from './Balances.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { contractsOf } from './contractsOf.ts';
import { controlName, type ControlKey } from './ControlKey.ts';
import { contractStandings } from './contractStandings.ts';
import { dependencyReport } from './dependencyReport.ts';
import type { DrillDesk } from './drills/DrillDesk.ts';
import type { LiveDrills } from './drills/LiveDrills.ts';
import type { DependencyWatch } from './drills/DependencyWatch.ts';
import {
  dependenceDays,
  measureDependence,
  measuredDependenceJson,
  type MeasuredDependence,
} from './drills/measureDependence.ts';
import { SharedMeasurement } from './drills/SharedMeasurement.ts';
import { supplyOf } from './drills/supplyOf.ts';
import { exportLines } from './exportLines.ts';
import type { OpenJobs } from './jobs/openJobs.ts';
import type { KeyRegister } from './KeyRegister.ts';
import type { LastGood } from './LastGood.ts';
import { freeBytesOf, machineIds } from './machine.ts';
import type { FleetStanding } from './Fleet.ts';
import type { OpenLedger } from './openLedger.ts';
import { organisationsOf } from './organisationsOf.ts';
import type { ContractPaces } from './pacing/ContractPaces.ts';
import { shownPricesIn } from './prices/listPrices.ts';
import { readinessOf, type Hindrances } from './readinessOf.ts';
import type { RefusedConfiguration } from './ServingState.ts';
import { demoKey } from './sandboxConfiguration.ts';
import { settleBill } from './settleBill.ts';
import { toJson } from './toJson.ts';
import { usageReport } from './usageReport.ts';

const dayMs = 86_400_000;

/** How long an answer that must be fresh waits for the spool. */
const drainMs = 10_000;
/** How long who asks for dependence waits for what is measured from the ledger. */
const dependenceWaitMs = 5_000;

/** How long an answer that is in memory waits for what the database may add to it. */
const correctionsMs = 250;

/** Who has the demo key may break the sandbox, nothing else. */
const demoOperator: Operator = { name: 'demo', rights: new Set(['sandbox:write']), teams: new Set() };

const isOwner = (by: Operator): boolean => isWithin(holdingOf('owner', null), by);

export interface ControlParts {
  readonly ledger: OpenLedger;
  readonly keys: KeyRegister;
  readonly balances: Balances;
  readonly paces: Pick<ContractPaces, 'worthOf' | 'corrected'>;
  readonly lastGood: LastGood;
  readonly health: Health;
  readonly latencies: LatencyEstimate;
  readonly dataDir: string;
  readonly jobs: OpenJobs;
  readonly clock: Clock;
  readonly version: string;
  readonly startedAtMs: number;
  /** Of the control file, beside the file's own. */
  readonly controlKey: ControlKey;
  readonly adminKeys: () => KeyTable;
  readonly configuration: () => ArchipelConfiguration;
  /** Its prices: of its lists and those that the program ships with. */
  readonly book: () => PriceBook;
  readonly snapshot: () => Snapshot;
  readonly configurationFile: string | null;
  readonly sandbox: Sandbox | null;
  readonly metricsText: () => string;
  /** What targets' prompt caches came to since the start. */
  readonly caches: () => readonly CacheStanding[];
  readonly reload: (force: boolean) => Promise<Answer>;
  /** Which configuration is in force, and why not the file's. */
  readonly standing: () => { readonly hash: string; readonly refused: RefusedConfiguration | null };
  /** Whether clients' requests are refused because the server is about to end. */
  readonly draining: () => boolean;
  /** Null where the database is this process's own. */
  readonly fleet: () => FleetStanding | null;
  readonly burstCapacity: BurstCapacity;
  readonly drills: DrillDesk;
  readonly liveDrills: LiveDrills;
  readonly dependencyWatch: DependencyWatch;
}

/** Codes of databases that answer, or would, and must be left alone by this program. */
const unfit: ReadonlySet<string> = new Set(['database_newer', 'migration_changed', 'postgres_version']);

/** What operators may ask, answered from the running program and its ledger. */
export class Control implements ControlPlane {
  readonly #parts: ControlParts;
  readonly #dependence: SharedMeasurement<MeasuredDependence>;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    const { snapshot, clock } = parts;
    this.#dependence = new SharedMeasurement({ measure: () => this.#measureDependence(), by: snapshot, clock });
  }

  operatorOf(credential: string): Operator | null {
    const { adminKeys, controlKey, clock, sandbox } = this.#parts;
    for (const table of [controlKey.table, adminKeys()]) {
      const found = authenticate(table, credential, clock.nowMs());
      // What a role holds is looked up at each use, and so is the role.
      if (found.ok) return { name: found.value.key, ...holdingOf(found.value.role, found.value.onlyTeams) };
    }
    return sandbox !== null && credential === demoKey ? demoOperator : null;
  }

  readiness(): Promise<Readiness> {
    const { ledger, draining, standing, clock, balances, keys, lastGood, jobs, dataDir } = this.#parts;
    const { refused } = standing();
    const { absence } = ledger.database;
    const isUnfit = absence !== null && unfit.has(absence.code);
    return Promise.resolve(
      readinessOf({
        draining: draining(),
        spool: ledger.spool.refusal(),
        database: this.#waiting(),
        unfit: isUnfit ? absence : null,
        keptFrom: balances.isConfirmed ? null : { writtenAtMs: lastGood.before?.writtenAtMs ?? null },
        areKeysKnown: keys.isKnown,
        unknownBudgets: balances.unknownBudgets(clock.nowMs()).length,
        unkept: lastGood.failure,
        freeBytes: freeBytesOf(dataDir),
        refused: refused === null ? null : { message: refused.message, sinceMs: refused.atMs },
        differences: this.#parts.fleet()?.differences ?? null,
        drill: this.#parts.liveDrills.notice,
        capsCrossed: this.#parts.dependencyWatch.notice,
        jobsElsewhere: this.#parts.configuration().sites.size > 0 && !jobs.areRunHere(),
      }),
    );
  }

  /** Why records wait, and how many; null where they are on their way. */
  #waiting(): Hindrances['database'] {
    const { database, shipper, spool } = this.#parts.ledger;
    const failure = shipper.failure();
    const { absence } = database;
    const message = failure ?? absence?.message;
    const sinceMs = shipper.failingSinceMs() ?? absence?.sinceMs;
    if (message === undefined || sinceMs === undefined) return null;
    return { message, sinceMs, records: spool.appendedSequence - spool.shipped.sequence };
  }

  metricsText(): string {
    return this.#parts.metricsText();
  }

  status(): Promise<Answer> {
    const { clock, version, startedAtMs, configurationFile, sandbox, ledger, fleet, caches } = this.#parts;
    const configuration = this.#parts.configuration();
    const { hash, refused } = this.#parts.standing();
    return Promise.resolve(
      success(
        toJson({
          version,
          pid: process.pid,
          upMs: clock.nowMs() - startedAtMs,
          configurationFile,
          configurationHash: hash,
          configurationRefused: refused === null ? null : { ...refused },
          sandbox: sandbox !== null,
          models: [...configuration.models.keys()],
          providers: configuration.providers.map(({ name }) => name),
          spoolBacklogRecords: ledger.spool.appendedSequence - ledger.spool.shipped.sequence,
          instance: ledger.spool.instance,
          replicas: fleet()?.replicas ?? null,
          promptCaches: caches().map((standing) => ({ ...standing })),
        }),
      ),
    );
  }

  async request(id: string): Promise<Answer> {
    const { database, spool } = this.#parts.ledger;
    const recent = spool.recent(id);
    if (recent?.request && recent.request.attemptIds.length === recent.attempts.length)
      return success(withCorrections(recent, await this.#correctionsSoon(recent.request.organisation, id)));
    for (const organisation of await this.#organisations()) {
      const stored = await requestById(database, organisation, id);
      if (stored) return success(withCorrections(stored, await this.#corrections(organisation, id)));
    }
    // Still under way, or partly forgotten: better what is known than nothing.
    if (recent) return success(toJson(recent));
    return failure({ code: 'no_such_thing', message: `There is no request ${id}.` });
  }

  /** Null where the database does not tell. */
  #corrections(organisation: string, id: string): Promise<readonly ToldCorrection[] | null> {
    const { database } = this.#parts.ledger;
    return database.absence === null
      ? requestCorrections(database, organisation, id).catch(() => null)
      : Promise.resolve(null);
  }

  /** What is in memory is told without the database, too, also where that hangs. */
  async #correctionsSoon(organisation: string, id: string): Promise<readonly ToldCorrection[] | null> {
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(late.resolve, correctionsMs, null);
    const corrections = await Promise.race([this.#corrections(organisation, id), late.promise]);
    clearTimeout(timer);
    return corrections;
  }

  async usage(question: UsageQuestion): Promise<Answer> {
    if (question.fresh) await this.#drain();
    return success(await usageReport(this.#parts.ledger.database, await this.#organisations(), question));
  }

  async dependency(): Promise<Answer> {
    const { balances, clock, snapshot, configuration } = this.#parts;
    const { shares } = balances;
    const sites = [...configuration().sites.values()].map(({ vendor, host, jurisdiction }) => ({
      vendor,
      hosts: hostsOf(host),
      jurisdiction,
      lab: null,
    }));
    const report = dependencyReport(shares.snapshot(clock.nowMs()), snapshot(), sites);
    return success({ ...report, ...(await this.#measuredDependency()) });
  }

  /** Null members where the ledger cannot be asked, or takes long to answer: the shares of the running window are known without it. */
  async #measuredDependency(): Promise<{ readonly [name: string]: Json }> {
    const unknown = { measured: null, without: null, resilience: null, assumptions: null };
    if (this.#parts.ledger.database.absence !== null) return unknown;
    try {
      const found = await this.#dependence.within(dependenceWaitMs);
      return found === null ? unknown : measuredDependenceJson(found, this.#parts.configuration());
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return unknown;
    }
  }

  async #measureDependence(): Promise<MeasuredDependence> {
    const { ledger, clock, snapshot, burstCapacity } = this.#parts;
    const configuration = this.#parts.configuration();
    const toMs = clock.nowMs();
    const stretch = { organisations: await this.#organisations(), fromMs: toMs - dependenceDays * dayMs, toMs };
    const supply = supplyOf(snapshot(), configuration, burstCapacity);
    return measureDependence(ledger.database, stretch, supply, configuration, clock);
  }

  prices(question: PricesQuestion): Promise<Answer> {
    const { configuration, book, clock } = this.#parts;
    const atMs = question.atMs ?? clock.nowMs();
    return Promise.resolve(success(toJson({ prices: shownPricesIn(configuration(), book(), { ...question, atMs }) })));
  }

  health(): Promise<Answer> {
    const { health, latencies, clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    return Promise.resolve(success(toJson({ scopes: health.snapshot(nowMs), latencies: latencies.snapshot(nowMs) })));
  }

  async contracts(): Promise<Answer> {
    await this.#drain();
    const contracts = contractsOf(this.#parts.configuration());
    const nowMs = this.#parts.clock.nowMs();
    const organisations = await this.#organisations();
    const { ledger, paces } = this.#parts;
    const worthOf = (contract: string): number | null => paces.worthOf(contract);
    return success(await contractStandings(ledger.database, organisations, contracts, nowMs, worthOf));
  }

  async exportLines(question: ExportQuestion): Promise<Result<AsyncIterable<string>, ControlFault>> {
    await this.#drain();
    const { clock, configuration, ledger } = this.#parts;
    return success(
      exportLines(question, {
        database: ledger.database,
        organisations: await this.#organisations(),
        contracts: contractsOf(configuration()),
        nowMs: clock.nowMs(),
      }),
    );
  }

  drills(): Promise<Answer> {
    return this.#parts.drills.list();
  }

  drill(id: string): Promise<Answer> {
    return this.#parts.drills.show(id);
  }

  startDrill(question: LiveQuestion, by: Operator): Promise<Answer> {
    return this.#parts.liveDrills.start(question, by);
  }

  stopDrill(by: Operator): Promise<Answer> {
    return this.#parts.liveDrills.stop(by);
  }

  async replayDrill(question: ReplayQuestion, by: Operator): Promise<Answer> {
    await this.#drain();
    return this.#parts.drills.replay(question, by);
  }

  keys(by: Operator): Promise<Answer> {
    return Promise.resolve(this.#parts.keys.list(by));
  }

  createKey(key: NewKey, by: Operator): Promise<Answer> {
    return this.#parts.keys.create(key, by);
  }

  rotateKey(name: string, by: Operator): Promise<Answer> {
    return this.#parts.keys.rotate(name, by);
  }

  revokeKey(name: string, by: Operator): Promise<Answer> {
    return this.#parts.keys.revoke(name, by);
  }

  async rotateControlKey(by: Operator): Promise<Answer> {
    const { controlKey, ledger, clock } = this.#parts;
    if (!isOwner(by))
      return failure({ code: 'operator_forbidden', message: 'Only an owner hands out the key of an owner.' });
    // Nothing of an operator changes that the audit does not tell of: without the database the key stays.
    await keepAudit(ledger.database, 'default', {
      actor: by.name,
      atMs: clock.nowMs(),
      action: 'operator.rotate',
      subject: controlName,
      detail: {},
    });
    return success({ name: controlName, key: controlKey.rotate() });
  }

  async verifyLedger(): Promise<Answer> {
    await this.#drain();
    const { ledger, balances, clock } = this.#parts;
    const windows = balances.cappedWindows(clock.nowMs());
    return success(toJson(await verifyLedger(ledger.database, ledger.spool.directory, windows)));
  }

  async settleBill(question: SettleQuestion, by: Operator): Promise<Answer> {
    if (!isOwner(by))
      return failure({ code: 'operator_forbidden', message: 'Only an owner changes what the ledger has booked.' });
    await this.#drain();
    const { ledger, clock, balances, paces } = this.#parts;
    const { database } = ledger;
    const nowMs = clock.nowMs();
    const organisations = await this.#organisations();
    try {
      return success(await settleBill(question, { database, organisations, ids: machineIds(), nowMs, by: by.name }));
    } finally {
      // Whatever was booked before one day failed.
      balances.corrected();
      paces.corrected();
    }
  }

  async ledgerAccounts(): Promise<Answer> {
    await this.#drain();
    const accounts = await ledgerAccounts(this.#parts.ledger.database);
    const sum = (pick: (account: LedgerAccount) => string): string =>
      accounts.reduce((total, account) => total + BigInt(pick(account)), 0n).toString();
    const totals = {
      debitNanoUsd: sum(({ debitNanoUsd }) => debitNanoUsd),
      creditNanoUsd: sum(({ creditNanoUsd }) => creditNanoUsd),
      balanceNanoUsd: sum(({ balanceNanoUsd }) => balanceNanoUsd),
    };
    return success(toJson({ accounts, totals }));
  }

  reload(force: boolean): Promise<Answer> {
    return this.#parts.reload(force);
  }

  setVendorFault(vendor: string, fault: Json): Promise<Answer> {
    return this.#setFault((sandbox) => sandbox.setVendorFault(vendor, fault));
  }

  setHostFault(host: string, fault: Json): Promise<Answer> {
    return this.#setFault((sandbox) => sandbox.setHostFault(host, fault));
  }

  async sandbox(vendor: string | null): Promise<Answer> {
    const { sandbox } = this.#parts;
    if (sandbox === null) return failure(noSandbox);
    const readings = await sandbox.readAll();
    if (vendor === null) return success(toJson({ vendors: readings }));
    const reading = readings.find((one) => one.vendor === vendor);
    return reading
      ? success(toJson(reading))
      : failure({ code: 'no_such_thing', message: `The sandbox has no vendor ${vendor}. ${namesIn(sandbox)}` });
  }

  submitJob(job: Json, by: Operator, idempotencyKey: string | null): Promise<Answer> {
    return this.#parts.jobs.desk.submit(job, by, idempotencyKey);
  }

  jobs(question: JobsQuestion): Promise<Answer> {
    return this.#parts.jobs.desk.list(question);
  }

  job(id: string): Promise<Answer> {
    return this.#parts.jobs.desk.show(id);
  }

  jobLogs(question: JobLogQuestion): Promise<Answer> {
    return this.#parts.jobs.desk.logs(question);
  }

  cancelJob(id: string, by: Operator): Promise<Answer> {
    return this.#parts.jobs.desk.cancel(id, by);
  }

  explainJob(id: string): Promise<Answer> {
    return this.#parts.jobs.desk.explain(id);
  }

  sites(): Promise<Answer> {
    return Promise.resolve(this.#parts.jobs.desk.sites());
  }

  importOffers(list: SentOffers, by: Operator): Promise<Answer> {
    return this.#parts.jobs.offers.import(list, by);
  }

  offers(accelerator: string | null): Promise<Answer> {
    return Promise.resolve(this.#parts.jobs.offers.shown(accelerator));
  }

  async setSiteFault(site: string, fault: SiteFault): Promise<Answer> {
    const { sandbox, jobs, configuration } = this.#parts;
    if (sandbox === null) return failure(noSandbox);
    const names = [...configuration().sites.keys()];
    if (!names.includes(site))
      return failure({
        code: 'no_such_thing',
        message: `The sandbox has no site ${site}. Its sites are ${listed(names)}.`,
      });
    await jobs.executor.setCondition(site, fault);
    return this.sandboxSites();
  }

  sandboxSites(): Promise<Answer> {
    const { sandbox, jobs, configuration } = this.#parts;
    if (sandbox === null) return Promise.resolve(failure(noSandbox));
    const sites = [...configuration().sites].map(([name, { vendor, host }]): Json => ({
      name,
      vendor,
      hosts: hostsOf(host),
      fault: jobs.executor.conditionOf(name),
    }));
    return Promise.resolve(success({ sites }));
  }

  async #setFault(set: (sandbox: Sandbox) => Promise<Result<unknown, CodedError>>): Promise<Answer> {
    const { sandbox } = this.#parts;
    if (sandbox === null) return failure(noSandbox);
    const done = await set(sandbox);
    if (done.ok) return this.sandbox(null);
    if (done.fault.code === 'sandbox_bad_fault')
      return failure({ code: 'bad_control_request', message: `${sentence(done.fault.message)}.` });
    return failure({ code: 'no_such_thing', message: `${sentence(done.fault.message)}. ${namesIn(sandbox)}` });
  }

  #drain(): Promise<void> {
    const { database, shipper } = this.#parts.ledger;
    const { absence } = database;
    // Nobody waits for what will not come.
    if (absence !== null)
      return Promise.reject(
        new CodedError('database_unavailable', storeErrors.database_unavailable, sentence(absence.message)),
      );
    return shipper.drain(AbortSignal.timeout(drainMs)).catch((error: unknown) => {
      if (error instanceof CodedError) throw error;
      throw new CodedError(
        'database_unavailable',
        storeErrors.database_unavailable,
        'The records are not in the database yet.',
      );
    });
  }

  #organisations(): Promise<readonly string[]> {
    return organisationsOf(this.#parts.ledger.database, this.#parts.configuration());
  }
}

/** What was booked and is no more true, and what made it so; null where that is not known now. */
const withCorrections = (known: object, corrections: readonly ToldCorrection[] | null): Json =>
  toJson(corrections?.length === 0 ? known : { ...known, corrections });

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const listed = (names: readonly string[]): string => [...new Set(names)].join(', ');

/** What there is to break. */
const namesIn = ({ vendors }: Sandbox): string =>
  `Its vendors are ${listed(vendors.map(({ name }) => name))}; its hosts are ${listed(vendors.map(({ host }) => host))}.`;

const noSandbox: ControlFault = {
  code: 'no_such_thing',
  message: 'There is no sandbox here: this server has a configuration of its own.',
};
