import { featureSet, type Feature, type FeatureSet } from '../../vocabulary/index.ts';
import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import type { BodySearch } from './BodySearch.ts';
import type { MemberReader } from './MemberReader.ts';

/** What the first of a list of turns needs by its role, as it does where a prompt of the system stands among them. */
export const needsOfFirst = (
  members: MemberReader,
  search: BodySearch,
  list: string,
  roles: Readonly<Record<string, readonly Feature[]>>,
): FeatureSet => {
  const member = members.find(list);
  const role = member?.kind === 'array' ? search.firstText('role', member) : null;
  return featureSet(role !== null && Object.hasOwn(roles, role) ? (roles[role] ?? []) : []);
};

/**
 * Whether a list of turns ends with words of the model, which it is to go on with. Its last role is looked up in the bytes; only where that is the model's, or
 * could hide behind escapes, is the list decoded. An answer that waits for results, or that its vendor has paused, is none that has begun.
 */
export const turnsEndWith = (members: MemberReader, search: BodySearch, list: string, role: string): boolean => {
  const member = members.find(list);
  if (member?.kind !== 'array') return false;
  if (search.lastText('role', member) !== role && !search.hidesNames()) return false;
  const last = members.entries(list).at(-1);
  if (!isJsonObject(last) || last['role'] !== role || isCalling(last)) return false;
  const content = last['content'] ?? last['parts'];
  if (typeof content === 'string') return content !== '';
  return Array.isArray(content) && content.every(isSaid) && content.some(hasText);
};

/** What some clients write where nothing was called says nothing. */
const isCalling = (turn: JsonObject): boolean =>
  listIn(turn, 'tool_calls').length > 0 || objectIn(turn, 'function_call') !== null;

const thoughts: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking']);

const isSaid = (part: unknown): boolean =>
  isJsonObject(part) && (typeof part['text'] === 'string' || thoughts.has(part['type']));

const hasText = (part: unknown): boolean => isJsonObject(part) && textIn(part, 'text') !== null;
