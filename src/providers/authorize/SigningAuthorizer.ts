import type * as aws4 from 'aws4';
import { assert, type Secret } from '../../kernel/index.ts';
import type { UpstreamWire } from '../../wire/index.ts';
import type { Authorizer, OpenCall } from './Authorizer.ts';

/** A signing key; temporary ones have a token. */
export interface SigningKey {
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret | null;
}

type Aws4 = typeof aws4;

const isAws4 = (loaded: unknown): loaded is Aws4 =>
  typeof loaded === 'object' && loaded !== null && 'RequestSigner' in loaded;

/** Not by import: most gateways have nobody to sign for. */
const loadAws4 = (): Aws4 => {
  const loaded: unknown = process.getBuiltinModule('node:module').createRequire(import.meta.url)('aws4');
  assert(isAws4(loaded), 'aws4 has a signer');
  return loaded;
};

/** The service that signatures are for, as Amazon names it in them. */
const service = 'bedrock';

/** Headers of a call that the signature covers, beside those that it brings. Others may be changed on the way. */
const signedHeader = 'content-type';

/** Signs each call with Amazon's Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). */
export class SigningAuthorizer implements Authorizer {
  readonly secrets: readonly Secret[];
  readonly manner: string;
  readonly #key: SigningKey;
  readonly #region: string;
  readonly #aws4: Aws4;

  constructor(key: SigningKey, region: string) {
    const { accessKeyId, secretAccessKey, sessionToken } = key;
    this.secrets = [secretAccessKey, accessKeyId, ...(sessionToken === null ? [] : [sessionToken])];
    this.#key = key;
    this.#region = region;
    this.manner = `signature for ${region}`;
    this.#aws4 = loadAws4();
  }

  authorize(call: OpenCall, _wire: Pick<UpstreamWire, 'credentialHeaders'>, nowMs: number): void {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#key;
    const { headers, origin, method, path, body } = call;
    headers['x-amz-date'] = dateOf(nowMs);
    if (sessionToken !== null) headers['x-amz-security-token'] = sessionToken.reveal();
    const signer = new this.#aws4.RequestSigner(
      {
        service,
        region: this.#region,
        method,
        path,
        headers: {
          host: new URL(origin).host,
          ...covered(headers),
        },
        ...(body === null ? {} : { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }),
        // What is signed is what is sent: nothing is added here.
        doNotModifyHeaders: true,
      },
      { accessKeyId: accessKeyId.reveal(), secretAccessKey: secretAccessKey.reveal() },
    );
    signer.datetime = headers['x-amz-date'];
    headers['authorization'] = signer.authHeader();
  }
}

const covered = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name === signedHeader || name.startsWith('x-amz-')));

/** "20260115T093000Z" */
const dateOf = (nowMs: number): string => new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
