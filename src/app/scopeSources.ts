import type { KeyTable } from '../access/index.ts';
import { budgetScopesOf } from '../gateway/index.ts';
import type { BudgetScope } from '../ledger/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';

type Budget = NonNullable<ArchipelConfiguration['keys'][number]['budget']>;

/** What a budget's scope is counted by in the ledger. */
export interface ScopeSource {
  readonly scope: BudgetScope;
  /** Null: by all that its organisation spends. */
  readonly by: 'key' | 'team' | null;
  readonly name: string;
  readonly organisation: string;
}

const scopeOf = (id: string, budget: Budget, timeZone: string): BudgetScope => ({
  id,
  capNanoUsd: budget.usd,
  window: budget.window,
  hard: budget.hard,
  timeZone,
});

/** Every budget there is, under the names that requests draw on. */
export const scopeSources = (configuration: ArchipelConfiguration, keys: KeyTable): readonly ScopeSource[] => {
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
