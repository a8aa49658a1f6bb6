import type { Result } from '../../kernel/index.ts';
import type { Operation } from '../../vocabulary/index.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { outputTokensMax, readBody, type WireFacts } from '../request/readBody.ts';
import type { RequestFacts, RequestFault } from '../wire.ts';

/** Reads a body of `/v1/messages` (generate) or `/v1/messages/count_tokens` (countTokens). */
export const readRequest = (body: Uint8Array, operation: Operation): Result<RequestFacts, RequestFault> =>
  readBody(body, operation, searchedWords, (members, search) => readMessages(members, search, operation));

const readMessages = (members: MemberReader, search: BodySearch, operation: Operation): WireFacts => {
  const model = members.model();
  members.require('messages', ['array'], 'a list of messages');
  return {
    facts: {
      model,
      stream: operation === 'generate' && members.flag('stream'),
      // Usage is part of every stream of this wire: nothing is asked for and nothing is hidden.
      usageAsked: true,
      outputBoundTokens: operation === 'generate' ? requiredBound(members) : 0,
      choices: 1,
    },
    requirements: {
      tools: members.isFilledList('tools'),
      images: search.hasType('image'),
      structuredOutput: members.find('output_format') !== null || asksForFormat(members),
    },
    refersOutside: refersOutside(members, search),
  };
};

/** 0 fills the prompt cache without an answer (@anthropic-ai/sdk 1.14.0, `MessageCreateParams.max_tokens`). */
const requiredBound = (members: MemberReader): number =>
  members.count('max_tokens', 0, outputTokensMax) ??
  members.refuse('max_tokens', '`max_tokens` is required: the most tokens the answer may have', 0);

const asksForFormat = (members: MemberReader): boolean =>
  (members.nested('output_config')?.find('format') ?? null) !== null;

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

const searchedWords =
  /"(?:image|url|file|file_id|web_search_|web_fetch_|code_execution_|mcp_|advisor_|compact_)|\\u00[4-7]/;

const refersOutside = (members: MemberReader, search: BodySearch): boolean =>
  outsideMembers.some((name) => members.find(name) !== null) ||
  outsideTypes.some((type) => search.hasType(type)) ||
  search.hasText('file_id') ||
  search.hidesNames();
