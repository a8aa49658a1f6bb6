import {
  grantOfKey,
  hashKey,
  isWithin,
  lookUp,
  makeKey,
  makeKeyTable,
  principalsOfKeys,
  type KeyTable,
  type Principal,
} from '../access/index.ts';
import {
  CodedError,
  errorMessage,
  failure,
  success,
  type Clock,
  type Log,
  type Result,
  startOfDayMs,
} from '../kernel/index.ts';
import type { Answer, ControlFault, Json, NewKey, Operator } from '../http/index.ts';
import { dateField, type Rates } from '../vocabulary/index.ts';
import { insertKey, listKeys, markOfKeys, replaceKey, revokeKey, type ApiKey, type Database } from '../store/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import {
  budgetJson,
  budgetsJson,
  modelsNamedBy,
  readStoredBudgets,
  storedBudgets,
  type HeldBudgets,
} from './keyBudgets.ts';
import { toJson } from './toJson.ts';

/** Characters of a key that are shown to tell keys apart. */
const hintCharacters = 16;

const budgetsOf = (stored: ApiKey['budget']): HeldBudgets => {
  const read = readStoredBudgets(stored);
  if (!read.ok) throw new Error(`a stored budget has an amount and a window: ${read.fault}`);
  return read.value;
};

const rate = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const ratesOf = (stored: ApiKey['limits']): Rates => ({
  rpm: rate(stored?.['rpm']),
  tpm: rate(stored?.['tpm']),
  inputTpm: rate(stored?.['inputTpm']),
  outputTpm: rate(stored?.['outputTpm']),
  streams: rate(stored?.['streams']),
});

const principalOf = (key: ApiKey, { teams }: ArchipelConfiguration): Principal => ({
  hash: key.hash,
  organisation: key.organisation,
  team: key.team,
  key: key.name,
  models: key.models,
  expiresAtMs: key.expiresAtMs,
  revokedAtMs: key.revokedAtMs,
  orphaned: teams.get(key.team)?.organisation !== key.organisation,
  ...budgetsOf(key.budget),
  limits: ratesOf(key.limits),
  managedBy: 'api',
  role: null,
  onlyTeams: null,
});

const stateOf = (table: KeyTable, { hash }: Principal, nowMs: number): string => {
  const found = lookUp(table, hash, nowMs);
  return found.ok ? 'active' : found.fault;
};

/** Whether a hard budget stands over all that is spent on any model. */
const isCapped = ({ budget, budgets }: Pick<HeldBudgets, 'budget' | 'budgets'>): boolean =>
  [...(budget === null ? [] : [budget]), ...budgets].some(({ hard, models }) => hard && models === null);

export interface KeyRegisterPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Told after each change, before it is answered. */
  readonly changed: () => Promise<void>;
  /** Keeps them for a start without the database; told before a change is answered. */
  readonly keep?: () => Promise<void>;
  /** Does something after a while; it never rejects. */
  readonly later: (act: () => Promise<void>) => void;
}

/** The keys of clients, of the file and of the database, as one table. */
export class KeyRegister {
  readonly #ports: KeyRegisterPorts;
  readonly #database: Database;
  readonly #clock: Clock;
  #configuration: ArchipelConfiguration;
  #stored: readonly ApiKey[] = [];
  #mark = '';
  #isKnown = false;
  /** One reading after the other: an older one never replaces a newer. */
  #turn: Promise<void> = Promise.resolve();
  #looksAgain = false;
  /** Whether the last look failed: a log says so once. */
  #isBehind = false;

  constructor(configuration: ArchipelConfiguration, ports: KeyRegisterPorts) {
    this.#ports = ports;
    this.#database = ports.database;
    this.#clock = ports.clock;
    this.#configuration = configuration;
  }

  /** Reads what the database has. */
  async load(): Promise<void> {
    this.#stored = await listKeys(this.#database);
    this.#mark = markOfKeys(this.#stored);
    this.#isKnown = true;
  }

  /** Takes what an earlier process read: the database is away. */
  restore(stored: readonly ApiKey[]): void {
    this.#stored = stored;
    this.#isKnown = true;
  }

  /** Whether the keys made over the API are known at all. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** What the database had when it was last read. */
  get stored(): readonly ApiKey[] {
    return this.#stored;
  }

