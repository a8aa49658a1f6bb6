import { needed, type FeatureSet } from '../../vocabulary/index.ts';
import { objectIn } from '../json/JsonObject.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { needsOfTurns } from '../request/needsOfTurns.ts';
import { searchOfParts } from '../request/PartGrammar.ts';
import type { RequestCeilings } from '../request/RequestCeilings.ts';
import { turnsEndWith } from '../request/turns.ts';

/** An address, and a file that the vendor keeps. */
const outsideSources = ['url', 'file'];

/** Results of tools hold blocks, and so do documents, in their `source`; what a tool was called with is its `input`. */
const parts = searchOfParts({
  list: 'messages',
  types: { image: 'images', document: 'documents' },
  roles: { system: ['system'] },
  holders: ['content', 'source'],
  dataKeys: ['"input"'],
  isOutside: (image) => outsideSources.some((type) => objectIn(image, 'source')?.['type'] === type),
  refersOutside: (search) => outsideSources.some((type) => search.hasType(type)),
});

/** What a message needs of the model that serves it. Every form of an answer is a schema on this wire. */
export const needsOf = (members: MemberReader, search: BodySearch, { tools }: RequestCeilings): FeatureSet => {
  const hasForm = members.find('output_format') !== null || asksForFormat(members);
  const thinking = members.nested('thinking')?.word('type') ?? 'disabled';
  return (
    needsOfTurns(members, search, parts.find(search), parts.turns) |
    needed(members.isFilledList('tools', tools, 'tools'), 'tools') |
    needed(members.nested('tool_choice')?.is('disable_parallel_tool_use', true) ?? false, 'parallelTools') |
    needed(hasForm, 'structuredOutput') |
    needed(hasForm, 'schemas') |
    needed(turnsEndWith(members, search, 'messages', 'assistant'), 'prefill') |
    needed(members.holdsText('system'), 'system') |
    needed(thinking !== 'disabled', 'reasoning') |
    needed(thinking === 'enabled', 'thinking.enabled') |
    needed(thinking === 'adaptive', 'thinking.adaptive')
  );
};

const asksForFormat = (members: MemberReader): boolean =>
  (members.nested('output_config')?.find('format') ?? null) !== null;
