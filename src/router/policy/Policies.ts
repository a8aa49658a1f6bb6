import type { RoutePolicy } from '../../vocabulary/index.ts';
import { effectivePolicy, type EffectivePolicy } from './effectivePolicy.ts';

/** Where policies are said: each level of the file that says anything. */
export interface PolicyLevels {
  readonly file: RoutePolicy;
  /** By the names of models, of organisations, and of teams. */
  readonly models: ReadonlyMap<string, RoutePolicy>;
  readonly organisations: ReadonlyMap<string, RoutePolicy>;
  readonly teams: ReadonlyMap<string, RoutePolicy>;
}

/** Whose request it is about. */
export interface PolicyHolder {
  readonly organisation: string;
  readonly team: string;
  /** Of its key; null or absent where the key says nothing. */
  readonly policy?: RoutePolicy | null;
}

const nothing: ReadonlyMap<string, EffectivePolicy> = new Map();

/** The policies of a file, resolved once for each model, organisation, team and key that has its own. */
export class Policies {
  readonly #levels: PolicyLevels;
  readonly #ofFile: EffectivePolicy;
  readonly #ofModels: ReadonlyMap<string, EffectivePolicy>;
  /** By organisation, team and model. Only holders of the file that have a policy are named here, so that no caller makes it grow. */
  readonly #ofHolders = new Map<string, EffectivePolicy>();
  readonly #ofKeys = new WeakMap<RoutePolicy, Map<string, EffectivePolicy>>();

  constructor(levels: PolicyLevels) {
    this.#levels = levels;
    this.#ofFile = effectivePolicy([levels.file]);
    this.#ofModels =
      levels.models.size === 0
        ? nothing
        : new Map([...levels.models].map(([name, policy]) => [name, effectivePolicy([levels.file, policy])]));
  }

  /** What holds for a request. @param model Logical model. */
  of(model: string, { organisation, team, policy = null }: PolicyHolder): EffectivePolicy {
    const { file, models, organisations, teams } = this.#levels;
    const ofOrganisation = organisations.get(organisation);
    const ofTeam = teams.get(team);
    if (policy === null && ofOrganisation === undefined && ofTeam === undefined)
      return this.#ofModels.get(model) ?? this.#ofFile;
    const known = policy === null ? this.#ofHolders : this.#ofKey(policy);
    const name = [ofOrganisation && organisation, ofTeam && team, model].join('\n');
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = effectivePolicy(
      [file, models.get(model), ofOrganisation, ofTeam, policy].filter(
        (level) => level !== undefined && level !== null,
      ),
    );
    known.set(name, made);
    return made;
  }

  #ofKey(policy: RoutePolicy): Map<string, EffectivePolicy> {
    const known = this.#ofKeys.get(policy) ?? new Map<string, EffectivePolicy>();
    this.#ofKeys.set(policy, known);
    return known;
  }
}
