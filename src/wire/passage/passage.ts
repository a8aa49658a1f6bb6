import { failure, success, type Result } from '../../kernel/index.ts';
import {
  hasFeature,
  type ContinuingBy,
  type Failure,
  type FeatureSet,
  type GenerateRequest,
  type Operation,
} from '../../vocabulary/index.ts';
import type { AnswerFrame, CodecTarget, Untranslatable } from '../codec/Codec.ts';
import { contentBytes } from '../codec/contentBytes.ts';
import { signedCallsOf, type KnownSignatures, type SignedCall } from '../codec/SignedCall.ts';
import { withOpenSeals } from '../codec/withOpenSeals.ts';
import { withoutFeatures } from '../codec/withoutFeatures.ts';
import type { AnswerHeaders, AnswerReading, PathWords, RequestFacts, UpstreamWire, Wire } from '../wire.ts';
import { toldTier } from '../usage/serviceTierOf.ts';
import { requestCeilingsMax } from '../request/RequestCeilings.ts';
import { ContinuingRelay, type TakenOver } from '../seam/ContinuingRelay.ts';
import { asksForWords, continuedRequest, type Continuing } from '../seam/continuedRequest.ts';
import { DirectRelay } from './DirectRelay.ts';
import type { StreamRelay } from './StreamRelay.ts';
import { TranslatingRelay } from './TranslatingRelay.ts';
import type { VectorFrame } from './VectorFrame.ts';

/** A whole answer on its way to the client. */
export interface RelayedAnswer extends AnswerReading {
  readonly body: Uint8Array;
  /** Calls in it that their vendor has signed; absent where the client gets its bytes. */
  readonly signedCalls?: readonly SignedCall[];
}

/** The way of one request to a target and of the answer back: the bytes as they are where both speak one wire, else their meaning. */
export interface Passage {
  /** The target's wire. */
  readonly wire: UpstreamWire;
  /** Whether the client speaks another wire than the target. */
  readonly translated: boolean;
  /** The request on the target's wire, with the name of the model that the client asked for. */
  readonly body: Uint8Array;
  readonly facts: RequestFacts;
  /** What of the request has no word on the target's wire and was left out. */
  readonly dropped: readonly string[];
  /** How the answer is shown to a client of another wire; null where it is the target's own bytes, or vectors. */
  readonly frame: AnswerFrame | null;
  /** The same of vectors, where they are shown to a client of another wire. */
  readonly vectors?: VectorFrame;
  /** @param isFollowed Whether somebody else may go on with the answer, should it break off. */
  relayStream(isFollowed?: boolean): StreamRelay;
  /** Reads a whole answer with status 200. */
  relayAnswer(operation: Operation, body: Uint8Array, headers: AnswerHeaders): Result<RelayedAnswer, Failure>;
}

/** Whether the bytes of a wire's clients can go to a target as they are. */
export const takesAsItIs = (target: UpstreamWire, client: Wire): boolean =>
  target === client || target.variantOf === client;

/** The way between two that speak the same wire: nothing is changed, only observed. */
export const directPassage = (client: Wire, wire: UpstreamWire, body: Uint8Array, facts: RequestFacts): Passage => ({
  wire,
  translated: false,
  body,
  facts,
  dropped: [],
  frame: null,
  relayStream: (isFollowed) => new DirectRelay(client.observeStream(facts, isFollowed)),
  relayAnswer: (operation, answer) => {
    const read = client.readAnswer(operation, answer);
    return read.ok ? success({ ...read.value, body: answer }) : failure(read.fault);
  },
});

const noPathWords: PathWords = { model: '', stream: false };

/** Whether requests of one wire can be served over another one, as far as the wires know. */
export const canPass = (client: Wire, target: UpstreamWire, operation: Operation): boolean => {
  if (target.upstreamPath(operation, noPathWords) === null) return false;
  if (operation === 'embed' && client.codec.embeddingClient === undefined) return false;
  if (takesAsItIs(target, client) || operation === 'generate') return true;
  return operation === 'embed' && target.codec.embeddingTarget !== undefined;
};

