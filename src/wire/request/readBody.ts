import { failure, success, type Result } from '../../kernel/index.ts';
import { needed, type FeatureSet, type Operation } from '../../vocabulary/index.ts';
import type { SearchedWords } from '../json/PlaceFinder.ts';
import { BodyScan } from '../json/scanTopLevel.ts';
import type { RequestFacts, RequestFault } from '../wire.ts';
import { askedTier } from './askedTier.ts';
import { BodySearch } from './BodySearch.ts';
import { inputBound } from './inputBound.ts';
import { MemberReader } from './MemberReader.ts';

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

/** Scans a body, or goes on where its scan stands, and has a wire read its members. @param words What the wire may search the body for. */
export const readBody = (
  given: Uint8Array | BodyScan,
  operation: Operation,
  words: SearchedWords,
  read: (members: MemberReader, search: BodySearch) => WireFacts,
): Result<RequestFacts, RequestFault> => {
  const scan = given instanceof BodyScan ? given : new BodyScan(given, words);
  const { body } = scan;
  const scanned = scan.finish();
  if (!scanned.ok) {
    const { code, message, key } = scanned.fault;
    return failure({ code, message, ...(key === undefined ? {} : { parameter: key }) });
  }
  const members = new MemberReader(body, scanned.value);
  const { facts, features, refersOutside } = read(members, new BodySearch(body, scan.places));
  if (members.fault !== null) return failure(members.fault);
  const serviceTier = askedTier(members);
  return success({
    ...facts,
    ...(serviceTier === null ? {} : { serviceTier }),
    inputBoundTokens: refersOutside ? null : inputBound(body, features),
    inputEstimateTokens: Math.ceil(body.length / bytesPerToken),
    requirements: {
      operation,
      features: features | needed(facts.stream, 'stream'),
      parameters: scanned.value.map((member) => member.key),
    },
    members: scanned.value,
  });
};
