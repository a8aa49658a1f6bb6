import type { AnswerFrame, StreamEncoder } from '../codec/Codec.ts';

/** A stream for the client that is written on from where it broke off. */
export interface ResumedStream {
  readonly encoder: StreamEncoder;
  /** Number of the block of text that is open; null where none is. */
  readonly open: number | null;
  /** Number of the next block. */
  readonly next: number;
}

/** A streamed answer that stands in visible words, as the client has it so far. */
export interface RunningAnswer {
  /** Those words; thinking before them is none. */
  readonly text: string;
  /** The client has its vendor's own bytes, the id of the answer among them. */
  readonly isUntouched: boolean;
  /** @param frame How it is shown; what the client has been told already stays as it was told. */
  resume(frame: AnswerFrame): ResumedStream;
}

/** Longest text that is followed, in UTF-16 units: nobody goes on with a longer one, and it is kept no more. */
export const followedLengthMax = 1_048_576;

/** Follows a stream on its way to the client. */
export interface AnswerFollower {
  /** Null while it does not stand in words, or for ever once something was told beside which words alone are no answer: a call of a tool, a refusal, why it ended. */
  readonly running: RunningAnswer | null;
}
