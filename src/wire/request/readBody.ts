import { failure, success, type Result } from '../../kernel/index.ts';
import { needed, type FeatureSet, type Operation } from '../../vocabulary/index.ts';
import { scanTopLevel } from '../json/scanTopLevel.ts';
import type { RequestFacts, RequestFault } from '../wire.ts';
import { BodySearch } from './BodySearch.ts';
import { MemberReader } from './MemberReader.ts';
import type { SearchedWords } from './SearchedWords.ts';

/** Tokens that a vendor's own template and tool preamble may add to those of the body. */
const templateTokens = 1_024;

/** Bytes of a body per token of input, for plain estimates. */
const bytesPerToken = 4;

/** What a wire finds in a body; the rest of the facts are the same for all wires. */
export interface WireFacts {
  readonly facts: Omit<RequestFacts, 'requirements' | 'inputBoundTokens' | 'inputEstimateTokens' | 'members'>;
  /** What it needs of a target, but for a stream, which the facts tell. */
  readonly features: FeatureSet;
  /** Content that is not in the body belongs to the request, so the body's size does not bound it. */
  readonly refersOutside: boolean;
}

/** Scans a body and has a wire read its members. @param words What the wire may search the body for. */
export const readBody = (
  body: Uint8Array,
  operation: Operation,
  words: SearchedWords,
  read: (members: MemberReader, search: BodySearch) => WireFacts,
): Result<RequestFacts, RequestFault> => {
  const scanned = scanTopLevel(body);
  if (!scanned.ok) {
    const { code, message, key } = scanned.fault;
    return failure({ code, message, ...(key === undefined ? {} : { parameter: key }) });
  }
  const members = new MemberReader(body, scanned.value);
  const { facts, features, refersOutside } = read(members, new BodySearch(body, words));
  if (members.fault !== null) return failure(members.fault);
  return success({
    ...facts,
    inputBoundTokens: refersOutside ? null : body.length + templateTokens,
    inputEstimateTokens: Math.ceil(body.length / bytesPerToken),
    requirements: {
      operation,
      features: features | needed(facts.stream, 'stream'),
      parameters: scanned.value.map((member) => member.key),
    },
    members: scanned.value,
  });
};
