import { entriesOfAdminKeys, makeKeyTable, type KeyTable } from '../access/index.ts';
import type { Deployment, Snapshot } from '../gateway/index.ts';
import type { Answer } from '../http/index.ts';
import { failure, success, type Clock, type Log } from '../kernel/index.ts';
import type { PriceBook } from '../market/index.ts';
import type { ServingJob } from '../placement/index.ts';
import type { Health } from '../router/index.ts';
import type { Balances } from './Balances.ts';
import { buildSnapshot } from './buildSnapshot.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { appError } from './errors.ts';
import type { KeyRegister } from './KeyRegister.ts';
import { secretReferencesOf, type LoadedConfiguration } from './loadConfiguration.ts';
import { faultLines, type Prepared } from './prepare.ts';

export interface ServingParts {
  readonly prepared: Prepared;
  readonly keys: KeyRegister;
  readonly balances: Balances;
  readonly health: Health;
  readonly book: PriceBook;
  /** Servers of jobs that requests may go to now. */
  readonly served: () => readonly ServingJob[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Settings that are read once: a reload that changes them says so. */
const startOnly = (configuration: ArchipelConfiguration): string =>
  JSON.stringify([configuration.listen, configuration.admin.listen, configuration.dataDir, configuration.store]);

/** The configuration in force and what was built from it. It is swapped whole, or stays as it was. */
export class ServingState {
  readonly #parts: ServingParts;
  #loaded: LoadedConfiguration;
  #snapshot: Snapshot;
  #adminKeys: KeyTable;
  /** One change after the other: what is built from one configuration never meets the keys of another. */
  #turn: Promise<unknown> = Promise.resolve();
  #listener: () => void = () => {};

  private constructor(parts: ServingParts, loaded: LoadedConfiguration, snapshot: Snapshot, adminKeys: KeyTable) {
    this.#parts = parts;
    this.#loaded = loaded;
    this.#snapshot = snapshot;
    this.#adminKeys = adminKeys;
  }

  /** @throws CodedError `configuration_faulty` when a key of the file clashes with one made over the API. */
  static async open(parts: ServingParts): Promise<ServingState> {
    const { loaded } = parts.prepared;
    const built = await build(parts, loaded);
    if (!built.ok) throw appError('configuration_faulty', built.fault);
    return new ServingState(parts, loaded, built.value.snapshot, built.value.adminKeys);
  }

  get configuration(): ArchipelConfiguration {
    return this.#loaded.configuration;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get adminKeys(): KeyTable {
    return this.#adminKeys;
  }

  /** Tells after each change of what is in force. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** Builds anew from the configuration in force: the keys have changed, or the servers of jobs. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#refresh());
  }

  /** Takes the file anew. With any fault nothing changes. @throws CodedError `database_unavailable` */
  reload(): Promise<Answer> {
    return this.#inTurn(() => this.#reload());
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #refresh(): Promise<void> {
    const built = await build(this.#parts, this.#loaded);
    if (built.ok) this.#swap(this.#loaded, built.value);
    else this.#parts.log.error('keys were not taken over', { message: built.fault });
  }

  async #reload(): Promise<Answer> {
    const { prepared, log } = this.#parts;
    const loaded = await prepared.load();
    if (!loaded.ok) return this.#keep(faultLines(loaded.fault));
    const { hash } = loaded.value;
    if (hash === this.#loaded.hash && sameSecrets(loaded.value, this.#loaded)) return success({ hash, changed: false });
    const built = await build(this.#parts, loaded.value);
    if (!built.ok) return this.#keep(built.fault);
    if (startOnly(loaded.value.configuration) !== startOnly(this.#loaded.configuration)) {
      log.warn('listen, admin.listen, dataDir and store take effect at the next start');
    }
    this.#swap(loaded.value, built.value);
    log.info('configuration in force', { hash });
    return success({ hash, changed: true });
  }

  #keep(message: string): Answer {
    this.#parts.log.error('configuration refused, the last one stays in force', { message });
    return failure({ code: 'configuration_invalid', message });
  }

  #swap(loaded: LoadedConfiguration, built: Built): void {
    const { keys, health } = this.#parts;
    const before = new Map(deploymentsOf(this.#snapshot).map(({ credential, apiKey }) => [credential, apiKey]));
    keys.use(loaded.configuration);
    this.#loaded = loaded;
    this.#snapshot = built.snapshot;
    this.#adminKeys = built.adminKeys;
    const deployments = deploymentsOf(built.snapshot);
    health.retain(deployments);
    for (const { credential, apiKey } of deployments) {
      if (before.get(credential)?.reveal() !== apiKey?.reveal()) health.credentialChanged(credential);
    }
    this.#listener();
  }

  /** Files that secrets are read from: a change of one is a change of the configuration. */
  get secretFiles(): readonly string[] {
    return secretReferencesOf(this.#loaded.configuration).flatMap(({ reference }) =>
      reference.kind === 'file' ? [reference.path] : [],
    );
  }
}

const deploymentsOf = (snapshot: Snapshot): readonly Deployment[] =>
  [...snapshot.models.values()].flatMap(({ deployments }) => deployments);

const sameSecrets = (one: LoadedConfiguration, other: LoadedConfiguration): boolean =>
  one.secrets.size === other.secrets.size &&
  [...one.secrets].every(([reference, secret]) => other.secrets.get(reference)?.reveal() === secret.reveal());

interface Built {
  readonly snapshot: Snapshot;
  readonly adminKeys: KeyTable;
}

const build = async (
  { prepared, keys, balances, book, served, clock }: ServingParts,
  { configuration, secrets }: LoadedConfiguration,
): Promise<{ readonly ok: true; readonly value: Built } | { readonly ok: false; readonly fault: string }> => {
  const table = keys.table(configuration);
  if (!table.ok) return table;
  const adminKeys = makeKeyTable(entriesOfAdminKeys(configuration.admin.keys));
  if (!adminKeys.ok) return failure(`two admin keys have the same ${adminKeys.fault.kind}`);
  const nowMs = clock.nowMs();
  const sandbox = prepared.source.kind === 'sandbox';
  const snapshot = buildSnapshot({ configuration, secrets, keys: table.value, book, nowMs, sandbox, served: served() });
  // The last thing that can fail, and it fails whole.
  await balances.configure(configuration, table.value, nowMs);
  return success({ snapshot, adminKeys: adminKeys.value });
};
