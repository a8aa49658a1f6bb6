import { featureSet, hasFeature, needed, type Feature, type FeatureSet } from '../../vocabulary/index.ts';
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
  /** Whether an image is not in its part: it stands elsewhere, by its address or by a name. */
  readonly isOutside: (image: JsonObject) => boolean;
  /** Whether something in the body is not in it; where it is not an image, those beside it are taken for what it is. */
  readonly refersOutside: (search: BodySearch) => boolean;
}

/** Finds in the bytes, and in the turns, what parts and turns need. */
export interface PartSearch {
  readonly turns: TurnGrammar;
  readonly find: (search: BodySearch) => FeatureSet;
}

/** A search for parts by their types and for turns by their roles. */
export const searchOfParts = (grammar: PartGrammar): PartSearch => {
  const { list, dataKeys, types, roles, holders, isOutside, refersOutside } = grammar;
  const needsOfType = setsOf(Object.entries(types).map(([type, feature]) => [type, [feature]]));
  const needsOfRole = setsOf(Object.entries(roles));
  const needsOf = (value: unknown): FeatureSet => {
    if (Array.isArray(value)) return value.reduce<FeatureSet>((all, one) => all | needsOf(one), 0);
    if (!isJsonObject(value)) return 0;
    const shown = needsOfType.get(value['type']) ?? 0;
    const address = needed(hasFeature(shown, 'images') && isOutside(value), 'imageAddresses');
    const own = shown | address | (needsOfRole.get(value['role']) ?? 0);
    return holders.reduce((all, name) => all | needsOf(value[name]), own);
  };
  const words = [...Object.keys(types), ...Object.keys(roles)].map((word) => `"${word}"`);
  return {
    turns: { list, dataKeys, words, needsOfTurn: (turn: JsonObject) => needsOf(turn) },
    find: (search) => {
      let found: FeatureSet = 0;
      for (const [type, needs] of needsOfType) if (search.hasType(String(type))) found |= needs;
      for (const [role, needs] of needsOfRole) if (search.says('role', String(role))) found |= needs;
      return found | needed(hasFeature(found, 'images') && refersOutside(search), 'imageAddresses');
    },
  };
};

const setsOf = (entries: readonly (readonly [string, readonly Feature[]])[]): ReadonlyMap<unknown, FeatureSet> =>
  new Map(entries.map(([name, features]) => [name, featureSet(features)]));
