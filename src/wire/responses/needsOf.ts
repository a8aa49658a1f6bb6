import { needed, type FeatureSet } from '../../vocabulary/index.ts';
import { isDataUri } from '../codec/dataUri.ts';
import { textIn } from '../json/JsonObject.ts';
import { systemRoles } from '../openai/needsOf.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { needsOfTurns } from '../request/needsOfTurns.ts';
import { searchOfParts } from '../request/PartGrammar.ts';
import type { RequestCeilings } from '../request/RequestCeilings.ts';
import { needsOfFirst, turnsEndWith } from '../request/turns.ts';

/** Whether a response is asked for that is not thought about. */
export const thinksNot = (members: MemberReader): boolean => members.nested('reasoning')?.text('effort') === 'none';

/** Results of tools hold parts in their `output`. Data are what a search for tools was asked, tools that were found or listed, and labels of files that were. */
const parts = searchOfParts({
  list: 'input',
  types: {
    input_image: 'images',
    computer_screenshot: 'images',
    input_file: 'documents',
    input_audio: 'audio',
  },
  roles: systemRoles,
  holders: ['content', 'output'],
  dataKeys: ['"arguments"', '"tools"', '"attributes"'],
  isOutside: (image) => textIn(image, 'file_id') !== null || !isDataUri(textIn(image, 'image_url') ?? 'data:'),
  refersOutside: (search) => search.hasText('file_id') || search.hasOutsideAddress('image_url'),
});

/** What a response needs of the model that makes it. */
export const needsOf = (members: MemberReader, search: BodySearch, { tools }: RequestCeilings): FeatureSet => {
  const form = members.nested('text')?.nested('format')?.word('type') ?? 'text';
  const effort = members.nested('reasoning')?.word('effort') ?? 'none';
  const first = needsOfFirst(members, search, 'input', systemRoles);
  return (
    first |
    needsOfInput(members, search, parts.find(search) & ~first) |
    needed(members.isFilledList('tools', tools, 'tools'), 'tools') |
    needed(members.is('parallel_tool_calls', false), 'parallelTools') |
    needed(form !== 'text', 'structuredOutput') |
    needed(form === 'json_schema', 'schemas') |
    needed(endsWithAnswer(members, search), 'prefill') |
    needed(members.holdsText('instructions'), 'system') |
    needed(effort !== 'none', 'reasoning')
  );
};

/** What stands in for the variables of a prompt is shown, too. */
const needsOfInput = (members: MemberReader, search: BodySearch, found: FeatureSet): FeatureSet =>
  members.find('prompt') === null ? needsOfTurns(members, search, found, parts.turns) : found;

/** Calls and their results have no role: where one stands behind the last role there is no need to decode the list. */
const endsWithAnswer = (members: MemberReader, search: BodySearch): boolean => {
  const input = members.find('input');
  if (input?.kind !== 'array' || search.standsBehindLast('call_id', 'role', input)) return false;
  return turnsEndWith(members, search, 'input', 'assistant');
};
