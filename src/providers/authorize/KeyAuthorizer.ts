import type { Secret } from '../../kernel/index.ts';
import type { UpstreamWire } from '../../wire/index.ts';
import type { Authorizer, OpenCall } from './Authorizer.ts';

/** A key that goes with each call, in the header of its wire. */
export class KeyAuthorizer implements Authorizer {
  readonly secrets: readonly Secret[];
  readonly manner = 'key';
  readonly #key: Secret;

  constructor(key: Secret) {
    this.#key = key;
    this.secrets = [key];
  }

  authorize({ headers }: OpenCall, wire: Pick<UpstreamWire, 'credentialHeaders'>): void {
    Object.assign(headers, wire.credentialHeaders(this.#key.reveal()));
  }
}
