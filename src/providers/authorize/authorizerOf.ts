import type { Secret } from '../../kernel/index.ts';
import type { CredentialName } from '../schema.ts';
import type { Authorizer } from './Authorizer.ts';
import { BearerAuthorizer } from './BearerAuthorizer.ts';
import { KeyAuthorizer } from './KeyAuthorizer.ts';
import { readServiceAccount } from './readServiceAccount.ts';
import { ServiceAccountAuthorizer } from './ServiceAccountAuthorizer.ts';
import { SigningAuthorizer } from './SigningAuthorizer.ts';

/** How calls to a provider are authorized, from the parts of its credential that can be read; null where they make none. A key of its own goes before a token, and both before one to sign with. */
export const authorizerOf = (
  {
    apiKey,
    bearerToken,
    serviceAccount,
    accessKeyId,
    secretAccessKey,
    sessionToken,
  }: Readonly<Partial<Record<CredentialName, Secret>>>,
  region: string | null,
): Authorizer | null => {
  if (apiKey !== undefined) return new KeyAuthorizer(apiKey);
  if (bearerToken !== undefined) return new BearerAuthorizer(bearerToken);
  if (serviceAccount !== undefined) return ofServiceAccount(serviceAccount);
  if (accessKeyId === undefined || secretAccessKey === undefined || region === null) return null;
  return new SigningAuthorizer({ accessKeyId, secretAccessKey, sessionToken: sessionToken ?? null }, region);
};

/** A key that cannot be read was refused with the file that refers to it. */
const ofServiceAccount = (document: Secret): Authorizer | null => {
  const account = readServiceAccount(document);
  return account.ok ? new ServiceAccountAuthorizer(account.value, document) : null;
};

/** All that a vendor may repeat of a call that was authorized. */
export const secretsToldBy = (authorizer: Authorizer | null): readonly Secret[] => {
  if (authorizer === null) return [];
  const { secrets, token = null } = authorizer;
  return token === null ? secrets : [...secrets, token];
};

/** Whether two credentials are the same one. */
export const isSameCredential = (one: Authorizer | null, other: Authorizer | null): boolean => {
  const values = (authorizer: Authorizer | null): string =>
    JSON.stringify([authorizer?.manner, authorizer?.secrets.map((secret) => secret.reveal())]);
  return values(one) === values(other);
};
