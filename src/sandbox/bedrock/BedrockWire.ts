import { createHash } from 'node:crypto';
import { failure, success } from '../../kernel/index.ts';
import type { Clock, Result } from '../../kernel/index.ts';
import { composeAnswer } from '../answer/composeAnswer.ts';
import { drawFrom } from '../Draw.ts';
import type { CatalogueModel, CatalogueVendor } from '../sandboxCatalogue.ts';
import type { Answer, AnsweredFault, Refusal, StreamEvent, VendorRequest, VendorWire } from '../vendor/VendorWire.ts';
import { answerEmbed } from './answerEmbed.ts';
import { bedrockRefusal, invalid, notJson } from './bedrockRefusal.ts';
import type { BedrockError } from './bedrockRefusal.ts';
import { checkSignature } from './checkSignature.ts';
import { readConverse } from './readConverse.ts';
import { eventFrame, exceptionFrame } from './writeFrame.ts';
import { outputTokens, writeConverseBody, writeConverseEvents } from './writeConverse.ts';

/** The public half of the key that requests to these vendors are signed with; its secret half is the vendors' credential. */
export const sandboxAccessKeyId = 'AKID-SANDBOX';

/** What a path asks for, and of which model. */
interface Operation {
  readonly modelId: string;
  readonly name: 'converse' | 'converse-stream' | 'invoke';
}

const unexpected = 'The system encountered an unexpected error during processing. Try your request again.';

const serverError: BedrockError = { status: 500, type: 'InternalServerException', message: unexpected };
/** As the gateway in front says it. */
const unreachable: BedrockError = { status: 503, type: null, message: 'Service Unavailable' };
const unknownOperation: BedrockError = { status: 404, type: 'UnknownOperationException', message: 'Unknown operation' };
const wrongKey: BedrockError = {
  status: 403,
  type: 'AccessDeniedException',
  message: 'Authentication failed: Please make sure your API Key is valid.',
};
const noKey: BedrockError = {
  status: 403,
  type: 'MissingAuthenticationTokenException',
  message: 'Missing Authentication Token',
};
const unknownKey: BedrockError = {
  status: 403,
  type: 'UnrecognizedClientException',
  message: 'The security token included in the request is invalid.',
};

const readPath = (path: string): Operation | null => {
  const [, id, name] = /^\/model\/([^/]+)\/([a-z-]+)$/.exec(path) ?? [];
  if (id === undefined || (name !== 'converse' && name !== 'converse-stream' && name !== 'invoke')) return null;
  try {
    return { modelId: decodeURIComponent(id), name };
  } catch {
    return null;
  }
};

/** A vendor that speaks this wire: Converse, ConverseStream, and InvokeModel for vectors. Its host is its region. */
export class BedrockWire implements VendorWire {
  readonly streamType = 'application/vnd.amazon.eventstream';
  readonly #vendor: CatalogueVendor;
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #apiKey: string;

  constructor(vendor: CatalogueVendor, seed: number, clock: Clock, apiKey: string) {
    this.#vendor = vendor;
    this.#seed = seed;
    this.#clock = clock;
    this.#apiKey = apiKey;
  }

