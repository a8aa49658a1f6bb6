import { authenticate, hashKey, rightsOf, type KeyTable, type Rights } from '../access/index.ts';
import type { Snapshot } from '../gateway/index.ts';
import type {
  Answer,
  ControlFault,
  ControlPlane,
  JobLogQuestion,
  JobsQuestion,
  Json,
  NewKey,
  Operator,
  Readiness,
  SentOffers,
  SiteFault,
  UsageQuestion,
} from '../http/index.ts';
import { failure, success, type Clock, CodedError, type Result } from '../kernel/index.ts';
import type { Shares } from '../ledger/index.ts';
import type { Sandbox } from '../sandbox/index.ts';
import { requestById, storeErrors, verifyLedger } from '../store/index.ts';
import { hostsOf } from '../vocabulary/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { contractsOf } from './contractsOf.ts';
import { contractStandings } from './contractStandings.ts';
import { dependencyReport } from './dependencyReport.ts';
import type { OpenJobs } from './jobs/openJobs.ts';
import type { KeyRegister } from './KeyRegister.ts';
import type { OpenLedger } from './openLedger.ts';
import { organisationsOf } from './organisationsOf.ts';
import { readinessOf } from './readinessOf.ts';
import { demoKey } from './sandboxConfiguration.ts';
import { toJson } from './toJson.ts';
import { usageReport } from './usageReport.ts';

/** How long an answer that must be fresh waits for the spool. */
const drainMs = 10_000;

/** What the demo key may do on the control plane: break the sandbox, nothing else. */
const demoRights: Rights = new Set(['sandbox:write']);

export interface ControlParts {
  readonly ledger: OpenLedger;
  readonly keys: KeyRegister;
  readonly shares: Shares;
  readonly jobs: OpenJobs;
  readonly clock: Clock;
  readonly version: string;
  readonly startedAtMs: number;
  /** Key of the control file, beside the file's own. */
  readonly adminKey: string;
  readonly adminKeys: () => KeyTable;
  readonly configuration: () => ArchipelConfiguration;
  readonly snapshot: () => Snapshot;
  readonly configurationFile: string | null;
  readonly sandbox: Sandbox | null;
  readonly metricsText: () => string;
  readonly reload: () => Promise<Answer>;
  /** Whether clients' requests are refused because the server is about to end. */
  readonly draining: () => boolean;
}

/** What operators may ask, answered from the running program and its ledger. */
export class Control implements ControlPlane {
  readonly #parts: ControlParts;
  readonly #adminKeyHash: string;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.#adminKeyHash = hashKey(parts.adminKey);
  }

  operatorOf(credential: string): Operator | null {
    const { adminKeys, clock, sandbox } = this.#parts;
    if (hashKey(credential) === this.#adminKeyHash) return { name: 'control', rights: rightsOf('owner') };
    const found = authenticate(adminKeys(), credential, clock.nowMs());
    if (found.ok) return { name: found.value.key, rights: rightsOf(found.value.role) };
    return sandbox !== null && credential === demoKey ? { name: 'demo', rights: demoRights } : null;
  }

  readiness(): Promise<Readiness> {
    const { ledger, draining } = this.#parts;
    const spool = ledger.spool.refusal();
    return Promise.resolve(readinessOf({ draining: draining(), spool, shipping: ledger.shipper.failure() }));
  }

  metricsText(): string {
    return this.#parts.metricsText();
  }

  status(): Promise<Answer> {
    const { clock, version, startedAtMs, configurationFile, sandbox, ledger } = this.#parts;
    const configuration = this.#parts.configuration();
    return Promise.resolve(
      success(
        toJson({
          version,
          pid: process.pid,
          upMs: clock.nowMs() - startedAtMs,
          configurationFile,
          sandbox: sandbox !== null,
          models: [...configuration.models.keys()],
          providers: configuration.providers.map(({ name }) => name),
          spoolBacklogRecords: ledger.spool.appendedSequence - ledger.spool.shipped.sequence,
        }),
      ),
    );
  }

  async request(id: string): Promise<Answer> {
    const recent = this.#parts.ledger.spool.recent(id);
    if (recent?.request && recent.request.attemptIds.length === recent.attempts.length) return success(toJson(recent));
    for (const organisation of await this.#organisations()) {
      const stored = await requestById(this.#parts.ledger.database, organisation, id);
      if (stored) return success(toJson(stored));
    }
    // Still under way, or partly forgotten: better what is known than nothing.
    if (recent) return success(toJson(recent));
    return failure({ code: 'no_such_thing', message: `There is no request ${id}.` });
  }

  async usage(question: UsageQuestion): Promise<Answer> {
    if (question.fresh) await this.#drain();
    return success(await usageReport(this.#parts.ledger.database, await this.#organisations(), question));
  }

  dependency(): Promise<Answer> {
    const { shares, clock, snapshot, configuration } = this.#parts;
    const sites = [...configuration().sites.values()].map(({ vendor, host, jurisdiction }) => ({
      vendor,
      hosts: hostsOf(host),
      jurisdiction,
      lab: null,
    }));
    return Promise.resolve(success(dependencyReport(shares.snapshot(clock.nowMs()), snapshot(), sites)));
  }

  async contracts(): Promise<Answer> {
    await this.#drain();
    const contracts = contractsOf(this.#parts.configuration());
    const nowMs = this.#parts.clock.nowMs();
    const organisations = await this.#organisations();
    return success(await contractStandings(this.#parts.ledger.database, organisations, contracts, nowMs));
  }

  keys(): Promise<Answer> {
    return Promise.resolve(this.#parts.keys.list());
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

  async verifyLedger(): Promise<Answer> {
    await this.#drain();
    const { database, spool } = this.#parts.ledger;
    return success(toJson(await verifyLedger(database, spool.directory)));
  }

  reload(): Promise<Answer> {
    return this.#parts.reload();
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
    return this.#parts.ledger.shipper.drain(AbortSignal.timeout(drainMs)).catch((error: unknown) => {
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

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const listed = (names: readonly string[]): string => [...new Set(names)].join(', ');

/** What there is to break. */
const namesIn = ({ vendors }: Sandbox): string =>
  `Its vendors are ${listed(vendors.map(({ name }) => name))}; its hosts are ${listed(vendors.map(({ host }) => host))}.`;

const noSandbox: ControlFault = {
  code: 'no_such_thing',
  message: 'There is no sandbox here: this server has a configuration of its own.',
};
