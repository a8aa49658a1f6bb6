// A service account of Google's cloud, with the key that its owner would have downloaded, and what Google would make of its tokens.
import { createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { noteSecret } from './canaries/OutputKeeper.ts';

export interface IssuedAccount {
  /** As it is downloaded: JSON in several lines. */
  readonly document: string;
  readonly email: string;
  readonly keyId: string;
  readonly publicKey: KeyObject;
}

/** What a token says of itself. */
export interface TokenClaims {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

let issued = 0;

/** Issues a key. What servers and commands write is searched for it, as for every secret of a test. */
export const issueServiceAccount = (): IssuedAccount => {
  issued += 1;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const email = `caller-${issued}@test-project.iam.gserviceaccount.com`;
  const keyId = `key-${issued}`;
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  noteSecret(`service account ${issued}`, pem);
  const document = {
    type: 'service_account',
    project_id: 'test-project',
    private_key_id: keyId,
    private_key: pem,
    client_email: email,
    client_id: '1',
    token_uri: 'https://oauth2.googleapis.com/token',
  };
  return { document: `${JSON.stringify(document, null, 2)}\n`, email, keyId, publicKey };
};

const part = (text: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(text ?? '', 'base64url').toString()) as Record<string, unknown>;

/** Reads the token of a call, or null where the account's key has not signed it. */
export const readToken = (authorization: unknown, { publicKey }: IssuedAccount): TokenClaims | null => {
  const token = /^Bearer (\S+)$/.exec(String(authorization))?.[1] ?? '';
  const [header, claims, signature = ''] = token.split('.');
  const isSigned = createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url');
  return isSigned ? { header: part(header), claims: part(claims) } : null;
};
