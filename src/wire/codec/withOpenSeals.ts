import type { AnswerContent, GenerateRequest, Message, Seal } from '../../vocabulary/index.ts';
import type { SealPlace } from './Codec.ts';
import { opensAt } from './sealMark.ts';
import { withCallSeals } from './withCallSeals.ts';

/** A request whose seals stand where writers of wires look for them, and what of it was left out since its seals mean nothing at the target. */
export interface OpenedSeals {
  readonly request: GenerateRequest;
  readonly dropped: readonly string[];
}

/**
 * The request without what was sealed elsewhere: thinking is left out whole, since it would be refused unsealed, and calls and texts go without their seals. What
 * a target cannot open is not sent there as if it were its own.
 */
export const withOpenSeals = (request: GenerateRequest, place: SealPlace): OpenedSeals => {
  const isForeign = (seal: Seal | null | undefined): boolean =>
    seal !== null && seal !== undefined && !opensAt(seal, place);
  const dropped = new Set<string>();
  const opened = (part: AnswerContent): readonly AnswerContent[] => {
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
