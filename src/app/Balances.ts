import { budgetScopesOf } from '../gateway/index.ts';
import { nanoUsd, zeroUsd } from '../kernel/index.ts';
import { Budgets, calendarWindow, Shares, type BudgetScope, type ShareRecord } from '../ledger/index.ts';
import { attemptTotals, type AttemptTotal, type Database, type TotalDimension } from '../store/index.ts';
import type { KeyTable } from '../access/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';

type Budget = NonNullable<ArchipelConfiguration['keys'][number]['budget']>;

/** What a budget's scope is counted by in the ledger. */
interface ScopeSource {
  readonly scope: BudgetScope;
  readonly by: TotalDimension | null;
  readonly name: string;
  readonly organisation: string;
}

/** Balances of budgets and shares: in memory while requests run, read from the ledger at the start and for what a reload adds. */
export class Balances {
  readonly budgets = new Budgets();
  readonly shares: Shares;
  readonly #database: Database;

  constructor(database: Database, counted: { readonly window: BudgetScope['window']; readonly timeZone: string }) {
    this.#database = database;
    this.shares = new Shares(counted);
  }

  /** Takes the budgets of a configuration and of all keys; new ones begin with what the ledger has of their window. */
  async configure(configuration: ArchipelConfiguration, keys: KeyTable, nowMs: number): Promise<void> {
    const sources = scopeSources(configuration, keys);
    const fresh = new Set(this.budgets.configure(sources.map(({ scope }) => scope)));
    for (const source of sources) if (fresh.has(source.scope.id)) await this.#load(source, nowMs);
  }

  /** Reads the running window's shares from the ledger. Once, before the first request. */
  async loadShares(organisations: Iterable<string>, nowMs: number): Promise<void> {
    const { fromMs } = this.shares.snapshot(nowMs);
    const keys = ['vendor', 'hosts', 'jurisdiction', 'lab'] as const;
    for (const organisation of organisations) {
      const totals = await attemptTotals(this.#database, { organisation, fromMs, keys });
      this.shares.load(totals.map((total) => shareRecord(total, fromMs)));
    }
  }

  async #load({ scope, by, name, organisation }: ScopeSource, nowMs: number): Promise<void> {
    const { fromMs } = calendarWindow(scope.window, nowMs, scope.timeZone);
    const totals = await attemptTotals(this.#database, {
      organisation,
      fromMs: Number.isFinite(fromMs) ? fromMs : 0,
      keys: by === null ? [] : [by],
    });
    const spent = totals
      .filter(({ group }) => by === null || group[by] === name)
      .reduce((sum, total) => nanoUsd(sum + BigInt(total.chargeNanoUsd)), zeroUsd);
    this.budgets.load(scope.id, nowMs, spent);
  }
}

const shareRecord = ({ group, amountNanoUsd }: AttemptTotal, fromMs: number): ShareRecord => ({
  vendor: group.vendor ?? '',
  hosts: readHosts(group.hosts ?? null),
  jurisdiction: group.jurisdiction ?? null,
  lab: group.lab ?? null,
  amountNanoUsd,
  startedAtMs: fromMs,
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
  const sources: ScopeSource[] = [];
  const add = (
    who: { readonly key?: string; readonly team?: string; readonly organisation: string },
    by: 'key' | 'team' | null,
    budget: Budget | null,
  ): void => {
    if (budget === null) return;
    const [keyId = '', teamId = '', organisationId = ''] = budgetScopesOf({ key: '', team: '', ...who });
    const id = by === 'key' ? keyId : by === 'team' ? teamId : organisationId;
    const name = (by === 'key' ? who.key : by === 'team' ? who.team : who.organisation) ?? '';
    sources.push({ scope: scopeOf(id, budget, timeZone), by, name, organisation: who.organisation });
  };
  for (const [organisation, { budget }] of organisations) add({ organisation }, null, budget);
  for (const [team, { organisation, budget }] of teams) add({ organisation, team }, 'team', budget);
  for (const { key, team, organisation, budget } of keys.values()) add({ organisation, team, key }, 'key', budget);
  return sources;
};
