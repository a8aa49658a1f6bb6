import { featureSet, type Feature, type FeatureSet } from '../../vocabulary/index.ts';
import { isJsonObject, type JsonObject } from '../json/JsonObject.ts';
import type { BodySearch } from './BodySearch.ts';
import type { TurnGrammar } from './needsOfTurns.ts';

/** Turns whose parts tell by a `type` what they are. */
export interface PartGrammar extends Pick<TurnGrammar, 'list' | 'dataKeys'> {
  /** What parts need, by their types. */
  readonly types: Readonly<Record<string, Feature>>;
  /** What turns need, by their roles. */
  readonly roles: Readonly<Record<string, readonly Feature[]>>;
  /** Members of turns and parts in which other parts stand. */
  readonly holders: readonly string[];
}

/** Finds in the bytes, and in the turns, what parts and turns need. */
export interface PartSearch {
  readonly turns: TurnGrammar;
  readonly find: (search: BodySearch) => FeatureSet;
}

/** A search for parts by their types and for turns by their roles. */
export const searchOfParts = ({ list, dataKeys, types, roles, holders }: PartGrammar): PartSearch => {
  const needsOfType = setsOf(Object.entries(types).map(([type, feature]) => [type, [feature]]));
  const needsOfRole = setsOf(Object.entries(roles));
  const needsOf = (value: unknown): FeatureSet => {
    if (Array.isArray(value)) return value.reduce<FeatureSet>((all, one) => all | needsOf(one), 0);
    if (!isJsonObject(value)) return 0;
    const own = (needsOfType.get(value['type']) ?? 0) | (needsOfRole.get(value['role']) ?? 0);
    return holders.reduce((all, name) => all | needsOf(value[name]), own);
  };
  const words = [...Object.keys(types), ...Object.keys(roles)].map((word) => `"${word}"`);
  return {
    turns: { list, dataKeys, words, needsOfTurn: (turn: JsonObject) => needsOf(turn) },
    find: (search) => {
      let found: FeatureSet = 0;
      for (const [type, needs] of needsOfType) if (search.hasType(String(type))) found |= needs;
      for (const [role, needs] of needsOfRole) if (search.says('role', String(role))) found |= needs;
      return found;
    },
  };
};

const setsOf = (entries: readonly (readonly [string, readonly Feature[]])[]): ReadonlyMap<unknown, FeatureSet> =>
  new Map(entries.map(([name, features]) => [name, featureSet(features)]));
