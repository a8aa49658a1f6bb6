import type { Result } from '../../kernel/index.ts';
import type { Operation } from '../../vocabulary/index.ts';
import { searchedWordsOf } from '../json/PlaceFinder.ts';
import { BodyScan } from '../json/scanTopLevel.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { readBody, type WireFacts } from '../request/readBody.ts';
import { requestCeilings, type RequestCeilings } from '../request/RequestCeilings.ts';
import type { PathWords, RequestFacts, RequestFault } from '../wire.ts';
import { addressMembers, mediaMembers, needsOf } from './needsOf.ts';
import { firstOf, nestedIn, spellings } from './spellings.ts';

/** Reads a body of `:generateContent` and `:streamGenerateContent` (generate) or of `:countTokens`; the path says the model and whether it streams. */
export const readRequest = (
  body: Uint8Array | BodyScan,
  operation: Operation,
  ceilings: RequestCeilings = requestCeilings,
  words: PathWords | null = null,
): Result<RequestFacts, RequestFault> =>
  readBody(body, operation, searchedWords, (members, search) =>
    readContents(members, search, operation, ceilings, words ?? noWords),
  );

const noWords: PathWords = { model: '', stream: false };

const readContents = (
  members: MemberReader,
  search: BodySearch,
  operation: Operation,
  ceilings: RequestCeilings,
  { model, stream }: PathWords,
): WireFacts => {
  refuseBothSpellings(members);
  const isCount = operation === 'countTokens';
  const isWrapped = isCount && spellings('generateContentRequest').some((name) => members.find(name) !== null);
  // One content may stand for a list of them.
  if (!isWrapped) members.require('contents', ['array', 'object'], 'a list of contents');
  const config = nestedIn(members, 'generationConfig');
  if (config !== null) refuseBothSpellings(config);
  const choices = firstOf('candidateCount', (name) => config?.count(name, 1, ceilings.choices, 'choices')) ?? 1;
  const bound = firstOf('maxOutputTokens', (name) => config?.count(name, 1, ceilings.outputTokens, 'outputTokens'));
  return {
    facts: {
      model,
      stream: stream && !isCount,
      // Usage is part of every stream of this wire: nothing is asked for and nothing is hidden.
      usageAsked: true,
      outputBoundTokens: isCount ? 0 : bound === null ? null : bound * choices,
      choices,
    },
    features: needsOf(members, config, search, ceilings),
    refersOutside: refersOutside(members, search),
  };
};

/** Which of the two the vendor takes is not known: what is read here would not be what is billed. */
const refuseBothSpellings = (members: MemberReader): void => {
  const seen = new Set<string>();
  for (const { key } of members.members) {
    const name = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (seen.has(name))
      members.refuse(key, `\`${key}\` stands there in both spellings; send it once`, null, 'duplicate_key');
    seen.add(name);
  }
};

/** Tools that the vendor runs and whose results the model reads. */
const vendorTools = [
  'googleSearch',
  'googleSearchRetrieval',
  'googleMaps',
  'urlContext',
  'codeExecution',
  'retrieval',
  'fileSearch',
  'enterpriseWebSearch',
  'computerUse',
  'mcpServers',
].flatMap(spellings);

const searchedWords = searchedWordsOf([...addressMembers, ...vendorTools, ...mediaMembers]);

/** Begins to scan a body, for who goes on with it in pieces. */
export const scanRequest = (body: Uint8Array): BodyScan => new BodyScan(body, searchedWords);

const refersOutside = (members: MemberReader, search: BodySearch): boolean =>
  spellings('cachedContent').some((name) => members.find(name) !== null) ||
  addressMembers.some((name) => search.hasText(name)) ||
  vendorTools.some((name) => search.hasMember(name)) ||
  search.hidesNames();