/** What of a request is left out on its way. Plain data: one thread may tell another. */
export interface Leaving {
  /** Features that the target lacks. */
  readonly features: FeatureSet;
  /** Those, and all that may be left out where its wire has no word for one of them. */
  readonly spare: FeatureSet;
  /** Members that may be left out where only the client's wire has a word for them. */
  readonly members: ReadonlySet<string>;
}

const nothing: Leaving = { features: 0, spare: 0, members: new Set() };

export interface Translation {
  /** The client's wire. */
  readonly client: Wire;
  readonly request: GenerateRequest;
  readonly frame: AnswerFrame;
  /** Absent: everything is said, or the reason why it cannot be. */
  readonly without?: Leaving | undefined;
  /** Signatures of calls that the client may have lost. */
  readonly known?: KnownSignatures | undefined;
  /** The answer that is to be gone on with; absent: it is to be begun. */
  readonly continuing?: Continuing | undefined;
}

/** A request in a target's words, with what the way back of its answer needs. Plain data: one thread may make it for another. */
export interface TranslatedRequest extends Pick<Passage, 'body' | 'facts' | 'dropped'> {
  readonly frame: AnswerFrame;
  /** How the target is asked to go on with an answer that broke off; absent where it is not. */
  readonly continuingBy?: ContinuingBy;
  /** What of that answer the target says again before it goes on; absent where it says nothing again. */
  readonly echoed?: string;
}

/** Says a request in the words of a target of another wire, without what may be left out and cannot be said. */
export const translateRequest = (
  translation: Translation,
  wire: UpstreamWire,
  target: CodecTarget,
): Result<TranslatedRequest, Untranslatable> => {
  return translation.continuing === undefined
    ? translateWhole(translation, wire, target)
    : translateContinued(translation, translation.continuing, wire, target);
};

/** The first way that can be said to the target. */
const translateContinued = (
  translation: Translation,
  continuing: Continuing,
  wire: UpstreamWire,
  target: CodecTarget,
): Result<TranslatedRequest, Untranslatable> => {
  const { request } = translation;
  if (!asksForWords(request)) return failure(noWords);
  const { features } = translation.without ?? nothing;
  let refused: Untranslatable = goesOnWithNone;
  for (const by of continuing.ways) {
    if (by === 'prefill' && hasFeature(features, 'prefill')) continue;
    const asked = { ...translation, request: continuedRequest(request, continuing, by) };
    const translated = translateWhole(asked, wire, target);
    if (translated.ok) return success({ ...translated.value, continuingBy: by });
    refused = translated.fault;
  }
  return failure(refused);
};

const translateWhole = (
  translation: Translation,
  wire: UpstreamWire,
  target: CodecTarget,
): Result<TranslatedRequest, Untranslatable> => {
  const { features, spare } = translation.without ?? nothing;
  const whole = sayRequest(translation, wire, target, features);
  if (whole.ok || spare === features) return whole;
  const lessened = sayRequest(translation, wire, target, spare);
  return lessened.ok ? lessened : whole;
};

const sayRequest = (
  { client, request: asked, frame, without = nothing, known, continuing }: Translation,
  wire: UpstreamWire,
  target: CodecTarget,
  features: FeatureSet,
): Result<TranslatedRequest, Untranslatable> => {
  const natives = asked.natives.filter((name) => !without.members.has(name));
  const native = nativeOnly(client, wire, { natives });
  if (native !== null) return failure(native);
  if (hasFeature(features, 'prefill') && isOnlyOpening(asked)) return failure(onlyOpening);
  const { request: lessened, dropped: lost } = withoutFeatures(asked, features);
  const { request, dropped: sealed } = withOpenSeals(lessened, target, known);
  const written = wire.codec.encodeRequest(request, target);
  if (!written.ok) return failure(written.fault);
  // What a client has begun itself it is not told again.
  if (written.value.echoed !== undefined && continuing === undefined) return failure(goesOnWithNone);
  const words = { model: target.model, stream: request.stream };
  const read = wire.readRequest(written.value.body, 'generate', requestCeilingsMax, words);
  if (!read.ok) return failure({ ...read.fault, code: 'bad_request' });
  const { body, dropped, echoed } = written.value;
  const told = [...lost, ...sealed, ...asked.natives];
  const names = told.length === 0 ? dropped : [...new Set([...dropped, ...told])].toSorted();
  return success({ body, facts: read.value, dropped: names, frame, ...(echoed === undefined ? {} : { echoed }) });
};

