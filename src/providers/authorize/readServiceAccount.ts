import { createPrivateKey, type KeyObject } from 'node:crypto';
import { failure, success, type Result, type Secret } from '../../kernel/index.ts';

/** Whom a key of a service account speaks for, and what it signs with. */
export interface ServiceAccount {
  readonly email: string;
  readonly keyId: string;
  /** Whoever prints it sees nothing of it. */
  readonly key: KeyObject;
}

/**
 * Reads the JSON key of a service account as Google issues it (cloud.google.com/iam/docs/keys-create-delete).
 * @returns what is wrong with it otherwise, in words that hold nothing of it
 */
export const readServiceAccount = (secret: Secret): Result<ServiceAccount, string> => {
  const parsed = parsedObject(secret.reveal());
  if (parsed === null) return failure('is no JSON object, as the key of a service account is');
  if (parsed['type'] !== 'service_account') return failure('is JSON, but no key of a service account');
  const [email, keyId, pem] = [parsed['client_email'], parsed['private_key_id'], parsed['private_key']];
  if (typeof email !== 'string' || typeof keyId !== 'string' || typeof pem !== 'string')
    return failure('lacks client_email, private_key_id or private_key');
  const key = rsaKey(pem);
  return key === null
    ? failure(`has a private_key that is no RSA key of ${modulusLengthMin} bits or more in PEM`)
    : success({ email, keyId, key });
};

const parsedObject = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
};

/** Bits of the shortest key that signs for anybody. */
const modulusLengthMin = 2048;

const rsaKey = (pem: string): KeyObject | null => {
  try {
    const key = createPrivateKey(pem);
    const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
    return key.asymmetricKeyType === 'rsa' && modulusLength >= modulusLengthMin ? key : null;
  } catch {
    return null;
  }
};
