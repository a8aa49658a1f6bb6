import { assert, failure, success, type Result } from '../../kernel/index.ts';
import type { EmbedRequest, Failure } from '../../vocabulary/index.ts';
import type { CodecTarget, Untranslatable } from '../codec/Codec.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import type { AnswerHeaders, RequestFacts, RequestFault, UpstreamWire, Wire } from '../wire.ts';
import { nativeOnly, type Passage, type RelayedAnswer } from './passage.ts';
import type { VectorFrame } from './VectorFrame.ts';

export interface EmbeddingTranslation extends Pick<VectorFrame, 'inputEstimateTokens'> {
  /** The client's wire. */
  readonly client: Wire;
  readonly request: EmbedRequest;
}

/** A request for vectors in a target's words, with what the way back of its answer needs. Plain data: one thread may make it for another. */
export interface TranslatedEmbedding extends Pick<Passage, 'body' | 'dropped'> {
  readonly frame: VectorFrame;
}

/** Reads a request for vectors whole, of a client whose wire has words for them (`canPass`). */
export const readEmbedding = ({ codec }: Wire, body: Uint8Array): Result<EmbedRequest, RequestFault> => {
  assert(codec.embeddingClient !== undefined, 'who asks for vectors has words for them');
  return codec.embeddingClient.decodeRequest(body);
};

/** Says a request for vectors in the words of a target of another wire. */
export const translateEmbedding = (
  { client, request, inputEstimateTokens }: EmbeddingTranslation,
  wire: UpstreamWire,
  target: CodecTarget,
): Result<TranslatedEmbedding, Untranslatable> => {
  const { embeddingTarget } = wire.codec;
  if (embeddingTarget === undefined) return failure(noVectors(wire));
  const native = nativeOnly(client, wire, request);
  if (native !== null) return failure(native);
  const { texts, model, encoding, dimensions } = request;
  if (texts === null) return failure(tokensOnly(client));
  const written = embeddingTarget.encodeRequest({ ...request, texts }, target);
  if (!written.ok) return failure(written.fault);
  const frame = { model, encoding, dimensions, inputEstimateTokens, texts: texts.length };
  return success({ ...written.value, frame });
};

/** The way of a request for vectors that was translated, and of its answer back. @param facts Of the request as the client made it. */
export const translatedVectors = (
  client: Wire,
  wire: UpstreamWire,
  facts: RequestFacts,
  { body, dropped, frame }: TranslatedEmbedding,
): Passage => ({
  wire,
  translated: true,
  body,
  // Nothing is left to edit in a body that is written for its target.
  facts: { ...facts, members: [] },
  dropped,
  frame: null,
  vectors: frame,
  relayStream: () => {
    throw new Error('vectors do not come in a stream');
  },
  relayAnswer: (_operation, answer, headers) => translateVectors({ client, frame }, wire, answer, headers),
});

/** The way from a client who asks for vectors to a target that speaks another wire; both must have words for them (`canPass`). */
export const embeddingPassage = (
  translation: Omit<EmbeddingTranslation, 'inputEstimateTokens'> & { readonly facts: RequestFacts },
  wire: UpstreamWire,
  target: CodecTarget,
): Result<Passage, Untranslatable> => {
  const { client, request, facts } = translation;
  const { inputEstimateTokens } = facts;
  const translated = translateEmbedding({ client, request, inputEstimateTokens }, wire, target);
  return translated.ok ? success(translatedVectors(client, wire, facts, translated.value)) : translated;
};

const noVectors = (target: UpstreamWire): Untranslatable => ({
  code: 'unsupported_feature',
  message: `The wire ${target.name} makes no vectors for clients of another one.`,
});

const tokensOnly = (client: Wire): Untranslatable => ({
  code: 'unsupported_feature',
  message: `Tokens in \`input\` are known to the model only that they are of. Send texts, or ask for a model with a target that speaks ${client.name}.`,
  parameter: 'input',
});

/** Most numbers of one answer, far more than real ones have in 32 MiB. A digit may have to be written as a fraction of twenty. */
const numbersMax = 4_000_000;

/**
 * Says vectors in the client's words. What a client puts beside its other vectors must be one for each text, and of the length that it asked for.
 * @param headers Of the answer: some vendors count there.
 */
export const translateVectors = (
  { client, frame }: { readonly client: Wire; readonly frame: VectorFrame },
  wire: UpstreamWire,
  body: Uint8Array,
  headers: AnswerHeaders,
): Result<RelayedAnswer, Failure> => {
  const { embeddingTarget } = wire.codec;
  const { embeddingClient } = client.codec;
  assert(embeddingTarget !== undefined && embeddingClient !== undefined, 'both had words for the request');
  const decoded = embeddingTarget.decodeAnswer(body, headers);
  if (!decoded.ok) return failure(decoded.fault);
  const { vectors, usage } = decoded.value;
  const { texts, dimensions } = frame;
  if (vectors.length !== texts)
    return failure(protocolFailure('not_an_answer', `${vectors.length} vectors came for ${texts} texts`));
  const length = dimensions ?? vectors[0]?.length;
  const other = vectors.find((vector) => vector.length !== length);
  if (other !== undefined)
    return failure(protocolFailure('not_an_answer', `a vector of ${other.length} numbers came for one of ${length}`));
  if (texts * (length ?? 0) > numbersMax)
    return failure(protocolFailure('too_many_values', `the answer has more than ${numbersMax} numbers`));
  return success({ usage, outputBytes: 0, body: embeddingClient.encodeAnswer(decoded.value, frame, frame) });
};
