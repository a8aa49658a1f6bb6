import type { Result } from '../../kernel/index.ts';
import type { Operation } from '../../vocabulary/index.ts';
import { searchedWordsOf } from '../json/PlaceFinder.ts';
import { BodyScan } from '../json/scanTopLevel.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { cacheKeyIn } from '../request/cacheKeyIn.ts';
import { defaultsIn, defaultsOfTools, type Defaults } from '../request/defaultsIn.ts';
import { endUserIn } from '../request/endUserIn.ts';
import { readBody, type WireFacts } from '../request/readBody.ts';
import { requestCeilings, type RequestCeilings } from '../request/RequestCeilings.ts';
import type { HeldConversation, RequestFacts, RequestFault } from '../wire.ts';
import { needsOf, thinksNot } from './needsOf.ts';

/** Reads a body of `/v1/responses` (generate) or `/v1/responses/input_tokens` (countTokens). */
export const readRequest = (
  body: Uint8Array | BodyScan,
  operation: Operation,
  ceilings: RequestCeilings = requestCeilings,
): Result<RequestFacts, RequestFault> =>
  readBody(body, operation, searchedWords, (members, search) => readResponse(members, search, operation, ceilings));

const readResponse = (
  members: MemberReader,
  search: BodySearch,
  operation: Operation,
  ceilings: RequestCeilings,
): WireFacts => {
  const model = members.model();
  if (!outsideMembers.some((name) => members.find(name) !== null) || members.find('input') !== null)
    members.require('input', ['string', 'array'], 'a text or a list of items');
  const generates = operation === 'generate';
  // Its answer is fetched later, by nobody here: it would be billed behind the back of every budget.
  if (members.flag('background'))
    members.refuse('background', '`background` is not taken: leave it out', null, 'unsupported_feature');
  const facts = {
    model,
    stream: generates && members.flag('stream'),
    // Usage is part of every stream of this wire: nothing is asked for and nothing is hidden.
    usageAsked: true,
    outputBoundTokens: generates ? members.count('max_output_tokens', 1, ceilings.outputTokens, 'outputTokens') : 0,
    choices: 1,
  };
  const conversation = conversationOf(members, search);
  return {
    facts: {
      ...facts,
      ...endUserIn(members, 'safety_identifier', 'user'),
      ...cacheKeyIn(members),
      ...(thinksNot(members) ? { thinkingOff: true } : {}),
      ...defaultsIn(members, defaults),
      ...(conversation === null ? {} : { conversation }),
      ...(generates && keepsAnswer(members) ? { answerKept: true } : {}),
    },
    features: needsOf(members, search, ceilings),
    refersOutside: refersOutside(members, search),
  };
};

const defaults: Defaults = { ...defaultsOfTools, reasoning: 'empty', text: 'empty', top_logprobs: 0, store: true };

/** An answer that the vendor keeps is named by its id; its items and a conversation have names of their own, which are no answer's. */
const conversationOf = (members: MemberReader, search: BodySearch): HeldConversation | null => {
  const continues = members.text('previous_response_id');
  if (continues !== null) return { continues, parameter: 'previous_response_id' };
  if (search.hasType('item_reference')) return { continues: null, parameter: 'input.item_reference' };
  return members.find('conversation') === null ? null : { continues: null, parameter: 'conversation' };
};

/** Unless it is told not to, the vendor keeps each answer. */
const keepsAnswer = (members: MemberReader): boolean => members.find('store') === null || members.flag('store');

/** What the vendor keeps for the caller: an earlier response, a conversation, a prompt. */
const outsideMembers = ['previous_response_id', 'conversation', 'prompt'];

/** Items by their name only, and tools that the vendor runs and whose results the model reads. */
const outsideTypes = [
  'item_reference',
  'web_search*',
  'file_search*',
  'code_interpreter*',
  'computer*',
  'mcp*',
  'image_generation*',
  'shell*',
  'compaction*',
];

const searchedWords = searchedWordsOf([
  ...outsideTypes,
  'input_image',
  'input_file',
  'input_audio',
  'computer_screenshot',
  'developer',
  'system',
  'image_url',
  'file_url',
  'file_id',
]);

/** Begins to scan a body, for who goes on with it in pieces. */
export const scanRequest = (body: Uint8Array): BodyScan => new BodyScan(body, searchedWords);

const refersOutside = (members: MemberReader, search: BodySearch): boolean =>
  outsideMembers.some((name) => members.find(name) !== null) ||
  outsideTypes.some((type) => search.hasType(type)) ||
  search.hasOutsideAddress('image_url') ||
  search.hasText('file_url') ||
  search.hasText('file_id') ||
  search.hidesNames();
