import { needed, type FeatureSet } from '../../vocabulary/index.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import type { RequestCeilings } from '../request/RequestCeilings.ts';
import { turnsBeginWith, turnsEndWith } from '../request/turns.ts';

const effort = 'reasoning_effort';

/** Whether a chat asks not to be thought about. */
export const thinksNot = (members: MemberReader): boolean => members.text(effort) === 'none';

/** What a chat needs of the model that serves it. */
export const needsOf = (members: MemberReader, search: BodySearch, ceilings: RequestCeilings): FeatureSet => {
  const form = members.nested('response_format')?.text('type') ?? 'text';
  const modalities = members.entries('modalities');
  return (
    needed(offersTools(members, ceilings), 'tools') |
    needed(members.find('parallel_tool_calls') !== null, 'parallelTools') |
    needed(search.hasType('image_url') || search.hasType('input_image'), 'images') |
    needed(search.hasType('file') || search.hasType('input_file'), 'documents') |
    needed(search.hasType('input_audio'), 'audio') |
    needed(search.hasType('video_url') || search.hasType('input_video'), 'video') |
    needed(form !== 'text', 'structuredOutput') |
    needed(form === 'json_schema', 'schemas') |
    needed(turnsEndWith(members, search, 'messages', 'assistant'), 'prefill') |
    needed(turnsBeginWith(members, search, 'messages', ['system', 'developer']), 'system') |
    needed(search.says('role', 'developer'), 'developerRole') |
    needed(thinks(members), 'reasoning') |
    needed(modalities.includes('image'), 'imageOutput') |
    needed(modalities.includes('audio'), 'audioOutput')
  );
};

const offersTools = (members: MemberReader, { tools }: RequestCeilings): boolean =>
  members.isFilledList('tools', tools, 'tools') || members.isFilledList('functions', tools, 'tools');

/** OpenAI's own member, and OpenRouter's. */
const thinks = (members: MemberReader): boolean => {
  const said = members.text(effort) ?? members.nested('reasoning')?.text('effort') ?? 'none';
  return said !== 'none';
};
