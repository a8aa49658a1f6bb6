import { Secret } from '../../src/kernel/index.ts';
import { authorizerOf } from '../../src/providers/index.ts';
import type { ReceivedCall } from './ScriptedUpstream.ts';
import { signatureOf } from './signatureOf.ts';

/** The parts of a temporary key that is none, with letters that are written otherwise in addresses. */
export const secretAccessKey = 'not-a-real-secret/k';
export const sessionToken = 'IQoJb3Jp//made-up-token==';

/** Signs for a region with a key that is none. */
export const signingFor = (region: string) =>
  authorizerOf(
    {
      accessKeyId: new Secret('AKIDEXAMPLE'),
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: new Secret(sessionToken),
    },
    region,
  );

const authorizationPattern =
  /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/([^/]+)\/bedrock\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;

/** Whether a service would take the signature of a call. */
export const isRightlySigned = ({ method, path, headers, body }: ReceivedCall): boolean => {
  const [, region = '', names = '', signature] = authorizationPattern.exec(String(headers['authorization'])) ?? [];
  const signed = Object.fromEntries(names.split(';').map((name) => [name, String(headers[name])]));
  return (
    names.includes('x-amz-security-token') &&
    signature === signatureOf({ method, path, headers: signed, body }, { secretAccessKey, region, service: 'bedrock' })
  );
};
