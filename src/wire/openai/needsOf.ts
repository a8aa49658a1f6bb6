import { needed, type FeatureSet } from '../../vocabulary/index.ts';
import { isDataUri } from '../codec/dataUri.ts';
import { objectIn, textIn } from '../json/JsonObject.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { needsOfTurns } from '../request/needsOfTurns.ts';
import { searchOfParts } from '../request/PartGrammar.ts';
import type { RequestCeilings } from '../request/RequestCeilings.ts';
import { needsOfFirst, turnsEndWith } from '../request/turns.ts';

const effort = 'reasoning_effort';

/** Whether a chat asks not to be thought about. */
export const thinksNot = (members: MemberReader): boolean => members.text(effort) === 'none';

/** Roles of this wire that speak for the system, and what they need. */
export const systemRoles = { system: ['system'], developer: ['system', 'developerRole'] } as const;

const isAddress = (url: string | null): boolean => url !== null && !isDataUri(url);

/** Files of a chat are told again in notes on an answer (OpenRouter), which are shown to nobody. */
const parts = searchOfParts({
  list: 'messages',
  types: {
    image_url: 'images',
    input_image: 'images',
    file: 'documents',
    input_file: 'documents',
    input_audio: 'audio',
    video_url: 'video',
    input_video: 'video',
  },
  roles: systemRoles,
  holders: ['content'],
  dataKeys: ['"annotations"'],
  isOutside: (image) => isAddress(textIn(objectIn(image, 'image_url'), 'url') ?? textIn(image, 'image_url')),
  refersOutside: (search) => search.hasOutsideAddress('url') || search.hasOutsideAddress('image_url'),
});

/** What a chat needs of the model that serves it. */
export const needsOf = (members: MemberReader, search: BodySearch, ceilings: RequestCeilings): FeatureSet => {
  const form = members.nested('response_format')?.word('type') ?? 'text';
  const modalities = members.entries('modalities');
  const first = needsOfFirst(members, search, 'messages', systemRoles);
  return (
    first |
    needsOfTurns(members, search, parts.find(search) & ~first, parts.turns) |
    needed(offersTools(members, ceilings), 'tools') |
    needed(members.is('parallel_tool_calls', false), 'parallelTools') |
    needed(form !== 'text', 'structuredOutput') |
    needed(form === 'json_schema', 'schemas') |
    needed(turnsEndWith(members, search, 'messages', 'assistant'), 'prefill') |
    needed(thinks(members), 'reasoning') |
    needed(modalities.includes('image'), 'imageOutput') |
    needed(modalities.includes('audio'), 'audioOutput')
  );
};

const offersTools = (members: MemberReader, { tools }: RequestCeilings): boolean =>
  members.isFilledList('tools', tools, 'tools') || members.isFilledList('functions', tools, 'tools');

/** OpenAI's own member, OpenRouter's, and what others have taken from Anthropic; each holds where those before it say nothing. */
const thinks = (members: MemberReader): boolean => {
  const said = members.word(effort);
  if (said !== null) return said !== 'none';
  const reasoning = members.nested('reasoning');
  if (reasoning !== null) return isAsked(reasoning);
  return (members.nested('thinking')?.word('type') ?? 'disabled') !== 'disabled';
};

const isAsked = (reasoning: MemberReader): boolean => {
  const said = reasoning.word('effort');
  if (said === 'none' || reasoning.is('enabled', false)) return false;
  return said !== null || reasoning.is('enabled', true) || reasoning.find('max_tokens') !== null;
};
