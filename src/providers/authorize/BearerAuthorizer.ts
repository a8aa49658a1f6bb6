import type { Secret } from '../../kernel/index.ts';
import type { Authorizer, OpenCall } from './Authorizer.ts';

/** A token that goes as `Authorization: Bearer`, whatever header the wire has for keys. */
export class BearerAuthorizer implements Authorizer {
  readonly secrets: readonly Secret[];
  readonly manner = 'bearer';
  readonly #token: Secret;

  constructor(token: Secret) {
    this.#token = token;
    this.secrets = [token];
  }

  authorize({ headers }: OpenCall): void {
    headers['authorization'] = `Bearer ${this.#token.reveal()}`;
  }
}
