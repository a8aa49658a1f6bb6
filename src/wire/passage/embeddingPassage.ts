import { failure, success, type Result } from '../../kernel/index.ts';
import type { EmbedRequest, Failure } from '../../vocabulary/index.ts';
import type { CodecTarget, EmbeddingClient, EmbeddingTarget, TextsToEmbed, Untranslatable } from '../codec/Codec.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import type { AnswerHeaders, RequestFacts, UpstreamWire, Wire } from '../wire.ts';
import { nativeOnly, type Passage, type RelayedAnswer } from './passage.ts';

export interface EmbeddingTranslation {
  /** The client's wire. */
  readonly client: Wire;
  readonly request: EmbedRequest;
  /** Of the request as the client made it. */
  readonly facts: RequestFacts;
}

/** The way from a client who asks for vectors to a target that speaks another wire; both must have words for them (`canPass`). */
export const embeddingPassage = (
  { client, request, facts }: EmbeddingTranslation,
  wire: UpstreamWire,
  target: CodecTarget,
): Result<Passage, Untranslatable> => {
  const { embeddingTarget } = wire.codec;
  const { embeddingClient } = client.codec;
  if (embeddingTarget === undefined || embeddingClient === undefined) return failure(noVectors(wire));
  const native = nativeOnly(client, wire, request);
  if (native !== null) return failure(native);
  const { texts } = request;
  if (texts === null) return failure(tokensOnly(client));
  const wanted = { ...request, texts };
  const written = embeddingTarget.encodeRequest(wanted, target);
  if (!written.ok) return failure(written.fault);
  const { body, dropped } = written.value;
  return success({
    wire,
    translated: true,
    body,
    // Nothing is left to edit in a body that is written for its target.
    facts: { ...facts, members: [] },
    dropped,
    frame: null,
    relayStream: () => {
      throw new Error('vectors do not come in a stream');
    },
    relayAnswer: (_operation, answer, headers) =>
      translateVectors({ embeddingTarget, embeddingClient, wanted, facts }, answer, headers),
  });
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

interface Asked {
  readonly embeddingTarget: EmbeddingTarget;
  readonly embeddingClient: EmbeddingClient;
  readonly wanted: TextsToEmbed;
  readonly facts: RequestFacts;
}

/** What a client puts beside its other vectors must be one for each text, and of the length that it asked for. */
const translateVectors = (
  { embeddingTarget, embeddingClient, wanted, facts }: Asked,
  body: Uint8Array,
  headers: AnswerHeaders,
): Result<RelayedAnswer, Failure> => {
  const decoded = embeddingTarget.decodeAnswer(body, headers);
  if (!decoded.ok) return failure(decoded.fault);
  const { vectors, usage } = decoded.value;
  const { texts, dimensions } = wanted;
  if (vectors.length !== texts.length)
    return failure(protocolFailure('not_an_answer', `${vectors.length} vectors came for ${texts.length} texts`));
  const length = dimensions ?? vectors[0]?.length;
  const other = vectors.find((vector) => vector.length !== length);
  if (other !== undefined)
    return failure(protocolFailure('not_an_answer', `a vector of ${other.length} numbers came for one of ${length}`));
  return success({ usage, outputBytes: 0, body: embeddingClient.encodeAnswer(decoded.value, wanted, facts) });
};
