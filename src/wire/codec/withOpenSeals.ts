import type { AnswerContent, GenerateRequest, Message, Seal } from '../../vocabulary/index.ts';
import type { SealPlace } from './Codec.ts';
import { opensAt } from './sealMark.ts';
import { callKey, type KnownSignatures } from './SignedCall.ts';
import { withCallSeals } from './withCallSeals.ts';

/** A request whose seals stand where writers of wires look for them, and what of it was left out since its seals mean nothing at the target. */
export interface OpenedSeals {
  readonly request: GenerateRequest;
  readonly dropped: readonly string[];
}

const none: KnownSignatures = new Map();

/**
 * The request without what was sealed elsewhere: thinking is left out whole, since it would be refused unsealed, and calls and texts go without their seals. What
 * a target cannot open is not sent there as if it were its own.
 * @param known Signatures of calls, for those that came without.
 */
export const withOpenSeals = (
  request: GenerateRequest,
  place: SealPlace,
  known: KnownSignatures = none,
): OpenedSeals => {
  const isForeign = (seal: Seal | null | undefined): boolean =>
    seal !== null && seal !== undefined && !opensAt(seal, place);
  const dropped = new Set<string>();
  const opened = (part: AnswerContent): readonly AnswerContent[] => {
    if (part.type === 'tool-call' && part.seal === undefined) {
      const seal = known.get(callKey(part));
      return seal === undefined || isForeign(seal) ? [part] : [{ ...part, seal }];
    }
    if (!('seal' in part) || !isForeign(part.seal)) return [part];
    if (part.type === 'thinking' || part.type === 'redacted-thinking') {
      dropped.add('thinking');
      return [];
    }
    dropped.add('thought_signature');
    const { seal: _seal, ...unsealed } = part;
    return [unsealed];
  };
  const messages = withCallSeals(request.messages).map((message): Message => {
    if (message.role !== 'assistant') return message;
    return { role: message.role, content: message.content.flatMap(opened) };
  });
  return { request: { ...request, messages }, dropped: [...dropped] };
};
