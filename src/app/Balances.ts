import { budgetScopesOf } from '../gateway/index.ts';
import { assert, parseNanoUsd, zeroUsd, type NanoUsd } from '../kernel/index.ts';
import { Budgets, calendarWindow, Shares, type BudgetScope, type ShareRecord } from '../ledger/index.ts';
import { attemptTotals, type AttemptTotal, type Database } from '../store/index.ts';
import type { KeyTable } from '../access/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { organisationsNamed, organisationsOf } from './organisationsOf.ts';

type Budget = NonNullable<ArchipelConfiguration['keys'][number]['budget']>;

/** What a budget's scope is counted by in the ledger. */
interface ScopeSource {
  readonly scope: BudgetScope;
  /** Null: by all that its organisation spends. */
  readonly by: 'key' | 'team' | null;
  readonly name: string;
  readonly organisation: string;
}

/** Window in which shares are counted. */
type Counted = ConstructorParameters<typeof Shares>[0];

const countedOf = ({ policy, timeZone }: ArchipelConfiguration): Counted => ({
  window: policy.concentration.window,
  timeZone,
});

const sameWindow = (one: Counted, other: Counted): boolean =>
  one.window === other.window && one.timeZone === other.timeZone;

/** Balances of budgets and shares: in memory while requests run, read from the ledger at the start and for what a reload adds. */
export class Balances {
  readonly budgets = new Budgets();
  readonly shares: Shares;
  readonly #database: Database;
  #scopes: ReadonlyMap<string, BudgetScope> = new Map();
  #counted: Counted;
  /** Organisations whose part of the shares has been read. */
  #organisations: ReadonlySet<string> = new Set();

