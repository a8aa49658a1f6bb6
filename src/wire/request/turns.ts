import { isJsonObject } from '../json/JsonObject.ts';
import type { BodySearch } from './BodySearch.ts';
import type { MemberReader } from './MemberReader.ts';

/** Whether a list of turns begins with one of these roles, as it does where a prompt of the system stands among them. */
export const turnsBeginWith = (
  members: MemberReader,
  search: BodySearch,
  list: string,
  roles: readonly string[],
): boolean => {
  const member = members.find(list);
  const role = member?.kind === 'array' ? search.firstText('role', member) : null;
  return role !== null && roles.includes(role);
};

/**
 * Whether a list of turns ends with words of the model, which it is to go on with. Its last role is looked up in the bytes; only where that is the model's is the
 * list decoded. An answer that waits for results, or that its vendor has paused, is none that has begun.
 */
export const turnsEndWith = (members: MemberReader, search: BodySearch, list: string, role: string): boolean => {
  const member = members.find(list);
  if (member?.kind !== 'array' || search.lastText('role', member) !== role) return false;
  const last = members.entries(list).at(-1);
  if (!isJsonObject(last) || last['role'] !== role || last['tool_calls'] !== undefined) return false;
  const content = last['content'] ?? last['parts'];
  if (typeof content === 'string') return content !== '';
  return Array.isArray(content) && content.length > 0 && content.every(isText);
};

const isText = (part: unknown): boolean => isJsonObject(part) && typeof part['text'] === 'string';
