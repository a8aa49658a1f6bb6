import { makeKeyTable, operatorPrincipal, type KeyTable } from '../access/index.ts';
import { deploymentsOf, type Snapshot } from '../gateway/index.ts';
import type { Answer } from '../http/index.ts';
import { CodedError, errorMessage, failure, success, type Clock, type Log, type Result } from '../kernel/index.ts';
import type { PriceBook } from '../market/index.ts';
import { isSameCredential } from '../providers/index.ts';
import type { Health, LatencyEstimate } from '../router/index.ts';
import { targetName } from '../vocabulary/index.ts';
import type { Balances } from './Balances.ts';
import { buildSnapshot } from './buildSnapshot.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { appError } from './errors.ts';
import type { ServedEndpoint } from './jobs/servedDeployment.ts';
import { bookWith } from './knownThings.ts';
import type { KeyRegister } from './KeyRegister.ts';
import { secretReferencesOf, type LoadedConfiguration } from './loadConfiguration.ts';
import { faultLines, type Prepared } from './prepare.ts';
import { shrinkage } from './shrinkage.ts';

export interface ServingParts {
  readonly prepared: Prepared;
  readonly keys: KeyRegister;
  readonly balances: Balances;
  readonly health: Health;
  readonly latencies: LatencyEstimate;
  readonly book: PriceBook;
  /** Servers of jobs that requests may go to now. */
  readonly served: () => readonly ServedEndpoint[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Why the configuration that stands in the file now is not the one in force. */
export interface RefusedConfiguration {
  readonly code: string;
  readonly message: string;
  /** Unix milliseconds. */
  readonly atMs: number;
}

/** Settings that are read once: a reload that changes them says so. */
const startOnly = ({ listen, admin, dataDir, store }: ArchipelConfiguration): string =>
  JSON.stringify([listen.host, listen.port, admin.listen.host, admin.listen.port, dataDir, store]);

/** The configuration in force and what was built from it. It is swapped whole, or stays as it was. */
export class ServingState {
  readonly #parts: ServingParts;
  #loaded: LoadedConfiguration;
  #snapshot: Snapshot;
  #adminKeys: KeyTable;
  /** One change after the other: what is built from one configuration never meets the keys of another. */
  #turn: Promise<unknown> = Promise.resolve();
  #listener: () => void = () => {};
  #refused: RefusedConfiguration | null = null;

  private constructor(parts: ServingParts, loaded: LoadedConfiguration, snapshot: Snapshot, adminKeys: KeyTable) {
    this.#parts = parts;
    this.#loaded = loaded;
    this.#snapshot = snapshot;
    this.#adminKeys = adminKeys;
  }

  /** @throws CodedError `configuration_faulty` when a key of the file clashes with one made over the API. */
  static async open(parts: ServingParts): Promise<ServingState> {
    const { loaded } = parts.prepared;
    const built = buildWhole(parts, loaded);
    if (!built.ok) throw appError('configuration_faulty', built.fault);
    await configureBalances(parts, loaded, built.value);
    return new ServingState(parts, loaded, built.value.snapshot, built.value.adminKeys);
  }

  get configuration(): ArchipelConfiguration {
    return this.#loaded.configuration;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Prices of the lists of the configuration, and those that the program ships with. */
  get book(): PriceBook {
    return bookWith(this.#parts.book, this.#loaded.prices);
  }

  get adminKeys(): KeyTable {
    return this.#adminKeys;
  }

  /** SHA-256 of the file in force, in hexadecimal. */
  get hash(): string {
    return this.#loaded.hash;
  }

  /** Null where the file is in force, as far as it was looked at. */
  get refused(): RefusedConfiguration | null {
    return this.#refused;
  }

  /** Tells after each change of what is in force. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** Builds anew from the configuration in force: the keys have changed, or the servers of jobs. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#refresh());
  }

  /**
   * Takes the file anew. With any fault nothing changes, nor where it takes most of what serves away and nobody said that it is meant.
   * @throws CodedError `database_unavailable`
   */
  reload(force = false): Promise<Answer> {
    return this.#inTurn(async () => {
      try {
        return await this.#reload(force);
      } catch (error) {
        const code = error instanceof CodedError ? error.code : 'internal_error';
        this.#refuse(code, errorMessage(error));
        throw error;
      }
    });
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #refresh(): Promise<void> {
    const built = build(this.#parts, this.#loaded, this.#parts.keys.tableInForce());
    if (!built.ok) return this.#parts.log.error('keys were not taken over', { message: built.fault });
    await configureBalances(this.#parts, this.#loaded, built.value);
    this.#swap(this.#loaded, built.value);
  }

  async #reload(force: boolean): Promise<Answer> {
    const { prepared, log } = this.#parts;
    const read = await prepared.load();
    if (!read.ok) return this.#keep('configuration_invalid', faultLines(read.fault));
    const loaded = read.value;
    const { hash } = loaded;
    if (hash === this.#loaded.hash && sameSecrets(loaded, this.#loaded) && samePrices(loaded, this.#loaded)) {
      this.#refused = null;
      return success({ hash, changed: false });
    }
    const built = buildWhole(this.#parts, loaded);
    if (!built.ok) return this.#keep('configuration_invalid', built.fault);
    const { configuration } = loaded;
    const shrinks = shrinkage(
      { configuration: this.#loaded.configuration, keys: this.#snapshot.keys },
      { configuration, keys: built.value.keys },
    );
    if (shrinks !== null && !force) return this.#keep('configuration_shrinks', shrinks);
    await configureBalances(this.#parts, loaded, built.value);
    if (startOnly(configuration) !== startOnly(this.#loaded.configuration)) {
      log.warn('host and port of listen and admin.listen, dataDir and store take effect at the next start');
    }
    this.#swap(loaded, built.value);
    this.#refused = null;
    log.info('configuration in force', { hash, ...(shrinks === null ? {} : { forced: shrinks }) });
    return success({ hash, changed: true });
  }

  #keep(code: 'configuration_invalid' | 'configuration_shrinks', message: string): Answer {
    this.#parts.log.error('configuration refused, the last one stays in force', { code, message });
    this.#refuse(code, message);
    return failure({ code, message });
  }

  #refuse(code: string, message: string): void {
    this.#refused = { code, message, atMs: this.#parts.clock.nowMs() };
  }

  #swap(loaded: LoadedConfiguration, built: Built): void {
    const { keys, health, latencies } = this.#parts;
    const before = new Map(deploymentsOf(this.#snapshot).map(({ credential, authorizer }) => [credential, authorizer]));
    keys.use(loaded.configuration);
    this.#loaded = loaded;
    this.#snapshot = built.snapshot;
    this.#adminKeys = built.adminKeys;
    const deployments = deploymentsOf(built.snapshot);
    health.retain(deployments);
    latencies.retain(new Set(deployments.map(({ target }) => targetName(target))), built.snapshot.models);
    for (const { credential, authorizer } of deployments) {
      if (!isSameCredential(before.get(credential) ?? null, authorizer)) health.credentialChanged(credential);
    }
    this.#listener();
  }

  /** Files beside the configuration's own, of secrets and of prices: a change of one is a change of the configuration. */
  get filesBeside(): readonly string[] {
    const lists = this.#loaded.configuration.prices.map(({ file }) => file);
    const secrets = secretReferencesOf(this.#loaded.configuration).flatMap(({ reference }) =>
      reference.kind === 'file' ? [reference.path] : [],
    );
    return [...lists, ...secrets];
  }
}

const samePrices = ({ prices: one }: LoadedConfiguration, { prices: other }: LoadedConfiguration): boolean =>
  one.lists.length === other.lists.length && one.lists.every(({ text }, index) => text === other.lists[index]?.text);

const sameSecrets = (one: LoadedConfiguration, other: LoadedConfiguration): boolean =>
  one.secrets.size === other.secrets.size &&
  [...one.secrets].every(([reference, secret]) => other.secrets.get(reference)?.reveal() === secret.reveal());

interface Built {
  readonly keys: KeyTable;
  readonly snapshot: Snapshot;
  readonly adminKeys: KeyTable;
}

/** Changes nothing. @returns the fault where a key of the file clashes with one made over the API. */
const buildWhole = (parts: ServingParts, loaded: LoadedConfiguration): Result<Built, string> => {
  const table = parts.keys.table(loaded.configuration);
  return table.ok ? build(parts, loaded, table.value) : table;
};

const build = (
  { prepared, keys: register, book, served, clock }: ServingParts,
  { configuration, secrets, prices }: LoadedConfiguration,
  keys: KeyTable,
): Result<Built, string> => {
  const adminKeys = makeKeyTable(configuration.admin.keys.map(operatorPrincipal));
  if (!adminKeys.ok) return failure(`two admin keys have the same ${adminKeys.fault.kind}`);
  const nowMs = clock.nowMs();
  const sandbox = prepared.source.kind === 'sandbox';
  const snapshot = buildSnapshot({
    configuration,
    secrets,
    keys,
    book: bookWith(book, prices),
    nowMs,
    sandbox,
    areKeysKnown: register.isKnown,
    served: served(),
  });
  return success({ keys, snapshot, adminKeys: adminKeys.value });
};

/** The last thing that can fail, and it fails whole. @throws CodedError `database_unavailable` */
const configureBalances = (
  { balances, clock }: ServingParts,
  { configuration }: LoadedConfiguration,
  { keys }: Built,
): Promise<void> => balances.configure(configuration, keys, clock.nowMs());
