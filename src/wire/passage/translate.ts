import { assert, failure, success, type Result } from '../../kernel/index.ts';
import type { Failure } from '../../vocabulary/index.ts';
import type { AnswerFrame, CodecTarget, Untranslatable } from '../codec/Codec.ts';
import type { KnownSignatures } from '../codec/SignedCall.ts';
import { clientWires, wires } from '../matchRoute.ts';
import type { Continuing } from '../seam/continuedRequest.ts';
import { estimateInputTokens } from '../tokens/estimateInputTokens.ts';
import type { AnswerKeeping, FoundAnswers } from '../AnswerKeeping.ts';
import type { AnswerHeaders, PathWords, RequestFacts, RequestFault, UpstreamWire, Wire } from '../wire.ts';
import { readEmbedding, translateEmbedding, translateVectors, type TranslatedEmbedding } from './embeddingPassage.ts';
import { frameOf, type FrameGiven } from './frameOf.ts';
import {
  translateAnswer,
  translateRequest,
  type Leaving,
  type RelayedAnswer,
  type TranslatedRequest,
} from './passage.ts';
import type { VectorFrame } from './VectorFrame.ts';

/** A client's request, still to be read. */
interface Asked {
  /** Name of the client's wire. */
  readonly client: string;
  readonly words: PathWords | null;
  readonly body: Uint8Array;
}

/** Pieces of translation as plain data, wires by their names: whoever has the bytes can do them, on any thread. */
export interface TranslationJobs {
  /** Says a client's request in the words of a target. */
  readonly request: Asked & {
    readonly wire: string;
    readonly target: CodecTarget;
    readonly frame: FrameGiven;
    readonly without?: Leaving | undefined;
    readonly known?: KnownSignatures | undefined;
    readonly continuing?: Continuing | undefined;
  };
  /** Says a target's whole answer in the words of the client. `facts`: of the request as the target has it. */
  readonly answer: {
    readonly client: string;
    readonly wire: string;
    readonly facts: RequestFacts;
    readonly frame: AnswerFrame;
    readonly body: Uint8Array;
  };
  /** Says a client's request for vectors in the words of a target. */
  readonly embed: Pick<VectorFrame, 'inputEstimateTokens'> & {
    readonly client: string;
    readonly wire: string;
    readonly target: CodecTarget;
    readonly body: Uint8Array;
  };
  /** Says a target's vectors in the words of the client. */
  readonly vectors: {
    readonly client: string;
    readonly wire: string;
    readonly frame: VectorFrame;
    readonly headers: AnswerHeaders;
    readonly body: Uint8Array;
  };
  /** Puts a client's request together with what is kept here of its conversation. */
  readonly resume: {
    readonly client: string;
    readonly body: Uint8Array;
    readonly facts: RequestFacts;
    readonly found: FoundAnswers;
    readonly bytesMax: number;
  };
  /** Lists what a request brought whose answer is kept, which is its body here, page by page. */
  readonly page: {
    readonly client: string;
    readonly requestId: string;
    readonly query: string;
    readonly body: Uint8Array;
  };
  /** Counts the tokens of a client's request, to an upper estimate. */
  readonly count: Asked;
}

export type TranslationKind = keyof TranslationJobs;

/** What each piece comes to; plain data as well. */
export interface TranslationEnds {
  readonly request: Result<TranslatedRequest, Untranslatable>;
  readonly answer: Result<RelayedAnswer, Failure>;
  readonly embed: Result<TranslatedEmbedding, Untranslatable>;
  readonly vectors: Result<RelayedAnswer, Failure>;
  readonly resume: Result<{ readonly body: Uint8Array }, 'too_large'>;
  readonly page: Result<{ readonly body: Uint8Array }, RequestFault>;
  readonly count: Result<number, Untranslatable>;
}

const named = <Named extends UpstreamWire>(all: ReadonlyMap<string, Named>, name: string): Named => {
  const wire = all.get(name);
  assert(wire !== undefined, 'jobs name wires that are known');
  return wire;
};

const keepingOf = (name: string): AnswerKeeping => {
  const { keeping } = clientNamed(name);
  assert(keeping !== undefined, 'jobs are about answers of wires whose answers are kept');
  return keeping;
};

const clientNamed = (name: string): Wire => named(clientWires, name);

const translations: {
  readonly [Kind in TranslationKind]: (job: TranslationJobs[Kind]) => TranslationEnds[Kind];
} = {
  request: ({ client: clientName, words, body, wire, target, frame, without, known, continuing }) => {
    const client = clientNamed(clientName);
    const read = client.codec.decodeRequest(body, words);
    if (!read.ok) return failure({ ...read.fault, code: 'bad_request' });
    const request = read.value;
    const translation = { client, request, frame: frameOf(request, frame), without, known, continuing };
    return translateRequest(translation, named(wires, wire), target);
  },
  answer: ({ client, wire, facts, frame, body }) =>
    translateAnswer({ client: clientNamed(client), frame }, named(wires, wire), facts, body),
  embed: ({ client: clientName, body, wire, target, inputEstimateTokens }) => {
    const client = clientNamed(clientName);
    const read = readEmbedding(client, body);
    if (!read.ok) return failure({ ...read.fault, code: 'bad_request' });
    return translateEmbedding({ client, request: read.value, inputEstimateTokens }, named(wires, wire), target);
  },
  vectors: ({ client, wire, frame, body, headers }) =>
    translateVectors({ client: clientNamed(client), frame }, named(wires, wire), body, headers),
  resume: ({ client, body, facts, found, bytesMax }) => {
    const whole = keepingOf(client).resume(body, facts, found, bytesMax);
    return whole === null ? failure('too_large') : success({ body: whole });
  },
  page: ({ client, requestId, query, body }) => {
    const page = keepingOf(client).inputPage({ requestId, input: body }, query);
    return page.ok ? success({ body: page.value }) : page;
  },
  count: ({ client, words, body }) => {
    const read = clientNamed(client).codec.decodeRequest(body, words);
    if (!read.ok) return failure({ ...read.fault, code: 'bad_request' });
    return success(estimateInputTokens(read.value));
  },
};

/** Does one piece of translation here and now. */
export const translate = <Kind extends TranslationKind>(
  kind: Kind,
  job: TranslationJobs[Kind],
): TranslationEnds[Kind] => translations[kind](job);
