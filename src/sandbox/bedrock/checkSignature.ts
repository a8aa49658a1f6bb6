// Amazon's Signature Version 4, from its manual: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto';
import type { VendorRequest } from '../vendor/VendorWire.ts';
import type { BedrockError } from './bedrockRefusal.ts';

/** Who may sign, and for where. */
export interface SigningParty {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

/** What `Authorization` says of a signature. */
interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Milliseconds that a signature is good for, before and after. */
const skewMs = 300_000;

const denied = (type: string, message: string): BedrockError => ({ status: 403, type, message });
const wrong = (message: string): BedrockError => denied('InvalidSignatureException', message);
const incomplete = (message: string): BedrockError => ({ status: 400, type: 'IncompleteSignatureException', message });

const mismatch = wrong(
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
);

const unknownKey = denied('UnrecognizedClientException', 'The security token included in the request is invalid.');

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Percent-encoding of all but letters, digits and `-._~`. */
const uriEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Every segment of the path that was sent is encoded once more: only S3 is signed as it is sent. */
const canonicalPath = (path: string): string => path.split('/').map(uriEncode).join('/');

/** Parameters by their names, each with its sign of equality. */
const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .toSorted()
    .join('&');

const headerLine = ({ headers }: VendorRequest, name: string): string =>
  `${name}:${[headers[name] ?? []].flat().join(',').trim().replace(/ +/g, ' ')}\n`;

const canonicalRequest = (request: VendorRequest, signedHeaders: readonly string[]): string =>
  [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    signedHeaders.map((name) => headerLine(request, name)).join(''),
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');

/** The signature that a request must have. @param date "20261103T093000Z" */
export const signatureOf = (
  request: VendorRequest,
  signedHeaders: readonly string[],
  date: string,
  { secretAccessKey, region, service }: Omit<SigningParty, 'accessKeyId'>,
): string => {
  const scope = [date.slice(0, 8), region, service, 'aws4_request'];
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope.join('/')}\n${sha256(canonicalRequest(request, signedHeaders))}`;
  let key: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of scope) key = hmac(key, part);
  return hmac(key, toSign).toString('hex');
};

const readClaim = (authorization: string): Claim | null => {
  const parts = new Map(
    authorization
      .slice('AWS4-HMAC-SHA256'.length)
      .split(',')
      .map((part) => part.trim().split('=') as [string, string]),
  );
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) =>
    parts.get(name),
  );
  if (credential === undefined || signedHeaders === undefined || signature === undefined) return null;
  return { credential, signedHeaders: signedHeaders.split(';'), signature };
};

/** Unix milliseconds of "20261103T093000Z"; NaN where it is not one. */
const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const dateOf = (ms: number): string => new Date(ms).toISOString().replace(/[:-]|\.\d{3}/g, '');

const checkTime = (date: string, nowMs: number): BedrockError | null => {
  const signedMs = timeOf(date);
  const now = dateOf(nowMs);
  if (signedMs < nowMs - skewMs) {
    return wrong(`Signature expired: ${date} is now earlier than ${dateOf(nowMs - skewMs)} (${now} - 5 min.)`);
  }
  return signedMs > nowMs + skewMs
    ? wrong(`Signature not yet current: ${date} is still later than ${dateOf(nowMs + skewMs)} (${now} + 5 min.)`)
    : null;
};

const checkScope = (credential: string, date: string, party: SigningParty): BedrockError | null => {
  const [accessKeyId = '', day = '', region = '', service = '', terminator = '', ...more] = credential.split('/');
  if (terminator === '' || more.length > 0) {
    return incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  if (accessKeyId !== party.accessKeyId) return unknownKey;
  if (region !== party.region) return wrong('Credential should be scoped to a valid region.');
  if (service !== party.service) return wrong(`Credential should be scoped to correct service: '${party.service}'.`);
  if (terminator !== 'aws4_request') {
    return wrong(`Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`);
  }
  return day === date.slice(0, 8)
    ? null
    : wrong(`Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}'.`);
};

/** The address and all that is said to Amazon itself must be covered. */
const checkCover = ({ headers }: VendorRequest, signedHeaders: readonly string[]): BedrockError | null => {
  const owed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const open = owed.find((name) => !signedHeaders.includes(name));
  return open === undefined ? null : wrong(`'${open}' must be a 'SignedHeader' in the AWS Authorization.`);
};

/** What is wrong with how a request is signed, as the vendor says it; null where nothing is. */
export const checkSignature = (request: VendorRequest, party: SigningParty, nowMs: number): BedrockError | null => {
  const claim = readClaim(request.headers.authorization ?? '');
  if (claim === null) {
    return incomplete("Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.");
  }
  const date = String(request.headers['x-amz-date']);
  if (Number.isNaN(timeOf(date))) {
    return incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  const refused = checkScope(claim.credential, date, party) ?? checkTime(date, nowMs);
  if (refused !== null) return refused;
  // This vendor issues no temporary keys.
  if (request.headers['x-amz-security-token'] !== undefined) return unknownKey;
  const uncovered = checkCover(request, claim.signedHeaders);
  if (uncovered !== null) return uncovered;
  const said = request.headers['x-amz-content-sha256'];
  if (said !== undefined && said !== sha256(request.body)) {
    return wrong("The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return claim.signature === signatureOf(request, claim.signedHeaders, date, party) ? null : mismatch;
};
