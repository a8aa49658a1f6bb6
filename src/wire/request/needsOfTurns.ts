import type { FeatureSet } from '../../vocabulary/index.ts';
import { isJsonObject, type JsonObject } from '../json/JsonObject.ts';
import type { BodySearch } from './BodySearch.ts';
import type { MemberReader } from './MemberReader.ts';

/** How the turns of a wire say what they need. */
export interface TurnGrammar {
  /** The member that lists them. */
  readonly list: string;
  /** Words by which a need is found in the bytes, in their quotes. */
  readonly words: readonly string[];
  /** Keys, in their quotes, of what stands among the turns and is data: it may hold such words, too. */
  readonly dataKeys: readonly string[];
  readonly needsOfTurn: (turn: JsonObject) => FeatureSet;
}

/**
 * What turns need of a target. Their bytes do not tell what is shown to the model from what a tool was called with, or what its schema has as an example: where
 * such data stands beside what was found, the turns are decoded, and also where words could hide behind escapes.
 * @param found What was found in the bytes.
 */
export const needsOfTurns = (
  members: MemberReader,
  search: BodySearch,
  found: FeatureSet,
  grammar: TurnGrammar,
): FeatureSet => {
  const isHidden = search.hidesNames();
  const isFound = found !== 0 && !holdsData(members, grammar);
  if (!isHidden && (found === 0 || isFound)) return found;
  const turns = members.list(grammar.list);
  return turns === null ? found : needsOfEach(turns, grammar.needsOfTurn);
};

/** What any of these needs. */
export const needsOfEach = (list: readonly unknown[], needsOfOne: (one: JsonObject) => FeatureSet): FeatureSet =>
  list.reduce<FeatureSet>((all, one) => (isJsonObject(one) ? all | needsOfOne(one) : all), 0);

const holdsData = (members: MemberReader, { list, words, dataKeys }: TurnGrammar): boolean =>
  members.members.some(
    (member) =>
      (member.kind === 'array' || member.kind === 'object') &&
      (member.key === list ? dataKeys : words).some((letters) => members.mentions(member, letters)),
  );
