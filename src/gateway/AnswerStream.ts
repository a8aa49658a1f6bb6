import type { UpstreamHeaders } from '../egress/index.ts';

/** The client's side of an answer that goes on while it comes. */
export interface AnswerStream {
  /** Status that the client has or will have. */
  readonly status: number;
  /** Content has been sent: from here on a failure is seen. */
  readonly committed: boolean;
  /** The client has its head: from here on errors are told otherwise than by a status. */
  readonly headSent: boolean;
  /** The head of an answer that is no refusal, for those who hand it on. */
  begin?(status: number, headers: UpstreamHeaders): void;
  /** Keeps bytes that another attempt may replace. */
  hold(bytes: Uint8Array): void;
  /** Forgets what a failed attempt had said before its content. */
  discard(): void;
  /** Sends what was held and these bytes: the commit point. @returns false when the client reads slower than we write. */
  forward(bytes: Uint8Array): boolean;
  /** Sends the last bytes and ends the answer. */
  finish(bytes: Uint8Array): void;
  /** Ends an answer that has begun and does not come to its end. @param error As the client's wire says it inside a stream. */
  fail(error: Uint8Array): void;
  /** Stops the timers; sends nothing. */
  close(): void;
}
