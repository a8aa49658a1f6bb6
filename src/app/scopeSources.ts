import type { KeyTable, NamedBudget } from '../access/index.ts';
import { budgetScopesOf } from '../gateway/index.ts';
import type { BudgetScope, EndUserBudget } from '../ledger/index.ts';
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

/** Who has budgets. */
interface Holder {
  readonly budget: Budget | null;
  readonly budgets?: readonly NamedBudget[];
}

/** Budgets of a holder by what is written behind its id: nothing for the one that has no name. */
const budgetsOf = ({ budget, budgets = [] }: Holder): readonly (readonly [ending: string, budget: Budget])[] => [
  ...(budget === null ? [] : [['', budget] as const]),
  ...budgets.map((named) => [`/${named.name}`, named] as const),
];

/** A budget of each end user, and where its records stand. */
export interface EndUserSource {
  readonly budget: EndUserBudget;
  readonly organisation: string;
}

/** The budgets that end users have, by whose they are. */
export const endUserSources = (configuration: ArchipelConfiguration, keys: KeyTable): readonly EndUserSource[] => {
  const { timeZone, teams } = configuration;
  const sources = new Map<string, EndUserSource>();
  const add = (holder: string, organisation: string, budget: Budget | null): void => {
    if (budget === null || sources.has(holder)) return;
    const { usd, window, hard, models } = budget;
    sources.set(holder, { budget: { holder, capNanoUsd: usd, window, hard, timeZone, models }, organisation });
  };
  for (const [team, { organisation, endUserBudget }] of teams) {
    const [, holder = ''] = budgetScopesOf({ key: '', team, organisation });
    add(holder, organisation, endUserBudget);
  }
  for (const { key, team, organisation, endUserBudget = null } of keys.values()) {
    const [holder = ''] = budgetScopesOf({ key, team, organisation });
    add(holder, organisation, endUserBudget);
  }
  return [...sources.values()];
};

/** Every budget there is, under the names that requests draw on. */
export const scopeSources = (configuration: ArchipelConfiguration, keys: KeyTable): readonly ScopeSource[] => {
  const { timeZone, teams, organisations } = configuration;
  const sources = new Map<string, ScopeSource>();
  const holders = new Set<string>();
  const add = (
    who: { readonly key?: string; readonly team?: string; readonly organisation: string },
    by: ScopeSource['by'],
    holding: Holder,
  ): void => {
    const [keyId = '', teamId = '', organisationId = ''] = budgetScopesOf({ key: '', team: '', ...who });
    const holder = by === 'key' ? keyId : by === 'team' ? teamId : organisationId;
    const held = budgetsOf(holding);
    // A key and the one that took its name over have their budgets between them; the live one comes first.
    if (held.length === 0 || holders.has(holder)) return;
    holders.add(holder);
    const name = (by === 'key' ? who.key : by === 'team' ? who.team : who.organisation) ?? '';
    for (const [ending, { usd, window, hard, models }] of held) {
      const id = `${holder}${ending}`;
      const scope = { id, holder, capNanoUsd: usd, window, hard, timeZone, models };
      sources.set(id, { scope, by, name, organisation: who.organisation });
    }
  };
  for (const [organisation, holding] of organisations) add({ organisation }, null, holding);
  for (const [team, { organisation, ...holding }] of teams) add({ organisation, team }, 'team', holding);
  for (const { key, team, organisation, ...holding } of keys.values()) add({ organisation, team, key }, 'key', holding);
  return [...sources.values()];
};