  constructor(database: Database, configuration: ArchipelConfiguration) {
    this.#database = database;
    this.#counted = countedOf(configuration);
    this.shares = new Shares(this.#counted);
  }

  /**
   * Takes the budgets of a configuration and of all keys, and the window of its caps; what is new begins with what the ledger has of its window.
   * All is read before anything is changed: where the ledger does not answer, everything stays as it was.
   * @throws CodedError `database_unavailable`
   */
  async configure(configuration: ArchipelConfiguration, keys: KeyTable, nowMs: number): Promise<void> {
    const sources = scopeSources(configuration, keys);
    const counted = countedOf(configuration);
    const isRecounted = !sameWindow(counted, this.#counted);
    const isFirst = this.#organisations.size === 0;
    const wanted =
      isFirst || isRecounted ? await organisationsOf(this.#database, configuration) : organisationsNamed(configuration);
    const spent = await this.#spentIn(
      sources.filter(({ scope }) => this.#isFresh(scope)),
      nowMs,
    );
    const shares = await this.#sharesIn(
      counted,
      wanted.filter((organisation) => isRecounted || !this.#organisations.has(organisation)),
      nowMs,
    );
    // No request runs between here and the end: there is nothing to wait for.
    this.#scopes = new Map(sources.map(({ scope }) => [scope.id, scope]));
    const fresh = this.budgets.configure(this.#scopes.values());
    assert(
      fresh.length === spent.size && fresh.every((id) => spent.has(id)),
      'exactly the budgets without a balance were read',
    );
    for (const [id, amount] of spent) this.budgets.load(id, nowMs, amount);
    this.shares.configure(counted);
    this.shares.load(shares);
    this.#counted = counted;
    this.#organisations = new Set(isRecounted ? wanted : [...this.#organisations, ...wanted]);
  }

  #isFresh(scope: BudgetScope): boolean {
    const known = this.#scopes.get(scope.id);
    return known === undefined || !sameWindow(known, scope);
  }

  /** What the running windows of these budgets have spent. One question for all budgets of one kind and window. */
  async #spentIn(sources: readonly ScopeSource[], nowMs: number): Promise<ReadonlyMap<string, NanoUsd>> {
    const answers = new Map<string, ReadonlyMap<string, NanoUsd>>();
    const spent = new Map<string, NanoUsd>();
    for (const { scope, by, name, organisation } of sources) {
      const { fromMs } = calendarWindow(scope.window, nowMs, scope.timeZone);
      const question = JSON.stringify([organisation, fromMs, by]);
      const charges = answers.get(question) ?? (await this.#chargesSince(organisation, fromMs, by));
      answers.set(question, charges);
      spent.set(scope.id, charges.get(name) ?? zeroUsd);
    }
    return spent;
  }

  /** What was charged since a moment, by the name of a budget's holder. */
  async #chargesSince(
    organisation: string,
    fromMs: number,
    by: ScopeSource['by'],
  ): Promise<ReadonlyMap<string, NanoUsd>> {
    const keys = by === null ? [] : [by];
    const totals = await attemptTotals(this.#database, { organisation, fromMs, keys });
    return new Map(
      totals.map(({ group, chargeNanoUsd }) => [
        by === null ? organisation : (group[by] ?? ''),
        parseNanoUsd(chargeNanoUsd),
      ]),
    );
  }

  /** The running window's spend of these organisations, as shares count it. */
  async #sharesIn(counted: Counted, organisations: readonly string[], nowMs: number): Promise<readonly ShareRecord[]> {
    const { fromMs } = calendarWindow(counted.window, nowMs, counted.timeZone);
    const keys = ['vendor', 'hosts', 'jurisdiction', 'lab'] as const;
    const records: ShareRecord[] = [];
    for (const organisation of organisations) {
      const totals = await attemptTotals(this.#database, { organisation, fromMs, keys });
      records.push(...totals.map((total) => shareRecord(total, nowMs)));
    }
    return records;
  }
}

const shareRecord = ({ group, amountNanoUsd }: AttemptTotal, nowMs: number): ShareRecord => ({
  vendor: group.vendor ?? '',
  hosts: readHosts(group.hosts ?? null),
  jurisdiction: group.jurisdiction ?? null,
  lab: group.lab ?? null,
  amountNanoUsd,
  startedAtMs: nowMs,
});

const readHosts = (text: string | null): Readonly<Record<string, number>> => {
  const parsed: unknown = text === null ? {} : JSON.parse(text);
  const hosts: Record<string, number> = {};
  for (const [name, share] of Object.entries(parsed ?? {})) if (typeof share === 'number') hosts[name] = share;
  return hosts;
};

const scopeOf = (id: string, budget: Budget, timeZone: string): BudgetScope => ({
  id,
  capNanoUsd: budget.usd,
  window: budget.window,
  hard: budget.hard,
  timeZone,
});

/** Every budget there is, under the names that requests draw on. */
const scopeSources = (configuration: ArchipelConfiguration, keys: KeyTable): readonly ScopeSource[] => {
  const { timeZone, teams, organisations } = configuration;
  const sources = new Map<string, ScopeSource>();
  const add = (
    who: { readonly key?: string; readonly team?: string; readonly organisation: string },
    by: ScopeSource['by'],
    budget: Budget | null,
  ): void => {
    if (budget === null) return;
    const [keyId = '', teamId = '', organisationId = ''] = budgetScopesOf({ key: '', team: '', ...who });
    const id = by === 'key' ? keyId : by === 'team' ? teamId : organisationId;
    // A key and the one that took its name over have one budget between them; the live one comes first.
    if (sources.has(id)) return;
    const name = (by === 'key' ? who.key : by === 'team' ? who.team : who.organisation) ?? '';
    sources.set(id, { scope: scopeOf(id, budget, timeZone), by, name, organisation: who.organisation });
  };
  for (const [organisation, { budget }] of organisations) add({ organisation }, null, budget);
  for (const [team, { organisation, budget }] of teams) add({ organisation, team }, 'team', budget);
  for (const { key, team, organisation, budget } of keys.values()) add({ organisation, team, key }, 'key', budget);
  return [...sources.values()];
};
