import { needed, type FeatureSet } from '../../vocabulary/index.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import type { RequestCeilings } from '../request/RequestCeilings.ts';
import { turnsBeginWith, turnsEndWith } from '../request/turns.ts';

/** Whether a response is asked for that is not thought about. */
export const thinksNot = (members: MemberReader): boolean => members.nested('reasoning')?.text('effort') === 'none';

/** What a response needs of the model that makes it. */
export const needsOf = (members: MemberReader, search: BodySearch, { tools }: RequestCeilings): FeatureSet => {
  const form = members.nested('text')?.nested('format')?.text('type') ?? 'text';
  const effort = members.nested('reasoning')?.text('effort') ?? 'none';
  return (
    needed(members.isFilledList('tools', tools, 'tools'), 'tools') |
    needed(members.find('parallel_tool_calls') !== null, 'parallelTools') |
    needed(search.hasType('input_image'), 'images') |
    needed(search.hasType('input_file'), 'documents') |
    needed(search.hasType('input_audio'), 'audio') |
    needed(form !== 'text', 'structuredOutput') |
    needed(form === 'json_schema', 'schemas') |
    needed(endsWithAnswer(members, search), 'prefill') |
    needed(hasPrompt(members, search), 'system') |
    needed(search.says('role', 'developer'), 'developerRole') |
    needed(effort !== 'none', 'reasoning')
  );
};

/** Calls and their results have no role: where one stands behind the last role there is no need to decode the list. */
const endsWithAnswer = (members: MemberReader, search: BodySearch): boolean => {
  const input = members.find('input');
  if (input?.kind !== 'array' || search.standsBehindLast('call_id', 'role', input)) return false;
  return turnsEndWith(members, search, 'input', 'assistant');
};

const hasPrompt = (members: MemberReader, search: BodySearch): boolean =>
  members.find('instructions') !== null || turnsBeginWith(members, search, 'input', ['system', 'developer']);
