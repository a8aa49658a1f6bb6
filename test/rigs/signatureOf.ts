// Amazon's Signature Version 4, written from its manual (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html) and apart from the signer that is used.
import { createHash, createHmac } from 'node:crypto';

export interface SignedCall {
  readonly method: string;
  /** Path as it is sent, with its query. */
  readonly path: string;
  /** Those that the signature covers, in small letters, `host` and `x-amz-date` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export interface SigningScope {
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const digest = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/** "Each path segment must be URI-encoded twice (except for Amazon S3 which only gets URI-encoded once)": the path is encoded once where it is sent. */
const encodedAgain = (path: string): string =>
  path
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(
        /[!'()*]/g,
        (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join('/');

/** The signature of a call, in hexadecimal. */
export const signatureOf = ({ method, path, headers, body }: SignedCall, scope: SigningScope): string => {
  const names = Object.keys(headers).toSorted();
  const [bare = '', query = ''] = path.split('?');
  const canonical = [
    method,
    encodedAgain(bare),
    // Sorted by their names; they are encoded once, as they are sent.
    query.split('&').toSorted().join('&'),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    digest(body),
  ].join('\n');
  const date = headers['x-amz-date'] ?? '';
  const day = date.slice(0, 8);
  const where = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, where, digest(canonical)].join('\n');
  const key = [day, scope.region, scope.service, 'aws4_request'].reduce<string | Buffer>(
    (sofar, part) => hmac(sofar, part),
    `AWS4${scope.secretAccessKey}`,
  );
  return hmac(key, toSign).toString('hex');
};
