import { isJsonObject, parseJson, type JsonObject } from '../json/JsonObject.ts';
import type { EditList } from '../request/EditList.ts';
import { utf8Text } from '../utf8.ts';
import type { RequestEdits, RequestFacts } from '../wire.ts';
import { withoutThinking } from './withoutThinking.ts';
import { withShortCallIds } from './withShortCallIds.ts';

type MessageEdit = (message: JsonObject) => JsonObject;

/** Edits within the messages that a target needs, each named where it changed something; nothing is read where it needs none. */
export const editMessages = (
  list: EditList,
  body: Uint8Array,
  { members }: RequestFacts,
  edits: RequestEdits,
): void => {
  const wanted: [name: string, edit: MessageEdit][] = [];
  if (edits.withoutThinking === true) wanted.push(['-reasoning_content', withoutThinking]);
  if (edits.shortCallIds === true) wanted.push(['tool_call_id', withShortCallIds]);
  if (edits.plainRoles === true) wanted.push(['-developer', withPlainRole]);
  const member = wanted.length === 0 ? undefined : members.find(({ key }) => key === 'messages');
  const messages = member === undefined ? null : parseJson(utf8Text(body, member.start, member.end));
  if (!Array.isArray(messages)) return;
  let now: readonly unknown[] = messages;
  const names: string[] = [];
  for (const [name, edit] of wanted) {
    const edited = now.map((message) => (isJsonObject(message) ? edit(message) : message));
    if (edited.some((message, index) => message !== now[index])) names.push(name);
    now = edited;
  }
  const [first, ...others] = names;
  if (first === undefined) return;
  list.set('messages', JSON.stringify(now), first);
  for (const name of others) list.name(name);
};

/** What a developer says is the system's word where nobody knows developers. */
const withPlainRole: MessageEdit = (message) =>
  message['role'] === 'developer' ? { ...message, role: 'system' } : message;
