import type { Result } from '../../kernel/index.ts';
import type { Operation } from '../../vocabulary/index.ts';
import { searchedWordsOf } from '../json/PlaceFinder.ts';
import { BodyScan } from '../json/scanTopLevel.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { cacheMarkIn, cacheMarkWords } from '../request/cacheMarkIn.ts';
import { defaultsIn, type Defaults } from '../request/defaultsIn.ts';
import { endUserIn } from '../request/endUserIn.ts';
import { readBody, type WireFacts } from '../request/readBody.ts';
import { requestCeilings, type RequestCeilings } from '../request/RequestCeilings.ts';
import type { HeldConversation, RequestFacts, RequestFault } from '../wire.ts';
import { needsOf } from './needsOf.ts';

/** Reads a body of `/v1/messages` (generate) or `/v1/messages/count_tokens` (countTokens). */
export const readRequest = (
  body: Uint8Array | BodyScan,
  operation: Operation,
  ceilings: RequestCeilings = requestCeilings,
): Result<RequestFacts, RequestFault> =>
  readBody(body, operation, searchedWords, (members, search) => readMessages(members, search, operation, ceilings));

const readMessages = (
  members: MemberReader,
  search: BodySearch,
  operation: Operation,
  ceilings: RequestCeilings,
): WireFacts => {
  const model = members.model();
  members.require('messages', ['array'], 'a list of messages');
  const conversation = threadOf(members);
  return {
    facts: {
      ...(conversation === null ? {} : { conversation }),
      model,
      stream: operation === 'generate' && members.flag('stream'),
      // Usage is part of every stream of this wire: nothing is asked for and nothing is hidden.
      usageAsked: true,
      outputBoundTokens: operation === 'generate' ? requiredBound(members, ceilings.outputTokens) : 0,
      choices: 1,
      ...defaultsIn(members, defaults),
      ...endUserIn(members.nested('metadata'), 'user_id'),
      ...cacheMarkIn(search),
    },
    features: needsOf(members, search, ceilings),
    refersOutside: refersOutside(members, search),
  };
};

const defaults: Defaults = { system: 'empty', tools: 'empty', stop_sequences: 'empty', metadata: 'empty' };

/** 0 fills the prompt cache without an answer (@anthropic-ai/sdk 1.14.0, `MessageCreateParams.max_tokens`). */
const requiredBound = (members: MemberReader, max: number): number =>
  members.count('max_tokens', 0, max, 'outputTokens') ??
  members.refuse('max_tokens', '`max_tokens` is required: the most tokens the answer may have', 0);

/** A thread that is begun, or goes on from a message of the vendor's (beta message-threads-2026-08-12). */
const threadOf = (members: MemberReader): HeldConversation | null => {
  const thread = members.nested('thread');
  if (thread === null) return null;
  const continues = thread.text('previous_message_id');
  return { continues, parameter: 'thread', ...(thread.text('type') === 'create' ? { begins: true } : {}) };
};

/** A conversation, a machine or servers that the vendor holds for the caller. */
const outsideMembers = ['thread', 'container', 'mcp_servers'];

/** Sources by address or file, tools that the vendor runs and whose results it reads, and compaction, which reads the input twice. */
const outsideTypes = [
  'url',
  'file',
  'web_search_*',
  'web_fetch_*',
  'code_execution_*',
  'mcp_*',
  'advisor_*',
  'compact_*',
];

const searchedWords = searchedWordsOf(['image', 'document', 'system', 'file_id', ...outsideTypes, ...cacheMarkWords]);

/** Begins to scan a body, for who goes on with it in pieces. */
export const scanRequest = (body: Uint8Array): BodyScan => new BodyScan(body, searchedWords);

const refersOutside = (members: MemberReader, search: BodySearch): boolean =>
  outsideMembers.some((name) => members.find(name) !== null) ||
  outsideTypes.some((type) => search.hasType(type)) ||
  search.hasText('file_id') ||
  search.hidesNames();