  requestId(unique: string): string {
    return unique.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  headers(requestId: string): Readonly<Record<string, string>> {
    return { 'x-amzn-requestid': requestId };
  }

  asksForStream({ path }: VendorRequest): boolean {
    return readPath(path)?.name === 'converse-stream';
  }

  /** A frame whose checksum is wrong, and what looks like one. */
  garbageStream(): Uint8Array {
    const frame = eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: '<<<<' } });
    frame.writeUInt32BE((frame.readUInt32BE(frame.length - 4) ^ 1) >>> 0, frame.length - 4);
    return Buffer.concat([frame, Buffer.from('\0\0\0\x10<<<<')]);
  }

  /** Every second break is one within a frame. */
  torn({ bytes }: StreamEvent): Uint8Array {
    const frame = Buffer.from(bytes);
    return frame.subarray(0, (frame.at(-1) ?? 0) % 2 === 0 ? 0 : frame.length >> 1);
  }

  answer(request: VendorRequest): Result<Answer, Refusal> {
    const answer = this.#answer(request);
    return answer.ok ? answer : failure(bedrockRefusal(answer.fault));
  }

  tooLarge(): Refusal {
    return bedrockRefusal({
      status: 413,
      type: 'RequestEntityTooLargeException',
      message: 'The request is larger than the service takes.',
    });
  }

  fault(fault: AnsweredFault, _requestId: string, retryAfterS: number, unavailable: boolean): Refusal {
    return bedrockRefusal(faultError(fault, retryAfterS, unavailable));
  }

  streamError(): Uint8Array {
    return exceptionFrame('internalServerException', { message: unexpected });
  }

  #answer(request: VendorRequest): Result<Answer, BedrockError> {
    const operation = readPath(request.path);
    if (operation === null || request.method !== 'POST') return failure(unknownOperation);
    const denied = this.#denial(request);
    if (denied !== null) return failure(denied);
    let body: unknown;
    try {
      body = JSON.parse(request.body.toString('utf8'));
    } catch {
      return failure(notJson);
    }
    const model = this.#model(operation);
    if (!model.ok) return model;
    const digest = createHash('sha256')
      .update(`${this.#seed}\0${this.#vendor.name}\0`)
      .update(request.body)
      .digest('hex');
    return operation.name === 'invoke'
      ? answerEmbed(body, model.value, digest)
      : this.#converse(body, model.value, digest, operation.name === 'converse-stream');
  }

  /** A key of the vendor's own goes as a bearer; all else is signed. */
  #denial(request: VendorRequest): BedrockError | null {
    const { authorization } = request.headers;
    if (authorization === undefined) return noKey;
    const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (key !== undefined) return key === this.#apiKey ? null : wrongKey;
    if (!authorization.startsWith('AWS4-HMAC-SHA256 ')) return noKey;
    const party = {
      accessKeyId: sandboxAccessKeyId,
      secretAccessKey: this.#apiKey,
      region: this.#vendor.host,
      service: 'bedrock',
    };
    return checkSignature(request, party, this.#clock.nowMs());
  }

  #model({ modelId, name }: Operation): Result<CatalogueModel, BedrockError> {
    const model = this.#vendor.models.find(({ id }) => id === modelId);
    if (model === undefined) return failure(invalid('The provided model identifier is invalid.'));
    if ((model.kind === 'embedding') === (name === 'invoke')) return success(model);
    return failure(
      invalid(
        name === 'invoke'
          ? 'This model is not supported by InvokeModel. Use the Converse API instead.'
          : "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
      ),
    );
  }

  #converse(body: unknown, model: CatalogueModel, digest: string, stream: boolean): Result<Answer, BedrockError> {
    const read = readConverse(body, model);
    if (!read.ok) return read;
    const { prompt, inputTokens } = read.value;
    const composition = composeAnswer(prompt, drawFrom('composition', digest));
    const answer = { digest, inputTokens, composition };
    return success({
      model,
      input: { input: inputTokens },
      output: stream
        ? { kind: 'stream', events: writeConverseEvents(answer) }
        : { kind: 'whole', body: writeConverseBody(answer), tokens: { output: outputTokens(composition) } },
    });
  }
}

const faultError = (fault: AnsweredFault, retryAfterS: number, unavailable: boolean): BedrockError => {
  const headers: Readonly<Record<string, string>> = retryAfterS === 0 ? {} : { 'retry-after': String(retryAfterS) };
  switch (fault) {
    case 'down':
      return unavailable ? unreachable : serverError;
    case 'error-in-stream':
      return serverError;
    case 'overload':
      return {
        status: 503,
        type: 'ServiceUnavailableException',
        message: 'Bedrock is unable to process your request.',
        headers,
      };
    case 'auth':
      return unknownKey;
    case 'credit':
      return {
        status: 403,
        type: 'AccessDeniedException',
        message:
          'Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be provided. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 15 minutes.',
      };
    case 'rate-limit':
      return {
        status: 429,
        type: 'ThrottlingException',
        message: 'Too many requests, please wait before trying again.',
        headers,
      };
  }
};
