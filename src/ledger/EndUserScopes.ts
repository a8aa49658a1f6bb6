import { coversModel } from './BudgetIndex.ts';
import type { BudgetScope } from './budgetTypes.ts';
import { countsAlike } from './countsAlike.ts';

/** Most end users whose budgets are kept at a time. */
const endUsersMax = 100_000;
/** How many of those that were not used for longest are looked at for one that may be forgotten. */
const lookedAtMax = 64;

/** The budget that each end user of a holder has: as any budget, but for whose it is. */
export type EndUserBudget = Omit<BudgetScope, 'id' | 'holder'> & { readonly holder: string };

/** Stands in the ids of these budgets and in no others. */
export const endUserMark = '/user/';

/** Id of the budget of one end user: "team:research/user/3f1a". @param endUser a name of letters and digits. */
const endUserScopeId = (holder: string, endUser: string): string => `${holder}${endUserMark}${endUser}`;

/** Whose end user's budget it is that has this id; null where it is another kind of budget. */
export const holderOfEndUser = (id: string): string | null => {
  const at = id.indexOf(endUserMark);
  return at === -1 ? null : id.slice(0, at);
};

/** Budgets of end users, by the templates of those whose users they are: made when one is seen, and forgotten only where nothing is lost by it. */
export class EndUserScopes {
  #templates: ReadonlyMap<string, EndUserBudget> = new Map();
  /** The one that was used last is the last. */
  readonly #scopes = new Map<string, BudgetScope>();
  readonly #max: number;

  constructor(max = endUsersMax) {
    this.#max = max;
  }

  /** Takes new templates; scopes that count as before stay, under the new cap. @returns ids of those that are gone. */
  configure(templates: Iterable<EndUserBudget>): readonly string[] {
    this.#templates = new Map([...templates].map((template) => [template.holder, template]));
    const gone: string[] = [];
    for (const [id, scope] of this.#scopes) {
      const template = this.#templates.get(scope.holder ?? '');
      if (template !== undefined && countsAlike(scope, { ...template, id })) this.#scopes.set(id, { ...template, id });
      else gone.push(id);
    }
    for (const id of gone) this.#scopes.delete(id);
    return gone;
  }

  get all(): Iterable<BudgetScope> {
    return this.#scopes.values();
  }

  /** Whether any of these has end users with budgets. */
  isAbout(holders: readonly string[]): boolean {
    return this.#templates.size > 0 && holders.some((holder) => this.#templates.has(holder));
  }

  /** Ids of the budgets that an end user of these holders draws on. */
  idsOf(holders: readonly string[], model: string, endUser: string): readonly string[] {
    const ids: string[] = [];
    for (const holder of holders) {
      const template = this.#templates.get(holder);
      if (template !== undefined && coversModel(template, model)) ids.push(endUserScopeId(holder, endUser));
    }
    return ids;
  }

  get(id: string): BudgetScope | undefined {
    return this.#scopes.get(id);
  }

  /**
   * The scope of an id, made where it is not there yet.
   * @param mayForget whether nothing is lost where one is forgotten.
   * @returns undefined where it is none of an end user here, or where there is no room for one more.
   */
  ensure(id: string, mayForget: (id: string) => boolean): BudgetScope | undefined {
    const known = this.#scopes.get(id);
    if (known !== undefined) {
      this.#scopes.delete(id);
      this.#scopes.set(id, known);
      return known;
    }
    const template = this.#templates.get(holderOfEndUser(id) ?? '');
    if (template === undefined || !this.#hasRoom(mayForget)) return undefined;
    const scope = { ...template, id };
    this.#scopes.set(id, scope);
    return scope;
  }

  #hasRoom(mayForget: (id: string) => boolean): boolean {
    if (this.#scopes.size < this.#max) return true;
    let looked = 0;
    for (const id of this.#scopes.keys()) {
      if (mayForget(id)) return this.#scopes.delete(id);
      looked += 1;
      if (looked === lookedAtMax) break;
    }
    return false;
  }
}
