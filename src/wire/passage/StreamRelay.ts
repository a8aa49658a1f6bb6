import type { Failure } from '../../vocabulary/index.ts';
import type { SignedCall } from '../codec/SignedCall.ts';
import type { AnswerFollower } from '../seam/RunningAnswer.ts';
import type { SeamReading } from '../seam/SeamReading.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import type { StreamState, StreamStep } from '../wire.ts';

/** What one event of a target's stream means, and what of it goes to the client. */
export interface RelayStep extends Pick<StreamStep, 'kind' | 'failure'> {
  /** Whole events in the client's words; empty where the client gets nothing. */
  readonly bytes: Uint8Array;
}

/** Brings one answer's stream from a target to the client, made for one attempt. */
export interface StreamRelay extends Partial<AnswerFollower> {
  readonly state: StreamState;
  /** Calls that their vendor has signed so far; absent where the client gets its bytes. */
  readonly signedCalls?: readonly SignedCall[];
  /** Why what `closing` gave is no end. */
  readonly fault?: Failure | null;
  /** What became of the seam; absent where the answer is no continuation. */
  readonly seam?: SeamReading;
  relay(event: SseEvent): RelayStep;
  /** Bytes still owed to the client after the last event of a complete stream; empty where none. */
  closing(): Uint8Array;
}
