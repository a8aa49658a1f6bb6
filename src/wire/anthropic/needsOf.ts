import { needed, type FeatureSet } from '../../vocabulary/index.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import type { RequestCeilings } from '../request/RequestCeilings.ts';
import { turnsEndWith } from '../request/turns.ts';

/** What a message needs of the model that serves it. Every form of an answer is a schema on this wire. */
export const needsOf = (members: MemberReader, search: BodySearch, { tools }: RequestCeilings): FeatureSet => {
  const hasForm = members.find('output_format') !== null || asksForFormat(members);
  const thinking = members.nested('thinking')?.text('type') ?? 'disabled';
  return (
    needed(members.isFilledList('tools', tools, 'tools'), 'tools') |
    needed(saysHowMany(members), 'parallelTools') |
    needed(search.hasType('image'), 'images') |
    needed(search.hasType('document'), 'documents') |
    needed(hasForm, 'structuredOutput') |
    needed(hasForm, 'schemas') |
    needed(turnsEndWith(members, search, 'messages', 'assistant'), 'prefill') |
    needed(members.find('system') !== null, 'system') |
    needed(thinking !== 'disabled', 'reasoning') |
    needed(thinking === 'enabled', 'thinking.enabled') |
    needed(thinking === 'adaptive', 'thinking.adaptive')
  );
};

const saysHowMany = (members: MemberReader): boolean =>
  (members.nested('tool_choice')?.find('disable_parallel_tool_use') ?? null) !== null;

const asksForFormat = (members: MemberReader): boolean =>
  (members.nested('output_config')?.find('format') ?? null) !== null;
