import type { MidStream, Objective, RoutePolicy } from '../../vocabulary/index.ts';

/** What holds for a request, of all that the file says of its model, organisation, team and key. */
export interface EffectivePolicy {
  readonly objective: Objective;
  /** What a second of waiting counts as, in US dollars: 0 where only cost counts. Float64, for comparison only. */
  readonly usdPerSecond: number;
  readonly midStream: MidStream;
  readonly mayPin: boolean;
  /** Laws that data may fall under, in the order of their names; null: any. */
  readonly jurisdictions: readonly string[] | null;
  /** Longest that requests may be kept by who serves them; null: any. */
  readonly retentionDaysMax: number | null;
  readonly mayTrain: boolean;
  /** Tags that a deployment must have, in the order of their names. */
  readonly tags: readonly string[];
}

/** Under `balanced`, where nobody says what a second is worth: 3.60 dollars an hour. */
const balancedUsdPerSecond = 0.001;
/** Under `latency`: a millisecond more is a dollar, so that cost decides between equals only. */
const latencyUsdPerSecond = 1_000;

const isSaid = <Value>(value: Value | null): value is Value => value !== null;

/** The narrowest that says something. */
const narrowest = <Value>(said: readonly (Value | null)[], otherwise: Value): Value =>
  said.findLast(isSaid) ?? otherwise;

const usdPerSecondOf = (objective: Objective, levels: readonly RoutePolicy[]): number => {
  if (objective === 'cost') return 0;
  if (objective === 'latency') return latencyUsdPerSecond;
  const nanoUsd = narrowest<bigint | null>(
    levels.map(({ usdPerSecond }) => usdPerSecond),
    null,
  );
  return nanoUsd === null ? balancedUsdPerSecond : Number(nanoUsd) / 1e9;
};

const jurisdictionsOf = (levels: readonly RoutePolicy[]): readonly string[] | null => {
  const lists = levels.flatMap(({ residency }) => (residency === null ? [] : [new Set(residency.jurisdictions)]));
  const [first, ...others] = lists;
  if (first === undefined) return null;
  return [...others.reduce((allowed, list) => allowed.intersection(list), first)].toSorted();
};

const retentionOf = (levels: readonly RoutePolicy[]): number | null => {
  const days = levels.map(({ data }) => data?.retentionDays ?? null).filter(isSaid);
  return days.length === 0 ? null : Math.min(...days);
};

/**
 * What holds where several levels speak: of what is preferred the narrowest that says it counts, of what is forbidden all levels hold, whatever their
 * order.
 * @param levels Widest first: the file, the model, the organisation, the team, the key.
 */
export const effectivePolicy = (levels: readonly RoutePolicy[]): EffectivePolicy => {
  const objective = narrowest<Objective>(
    levels.map((level) => level.objective),
    'cost',
  );
  return {
    objective,
    usdPerSecond: usdPerSecondOf(objective, levels),
    midStream: narrowest<MidStream>(
      levels.map(({ midStream }) => midStream),
      'safe',
    ),
    mayPin:
      narrowest(
        levels.map(({ pins }) => pins),
        'allow',
      ) === 'allow',
    jurisdictions: jurisdictionsOf(levels),
    retentionDaysMax: retentionOf(levels),
    mayTrain: levels.every(({ data }) => data?.training !== false),
    tags: [...new Set(levels.flatMap(({ tags }) => tags))].toSorted(),
  };
};
