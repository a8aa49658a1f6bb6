import { sign } from 'node:crypto';
import { Secret } from '../../kernel/index.ts';
import type { Authorizer, OpenCall } from './Authorizer.ts';
import type { ServiceAccount } from './readServiceAccount.ts';

/** All of Google's cloud that the account may use: what it may is said by its roles. */
const scope = 'https://www.googleapis.com/auth/cloud-platform';
/** Most that Google takes. */
const lifetimeMs = 3_600_000;
/** A token that ends sooner is not begun a call with. */
const renewedBeforeMs = 300_000;

interface IssuedToken {
  readonly token: Secret;
  readonly fromMs: number;
}

/**
 * Authorizes calls by tokens that the account signs itself: Google takes them in place of those that it would issue for them (google.aip.dev/auth/4111, "Self-signed
 * JWT"). So nobody has to be asked before a call, and a key that is no good is refused like any other.
 */
export class ServiceAccountAuthorizer implements Authorizer {
  readonly secrets: readonly Secret[];
  readonly manner = 'service account';
  readonly #account: ServiceAccount;
  #issued: IssuedToken | null = null;

  /** @param document The key as Google issued it, from which the account was read. */
  constructor(account: ServiceAccount, document: Secret) {
    this.#account = account;
    this.secrets = [document];
  }

  get token(): Secret | null {
    return this.#issued?.token ?? null;
  }

  authorize({ headers }: OpenCall, _wire: unknown, nowMs: number): void {
    if (this.#issued === null || !isFresh(this.#issued, nowMs)) this.#issued = this.#issue(nowMs);
    headers['authorization'] = `Bearer ${this.#issued.token.reveal()}`;
  }

  #issue(nowMs: number): IssuedToken {
    const { email, keyId, key } = this.#account;
    const fromS = Math.floor(nowMs / 1_000);
    const signed = [
      { alg: 'RS256', typ: 'JWT', kid: keyId },
      { iss: email, sub: email, scope, iat: fromS, exp: fromS + lifetimeMs / 1_000 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url');
    return { token: new Secret(`${signed}.${signature}`), fromMs: nowMs };
  }
}

/** A clock that was put back makes a token one of the future, which nobody takes. */
const isFresh = ({ fromMs }: IssuedToken, nowMs: number): boolean =>
  nowMs >= fromMs && nowMs < fromMs + lifetimeMs - renewedBeforeMs;