const goesOnWithNone: Untranslatable = {
  code: 'unsupported_feature',
  message: 'This target does not go on with an answer that has begun.',
  parameter: 'prefill',
};

const noWords: Untranslatable = {
  code: 'unsupported_feature',
  message: 'An answer of a form, or of a tool that must be called, is not gone on with by another target.',
};

/** Without what has begun of the answer nothing would be left to answer. */
const isOnlyOpening = ({ messages }: GenerateRequest): boolean => messages.every(({ role }) => role === 'assistant');

const onlyOpening: Untranslatable = {
  code: 'unsupported_feature',
  message:
    'The conversation is only an answer that has begun (prefill), which this target does not go on with. Say before it what is to be answered, or ask for a model with a target that goes on with answers.',
  parameter: 'prefill',
};

/** The way of a request that was translated, and of its answer back. */
export const translatedPassage = (client: Wire, wire: UpstreamWire, translated: TranslatedRequest): Passage => {
  const { facts, frame } = translated;
  return {
    wire,
    translated: true,
    ...translated,
    relayStream: (isFollowed) => new TranslatingRelay(wire.codec.decodeStream(facts), client.codec, frame, isFollowed),
    relayAnswer: (_operation, answer) => translateAnswer({ client, frame }, wire, facts, answer),
  };
};

/** The way of a request for the rest of an answer, and of that rest into the stream in which it broke off. */
export const continuedPassage = (
  client: Wire,
  wire: UpstreamWire,
  translated: TranslatedRequest,
  taken: TakenOver,
): Passage => {
  const { facts, frame, continuingBy = 'prefill', echoed } = translated;
  return {
    ...translatedPassage(client, wire, translated),
    relayStream: () => new ContinuingRelay(wire.codec.decodeStream(facts), taken, continuingBy, frame, echoed),
  };
};

/** The way from a client to a target that speaks another wire. */
export const translatingPassage = (
  translation: Translation,
  wire: UpstreamWire,
  target: CodecTarget,
): Result<Passage, Untranslatable> => {
  const translated = translateRequest(translation, wire, target);
  if (!translated.ok) return failure(translated.fault);
  return success(translatedPassage(translation.client, wire, translated.value));
};

const nativesToldMax = 5;

/** What of a request only the client's own wire can say, in words for the client; null where there is nothing. */
export const nativeOnly = (
  client: Wire,
  target: UpstreamWire,
  { natives }: Pick<GenerateRequest, 'natives'>,
): Untranslatable | null => {
  const [first] = natives;
  if (first === undefined) return null;
  return {
    code: 'unsupported_feature',
    message: `The wire ${target.name} has no word for ${natives.slice(0, nativesToldMax).join(', ')}. Leave it out, or ask for a model with a target that speaks ${client.name}.`,
    parameter: first,
  };
};

/** Says a whole answer of a target in the client's words. @param facts Of the request as the target has it. */
export const translateAnswer = (
  { client, frame }: Pick<Translation, 'client' | 'frame'>,
  wire: UpstreamWire,
  facts: RequestFacts,
  body: Uint8Array,
): Result<RelayedAnswer, Failure> => {
  const decoded = wire.codec.decodeAnswer(body, facts);
  if (!decoded.ok) return failure(decoded.fault);
  const { usage, content, servedTier = null } = decoded.value;
  return success({
    usage,
    outputBytes: contentBytes(content),
    ...toldTier(servedTier),
    body: client.codec.encodeAnswer(decoded.value, frame),
    signedCalls: signedCallsOf(decoded.value, frame, client.codec.callIds),
  });
};
