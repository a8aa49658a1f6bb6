import type { Result } from '../../kernel/index.ts';
import type { Operation } from '../../vocabulary/index.ts';
import { searchedWordsOf } from '../json/PlaceFinder.ts';
import { BodyScan } from '../json/scanTopLevel.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { cacheKeyIn } from '../request/cacheKeyIn.ts';
import { cacheMarkIn, cacheMarkWords } from '../request/cacheMarkIn.ts';
import { defaultsIn, defaultsOfTools, type Defaults } from '../request/defaultsIn.ts';
import { endUserIn } from '../request/endUserIn.ts';
import { readBody, type WireFacts } from '../request/readBody.ts';
import { requestCeilings, type RequestCeilings } from '../request/RequestCeilings.ts';
import type { RequestFacts, RequestFault } from '../wire.ts';
import { needsOf, thinksNot } from './needsOf.ts';

/** Reads a body of `/v1/chat/completions` (generate) or `/v1/embeddings` (embed). */
export const readRequest = (
  body: Uint8Array | BodyScan,
  operation: Operation,
  ceilings: RequestCeilings = requestCeilings,
): Result<RequestFacts, RequestFault> =>
  readBody(
    body,
    operation,
    searchedWords,
    operation === 'embed' ? readEmbedding : (members, search) => readChat(members, search, ceilings),
  );

const readChat = (members: MemberReader, search: BodySearch, ceilings: RequestCeilings): WireFacts => {
  const model = members.model();
  members.require('messages', ['array'], 'a list of messages');
  const stream = members.flag('stream');
  const usageAsked = members.nested('stream_options')?.flag('include_usage') ?? false;
  const choices = members.count('n', 1, ceilings.choices, 'choices') ?? 1;
  const bound = boundOf(members, ceilings.outputTokens);
  const facts = {
    model,
    stream,
    usageAsked: stream && usageAsked,
    outputBoundTokens: bound === null ? null : bound * choices,
    choices,
  };
  return {
    facts: {
      ...facts,
      ...endUserIn(members, 'safety_identifier', 'user'),
      ...cacheKeyIn(members),
      ...cacheMarkIn(search),
      ...(thinksNot(members) ? { thinkingOff: true } : {}),
      ...defaultsIn(members, defaults),
    },
    features: needsOf(members, search, ceilings),
    refersOutside: refersOutside(members, search),
  };
};

/** Of OpenAI's API reference, where all vendors of this wire hold with it. */
const defaults: Defaults = {
  ...defaultsOfTools,
  n: 1,
  logprobs: false,
  top_logprobs: 0,
  logit_bias: 'empty',
  presence_penalty: 0,
  frequency_penalty: 0,
  stop: 'empty',
  functions: 'empty',
  response_format: 'text',
  store: false,
};

const readEmbedding = (members: MemberReader): WireFacts => {
  const model = members.model();
  members.require('input', ['string', 'array'], 'a text or a list of texts');
  return {
    facts: { model, stream: false, usageAsked: false, outputBoundTokens: 0, choices: 1, ...endUserIn(members, 'user') },
    features: 0,
    refersOutside: false,
  };
};

/** Which of the two names a vendor goes by cannot be told here: where both are set the larger one is safe. */
const boundOf = (members: MemberReader, max: number): number | null => {
  const older = members.count('max_tokens', 1, max, 'outputTokens');
  const newer = members.count('max_completion_tokens', 1, max, 'outputTokens');
  return older === null ? newer : newer === null ? older : Math.max(older, newer);
};

/** Top-level members that bring content from outside: web search (OpenAI, OpenRouter, xAI) and "on your data" (Azure). */
const outsideMembers = ['web_search_options', 'plugins', 'search_parameters', 'data_sources'];

/** Members of content parts that hold an address, as a text or as an object with `url`. */
const addressMembers = ['url', 'image_url', 'video_url', 'audio_url', 'file_url'];

/** Those above, types of what is shown to the model, and a role that few vendors know. */
const searchedWords = searchedWordsOf([
  ...addressMembers,
  'file_id',
  'input_image',
  'input_file',
  'input_audio',
  'input_video',
  'audio',
  'file',
  'developer',
  'system',
  ...cacheMarkWords,
]);

/** Begins to scan a body, for who goes on with it in pieces. */
export const scanRequest = (body: Uint8Array): BodyScan => new BodyScan(body, searchedWords);

const refersOutside = (members: MemberReader, search: BodySearch): boolean =>
  outsideMembers.some((name) => members.find(name) !== null) ||
  addressMembers.some((name) => search.hasOutsideAddress(name)) ||
  search.hasText('file_id') ||
  // An assistant's earlier audio answer, named by its id.
  search.hasObjectStarting('audio', 'id') ||
  search.hidesNames();