  /**
   * The table under a configuration; a key of the file whose name or hash the database has too refuses the whole.
   * A key that was replaced, revoked, has expired or has no team any more stays known, so that its holder is told.
   */
  table(configuration: ArchipelConfiguration): Result<KeyTable, string> {
    const { file, live } = this.#principals(configuration);
    const made = makeKeyTable([...file, ...live]);
    if (!made.ok)
      return failure(
        `there are two keys of the ${made.fault.kind} ${made.fault.kind === 'name' ? made.fault.key : `of ${made.fault.key}`}, one of them made over the API`,
      );
    return success(this.#withReplaced(made.value, configuration));
  }

  /**
   * The table under the configuration in force, whatever other processes on the database have made: a key that clashes with one before it is refused
   * alone, so that it keeps no revocation from holding.
   */
  tableInForce(): KeyTable {
    const { file, live } = this.#principals(this.#configuration);
    const names = new Set(file.map(({ key }) => key));
    const table = new Map(file.map((principal) => [principal.hash, principal]));
    for (const principal of live) {
      if (names.has(principal.key) || table.has(principal.hash)) {
        this.#ports.log.error('a key made over the API is refused: there is one of its name or hash already', {
          key: principal.key,
        });
        continue;
      }
      names.add(principal.key);
      table.set(principal.hash, principal);
    }
    return this.#withReplaced(table, this.#configuration);
  }

  #principals(configuration: ArchipelConfiguration): Readonly<Record<'file' | 'live', readonly Principal[]>> {
    const { keys, teams, timeZone } = configuration;
    const live = this.#stored.filter(({ replacedBy }) => replacedBy === null);
    return {
      file: principalsOfKeys(keys, teams, timeZone),
      live: live.map((key) => principalOf(key, configuration)),
    };
  }

  #withReplaced(live: KeyTable, configuration: ArchipelConfiguration): KeyTable {
    const table = new Map(live);
    for (const key of this.#stored)
      if (key.replacedBy !== null && !table.has(key.hash)) table.set(key.hash, principalOf(key, configuration));
    return table;
  }

  /** The database's mark of the keys that are in force here; empty while what was read is not. */
  get mark(): string {
    return this.#isBehind ? '' : this.#mark;
  }

  /** From now on the file's keys are these. */
  use(configuration: ArchipelConfiguration): void {
    this.#configuration = configuration;
  }

  /** Keys of the teams that an operator reaches. */
  list(by: Operator): Answer {
    const nowMs = this.#clock.nowMs();
    const table = this.tableInForce();
    const replaced = new Set(this.#stored.filter(({ replacedBy }) => replacedBy !== null).map(({ hash }) => hash));
    const rows = [...table]
      .filter(([hash, { team }]) => !replaced.has(hash) && isWithin(grantOfKey(team), by))
      .map(([, principal]): Json => ({
        name: principal.key,
        organisation: principal.organisation,
        team: principal.team,
        models: toJson(principal.models),
        expires: principal.expiresAtMs === null ? null : new Date(principal.expiresAtMs).toISOString(),
        budget: budgetJson(principal.budget),
        budgets: budgetsJson(principal.budgets ?? []),
        endUserBudget: budgetJson(principal.endUserBudget ?? null),
        limits: toJson(principal.limits),
        state: stateOf(table, principal, nowMs),
        managedBy: principal.managedBy,
      }));
    return success({ keys: rows });
  }

  async create(wanted: NewKey, by: Operator): Promise<Answer> {
    const { teams, timeZone } = this.#configuration;
    if (!isWithin(grantOfKey(wanted.team), by)) return failure(beyondReach(by));
    const team = teams.get(wanted.team);
    if (team === undefined) {
      return failure({
        code: 'bad_control_request',
        message: `There is no team ${JSON.stringify(wanted.team)}; the teams are ${[...teams.keys()].join(', ') || 'none'}.`,
      });
    }
    const budget = storedBudgets(wanted);
    const read = readStoredBudgets(budget);
    if (!read.ok)
      return failure({ code: 'bad_control_request', message: `The budgets cannot be taken: ${read.fault}.` });
    const named = [...(wanted.models ?? []), ...modelsNamedBy(read.value)];
    const unknown = named.find((name) => !this.#configuration.models.has(name));
    if (unknown !== undefined)
      return failure({ code: 'bad_control_request', message: `There is no model ${JSON.stringify(unknown)}.` });
    if (wanted.expires !== null && !dateField.safeParse(wanted.expires).success)
      return failure({ code: 'bad_control_request', message: `${wanted.expires} is no day of the calendar.` });
    const written = this.#configuration.keys.find(({ name }) => name === wanted.name);
    if (written !== undefined && isWithin(grantOfKey(written.team), by)) return failure(byFile(wanted.name));
    // Names are told apart within an organisation by the database, but stand alone in tables and on the command line.
    if (written !== undefined || this.#stored.some(({ name }) => name === wanted.name))
      return failure(nameTaken(wanted.name));
    const key = makeKey((bytes) => crypto.getRandomValues(bytes));
    return this.#change(async () => {
      await insertKey(
        this.#database,
        {
          organisation: team.organisation,
          name: wanted.name,
          hash: hashKey(key),
          hint: key.slice(0, hintCharacters),
          team: wanted.team,
          models: wanted.models,
          expiresAtMs: wanted.expires === null ? null : startOfDayMs(wanted.expires, timeZone),
          budget,
          limits: { ...wanted.limits },
          createdAtMs: this.#clock.nowMs(),
        },
        { actor: by.name, atMs: this.#clock.nowMs() },
      );
      return { name: wanted.name, team: wanted.team, key, cappedBy: this.#cappedBy(wanted.team, read.value) };
    });
  }

  async rotate(name: string, by: Operator): Promise<Answer> {
    const old = await this.#findAnywhere(name, by);
    if (!old.ok) return old;
    const key = makeKey((bytes) => crypto.getRandomValues(bytes));
    const { organisation, team } = old.value;
    const budgets = budgetsOf(old.value.budget);
    return this.#change(async () => {
      await replaceKey(
        this.#database,
        { organisation, name, hash: hashKey(key), hint: key.slice(0, hintCharacters), graceMs: 0 },
        { actor: by.name, atMs: this.#clock.nowMs() },
      );
      return { name, team, key, cappedBy: this.#cappedBy(team, budgets) };
    });
  }

  async revoke(name: string, by: Operator): Promise<Answer> {
    const old = await this.#findAnywhere(name, by);
    if (!old.ok) return old;
    return this.#change(async () => {
      await revokeKey(this.#database, old.value.organisation, name, { actor: by.name, atMs: this.#clock.nowMs() });
      return { name };
    });
  }

  /** What another process has made a moment ago is there, too. */
  async #findAnywhere(name: string, by: Operator): Promise<Result<ApiKey, ControlFault>> {
    const found = this.#find(name, by);
    if (found.ok || found.fault.code !== 'no_such_thing') return found;
    await this.takeOver();
    return this.#find(name, by);
  }

  /** Whose hard budget stands over a key: where nobody's does, nothing limits what it can spend. */
  #cappedBy(team: string, key: HeldBudgets): readonly string[] {
    const { teams, organisations } = this.#configuration;
    const over = teams.get(team);
    const holders = { key, team: over, organisation: organisations.get(over?.organisation ?? '') };
    return Object.entries(holders).flatMap(([whose, holder]) =>
      holder !== undefined && isCapped(holder) ? [whose] : [],
    );
  }

  /** A key of a team that the operator does not reach is told like one that is not there. */
  #find(name: string, by: Operator): Result<ApiKey, ControlFault> {
    const isReached = ({ team }: { readonly team: string }): boolean => isWithin(grantOfKey(team), by);
    if (this.#configuration.keys.some((key) => key.name === name && isReached(key))) return failure(byFile(name));
    const key = this.#stored.find((stored) => stored.name === name && stored.replacedBy === null && isReached(stored));
    return key ? success(key) : failure({ code: 'no_such_thing', message: `There is no key ${JSON.stringify(name)}.` });
  }

  async #change(act: () => Promise<Json>): Promise<Answer> {
    let answer: Json;
    try {
      answer = await act();
    } catch (error) {
      const fault = error instanceof CodedError ? faultOf(error) : null;
      if (fault !== null) return failure(fault);
      // A connection that broke during the commit does not tell whether it held.
      this.#lookAgain();
      throw error;
    }
    await this.takeOver();
    return success(answer);
  }

  /** Brings what the database has into force. Never rejects: what cannot be done now is tried again. */
  takeOver(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#takeOverNow());
    return this.#turn;
  }

  /** What the database holds is so, whatever keeps it from being in force here: that is tried again, and is no reason to call the change failed. */
  async #takeOverNow(): Promise<void> {
    try {
      await this.load();
      await this.#ports.changed();
      await this.#ports.keep?.();
      if (this.#isBehind) this.#ports.log.info('the keys of the database are in force again');
      this.#isBehind = false;
    } catch (error) {
      const message = errorMessage(error);
      if (!this.#isBehind)
        this.#ports.log.error('changed keys are not in force here yet; this is tried again', { message });
      this.#isBehind = true;
      this.#lookAgain();
    }
  }

  #lookAgain(): void {
    if (this.#looksAgain) return;
    this.#looksAgain = true;
    this.#ports.later(() => {
      this.#looksAgain = false;
      return this.takeOver();
    });
  }
}

/** What the database refused for a reason of its own; null where it did not come to that. */
const faultOf = ({ code, message }: CodedError): ControlFault | null => {
  if (code === 'key_name_taken') return { code: 'name_taken', message };
  return code === 'key_unknown' ? { code: 'no_such_thing', message } : null;
};

const beyondReach = ({ teams }: Operator): ControlFault => ({
  code: 'operator_forbidden',
  message: `This admin key makes keys for no other teams than ${[...(teams ?? [])].join(', ') || 'none'}.`,
});

const byFile = (name: string): ControlFault => ({
  code: 'managed_by_file',
  message: `The key ${JSON.stringify(name)} stands in the configuration file.`,
});

const nameTaken = (name: string): ControlFault => ({
  code: 'name_taken',
  message: `There is already a key named ${JSON.stringify(name)}; the name of a revoked key stays taken.`,
});
