import type { Answer, AnswerPart, Seal, ToolCallPart } from '../../vocabulary/index.ts';
import type { CallIdRule } from './CallIdRule.ts';
import { clientCallId } from './CallIds.ts';
import type { AnswerFrame } from './Codec.ts';
import { sealMark } from './sealMark.ts';

/** A call that its vendor has signed, as the client knows it. */
export interface SignedCall {
  readonly id: string;
  readonly name: string;
  /** With its mark. */
  readonly seal: Seal;
}

/** Signatures of calls, by `callKey`: plain data, which goes to another thread as it is. */
export type KnownSignatures = ReadonlyMap<string, Seal>;

/** What a call is known by when it comes back: not by its id alone, since some vendors number the calls of each answer anew. */
export const callKey = ({ id, name }: Pick<ToolCallPart, 'id' | 'name'>): string => `${name}\n${id}`;

const signed = (
  { id, name }: Pick<ToolCallPart, 'id' | 'name'>,
  position: number,
  seal: Seal,
  frame: AnswerFrame,
  rule: CallIdRule,
): SignedCall => ({
  id: clientCallId(id, position, frame, rule),
  name,
  seal: { ...seal, mark: sealMark(seal, frame.sealedAt) },
});

/** @param rule Of the client's wire. */
export const signedCallsOf = ({ content }: Answer, frame: AnswerFrame, rule: CallIdRule): readonly SignedCall[] =>
  content.flatMap((part, position) =>
    part.type === 'tool-call' && part.seal !== undefined ? [signed(part, position, part.seal, frame, rule)] : [],
  );

/** Finds the signed calls in a streamed answer. */
export class SignedCallReader {
  readonly #frame: AnswerFrame;
  readonly #rule: CallIdRule;
  readonly #open = new Map<number, Pick<ToolCallPart, 'id' | 'name'>>();
  readonly #found: SignedCall[] = [];

  /** @param rule Of the client's wire. */
  constructor(frame: AnswerFrame, rule: CallIdRule) {
    this.#frame = frame;
    this.#rule = rule;
  }

  get found(): readonly SignedCall[] {
    return this.#found;
  }

  read(parts: readonly AnswerPart[]): void {
    for (const part of parts) {
      if (part.type === 'tool-call-start') this.#open.set(part.block, part);
      if (part.type === 'tool-call-end') this.#close(part.block, part.seal);
    }
  }

  #close(block: number, seal: Seal | undefined): void {
    const call = this.#open.get(block);
    this.#open.delete(block);
    if (call !== undefined && seal !== undefined) {
      this.#found.push(signed(call, block, seal, this.#frame, this.#rule));
    }
  }
}
