import type { UpstreamCall } from '../../egress/index.ts';
import type { Secret } from '../../kernel/index.ts';
import type { UpstreamWire } from '../../wire/index.ts';

/** A call that is whole but for its credential, which its headers take. */
export interface OpenCall extends UpstreamCall {
  readonly headers: Record<string, string>;
}

/** Puts a provider's credential on its calls. */
export interface Authorizer {
  /** What it is made of: whoever is called may repeat it, and nobody else may hear of it. */
  readonly secrets: readonly Secret[];
  /** What it has made of them for its latest call and uses again, such as a token: as secret as they are. Absent where it keeps nothing. */
  readonly token?: Secret | null;
  /** How they are used, without them: what makes of the same secrets another credential. */
  readonly manner: string;
  /**
   * Writes the credential into the headers of a call, which must be whole: it may be a signature over the rest.
   * @param wire On which the call is made.
   * @param nowMs Unix milliseconds.
   */
  authorize(call: OpenCall, wire: Pick<UpstreamWire, 'credentialHeaders'>, nowMs: number): void;
}
