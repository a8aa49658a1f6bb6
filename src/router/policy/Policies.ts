import type { RoutePolicy } from '../../vocabulary/index.ts';
import { effectivePolicy, type EffectivePolicy } from './effectivePolicy.ts';

/** Where policies are said: each level of the file that says anything. */
export interface PolicyLevels {
  readonly file: RoutePolicy;
  /** By the names of models, and of teams. */
  readonly models: ReadonlyMap<string, RoutePolicy>;
  readonly teams: ReadonlyMap<string, RoutePolicy>;
}

/** Whose request it is about. */
export interface PolicyHolder {
  readonly team: string;
  /** Of its key; null or absent where the key says nothing. */
  readonly policy?: RoutePolicy | null;
}

const nothing: ReadonlyMap<string, EffectivePolicy> = new Map();

/** The policies of a file, resolved once for each model, team and key that has its own. */
export class Policies {
  readonly #levels: PolicyLevels;
  readonly #ofFile: EffectivePolicy;
  readonly #ofModels: ReadonlyMap<string, EffectivePolicy>;
  /** By team, then by model. Only teams of the file that have a policy are here, so that no caller makes it grow. */
  readonly #ofTeams = new Map<string, Map<string, EffectivePolicy>>();
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
  of(model: string, { team, policy = null }: PolicyHolder): EffectivePolicy {
    if (policy === null && !this.#levels.teams.has(team)) return this.#ofModels.get(model) ?? this.#ofFile;
    const known = policy === null ? this.#ofTeam(team) : this.#ofKey(policy);
    const found = known.get(model);
    if (found !== undefined) return found;
    const { file, models, teams } = this.#levels;
    const made = effectivePolicy(
      [file, models.get(model), teams.get(team), policy].filter((level) => level !== undefined && level !== null),
    );
    known.set(model, made);
    return made;
  }

  #ofTeam(team: string): Map<string, EffectivePolicy> {
    const known = this.#ofTeams.get(team) ?? new Map<string, EffectivePolicy>();
    this.#ofTeams.set(team, known);
    return known;
  }

  #ofKey(policy: RoutePolicy): Map<string, EffectivePolicy> {
    const known = this.#ofKeys.get(policy) ?? new Map<string, EffectivePolicy>();
    this.#ofKeys.set(policy, known);
    return known;
  }
}
