import { failure, success, type Result } from '../kernel/index.ts';
import {
  featureSet,
  targetName,
  type EmbedRequest,
  type Failure,
  type FeatureSet,
  type GenerateRequest,
  type Operation,
} from '../vocabulary/index.ts';
import {
  continuedPassage,
  directPassage,
  embeddingPassage,
  estimateInputTokens,
  frameOf,
  readEmbedding,
  takesAsItIs,
  translatedPassage,
  translateRequest,
  translatedVectors,
  untouchedPassage,
  type AnswerHeaders,
  type CodecTarget,
  type FrameGiven,
  type Leaving,
  type Passage,
  type RelayedAnswer,
  type RequestFacts,
  type RequestFault,
  type TranslatedRequest,
  type TranslationJobs,
  type Untranslatable,
  type UpstreamWire,
} from '../wire/index.ts';
import type { Abandonment } from './Abandonment.ts';
import type { Exchange } from './Exchange.ts';
import { fitTo } from './fitTo.ts';
import { ownerOf } from './kept/AnswerKeeper.ts';
import type { LackPolicy } from './LackPolicy.ts';
import type { Refusal } from './Refusal.ts';
import type { ContinuingWay } from './seam/ContinuingWay.ts';
import type { SignedCalls } from './SignedCalls.ts';
import type { Deployment } from './Snapshot.ts';
import { spokenWire } from './spokenWire.ts';
import { lostAnswer, untranslatedNow } from './translation/lostAnswer.ts';
import type { Translator, TranslatorFault } from './translation/Translator.ts';

export interface PassagesOptions {
  readonly translator: Translator;
  readonly signedCalls: SignedCalls;
  /** Bodies up to so many bytes are translated here and now. */
  readonly inlineBytes: number;
  /** What becomes of what a target lacks. */
  readonly policy: LackPolicy;
  /** Whether an answer is kept here that its target does not keep. */
  readonly keepsAnswers: boolean;
  /** The answer that targets are asked to go on with; null where they are to begin it. */
  readonly goingOn: ContinuingWay | null;
}

const prefill = featureSet(['prefill']);

/** A target is prepared for again where it may answer less by now than it was prepared for, with room for that to go on; more often than this it is not. */
const preparationsMax = 3;

/** What comes of a translation apart: a way to the target or why there is none, unless the translator failed. */
type Apart<Value = Passage> = Result<Result<Value, Untranslatable>, TranslatorFault>;

/** What the translator made of the request for one target. */
interface Prepared {
  readonly deployment: Deployment;
  readonly outputTokensMax: number | null;
  readonly passage: Result<Passage, Refusal>;
}

/**
 * The ways of one request to its targets. What is translated is read once, and only when a target of another wire is to be called; large bodies are
 * translated by the translator, so that nobody else waits for them.
 */
export class Passages {
  readonly #exchange: Exchange;
  readonly #facts: RequestFacts;
  readonly #translator: Translator;
  readonly #signedCalls: SignedCalls;
  readonly #inlineBytes: number;
  readonly #policy: LackPolicy;
  readonly #keepsAnswers: boolean;
  readonly #goingOn: ContinuingWay | null;
  #request: Result<GenerateRequest, RequestFault> | null = null;
  #embedding: Result<EmbedRequest, RequestFault> | null = null;
  /** The last one: it holds a body. */
  #prepared: Prepared | null = null;
  readonly #preparations = new Map<Deployment, number>();
  /** Why the translator is not asked again for this request. */
  #refusal: Refusal | null = null;

  constructor(
    exchange: Exchange,
    facts: RequestFacts,
    { translator, signedCalls, inlineBytes, policy, keepsAnswers, goingOn }: PassagesOptions,
  ) {
    this.#exchange = exchange;
    this.#facts = facts;
    this.#translator = translator;
    this.#signedCalls = signedCalls;
    this.#inlineBytes = inlineBytes;
    this.#policy = policy;
    this.#keepsAnswers = keepsAnswers;
    this.#goingOn = goingOn;
  }

  /** Whether the answer of a target is kept here, where it is translated. */
  get keepsAnswer(): boolean {
    return this.#keepsAnswers && this.#exchange.wire.keeping !== undefined && this.#facts.answerKept === true;
  }

  /**
   * @param outputTokensMax Most tokens that the answer may have there, where the target's wire needs a bound and the client set none.
   * @returns null where the request has to be prepared for this target first.
   */
  to(deployment: Deployment, outputTokensMax: number | null): Result<Passage, Refusal> | null {
    const { wire: client, body, passed } = this.#exchange;
    if (passed !== undefined) return success(untouchedPassage(deployment.wire, body, this.#facts));
    const wire = spokenWire(deployment, client);
    if (this.#goingOn === null && takesAsItIs(wire, client) && (this.#lostAt(deployment) & ~wire.eased) === 0) {
      const passage = directPassage(client, wire, body, this.#facts);
      const { refused } = fitTo(passage, deployment.capabilities.unsupported, this.#policy);
      return refused === null ? success(passage) : failure(notTaken(deployment, refused));
    }
    const passage = this.#translated(deployment, wire, outputTokensMax);
    const kept = passage?.ok === true ? passage.value.dropped.find((name) => this.#policy.kept.has(name)) : undefined;
    return kept === undefined ? passage : failure(notTaken(deployment, kept));
  }

  #translated(
    deployment: Deployment,
    wire: UpstreamWire,
    outputTokensMax: number | null,
  ): Result<Passage, Refusal> | null {
    const { wire: client, body, route } = this.#exchange;
    const target = codecTarget(deployment, outputTokensMax);
    if (body.length > this.#inlineBytes) return this.#preparedTo(deployment, outputTokensMax);
    if (route.operation === 'embed') return this.#embed(wire, target);
    const request = this.#read();
    if (!request.ok) return failure({ ...request.fault, code: 'bad_request' });
    const frame = frameOf(request.value, this.#frame(target));
    const known = this.#signedCalls.of(ownerOf(this.#exchange.principal), request.value);
    const continuing = this.#goingOn?.continuing;
    const without = this.#leavingFor(deployment);
    const translation = { client, request: request.value, frame, without, known, continuing };
    const translated = translateRequest(translation, wire, target);
    return translated.ok ? success(this.#passageOf(deployment, wire, translated.value)) : failure(translated.fault);
  }

  #passageOf({ target }: Deployment, wire: UpstreamWire, translated: TranslatedRequest): Passage {
    const { wire: client } = this.#exchange;
    if (this.#goingOn === null) return translatedPassage(client, wire, translated);
    return continuedPassage(client, wire, translated, { ...this.#goingOn.taken, to: targetName(target) });
  }

  /** What the request needs and a target lacks. */
  #lostAt({ capabilities }: Deployment): FeatureSet {
    const needed = this.#facts.requirements.features | (this.#goingOn === null ? 0 : prefill);
    return needed & capabilities.lacks;
  }

  /** What is left out for a target: what its wire has no word for counts as lacking, too. */
  #leavingFor(deployment: Deployment): Leaving {
    const features = this.#lostAt(deployment);
    const { dropped, left } = this.#policy;
    return { features, spare: features | (this.#facts.requirements.features & dropped), members: left };
  }

  /** Has the request translated for a target that `to` gave nothing for; after that it gives a passage or the reason why there is none. */
  async prepare(deployment: Deployment, outputTokensMax: number | null, abandonment: Abandonment): Promise<void> {
    const { wire: client, route } = this.#exchange;
    const before = this.#preparations.get(deployment) ?? 0;
    this.#preparations.set(deployment, before + 1);
    // What is left of a budget may have become less by the time that this is done.
    const bound = outputTokensMax === null ? null : Math.ceil(outputTokensMax / 2 ** before);
    const wire = spokenWire(deployment, client);
    const target = codecTarget(deployment, bound);
    const end =
      route.operation === 'embed'
        ? await this.#embedApart(wire, target, abandonment)
        : await this.#translateApart(deployment, wire, target, abandonment);
    if (end.ok) this.#prepared = { deployment, outputTokensMax: bound, passage: end.value };
    else this.#refusal = untranslatedNow(end.fault);
  }

  /** Reads a whole answer with status 200. It comes to its end also where nobody waits for it any more: what it cost stands in it. */
  relayAnswer(
    passage: Passage,
    operation: Operation,
    body: Uint8Array,
    headers: AnswerHeaders,
  ): Result<RelayedAnswer, Failure> | Promise<Result<RelayedAnswer, Failure>> {
    const { wire, facts, frame, vectors } = passage;
    if (body.length > this.#inlineBytes) {
      const ways = { client: this.#exchange.wire.name, wire: wire.name };
      if (frame !== null) return this.#relayApart('answer', { ...ways, facts, frame, body });
      if (vectors !== undefined) return this.#relayApart('vectors', { ...ways, frame: vectors, headers, body });
    }
    return passage.relayAnswer(operation, body, headers);
  }

  /** An upper estimate of the request's input tokens, for targets that do not count themselves. */
  async estimateTokens(abandonment: Abandonment): Promise<Result<number, Refusal>> {
    const { wire: client, words, body } = this.#exchange;
    if (body.length > this.#inlineBytes) {
      const end = await this.#translator.translate('count', { client: client.name, words, body }, abandonment);
      return end.ok ? end.value : failure(untranslatedNow(end.fault));
    }
    const request = this.#read();
    if (!request.ok) return failure({ ...request.fault, code: 'bad_request' });
    return success(estimateInputTokens(request.value));
  }

  #embed(wire: UpstreamWire, target: CodecTarget): Result<Passage, Untranslatable> {
    const { wire: client, body } = this.#exchange;
    this.#embedding ??= readEmbedding(client, body);
    if (!this.#embedding.ok) return failure({ ...this.#embedding.fault, code: 'bad_request' });
    return embeddingPassage({ client, request: this.#embedding.value, facts: this.#facts }, wire, target);
  }

  #preparedTo(deployment: Deployment, outputTokensMax: number | null): Result<Passage, Refusal> | null {
    const prepared = this.#prepared;
    if (prepared?.deployment !== deployment || !isWithin(prepared.outputTokensMax, outputTokensMax)) {
      if (this.#refusal !== null) return failure(this.#refusal);
      return (this.#preparations.get(deployment) ?? 0) < preparationsMax ? null : failure(untranslatedNow('full'));
    }
    return prepared.passage;
  }

  async #translateApart(
    deployment: Deployment,
    wire: UpstreamWire,
    target: CodecTarget,
    abandonment: Abandonment,
  ): Promise<Apart> {
    const { wire: client, words, body } = this.#exchange;
    const job = {
      client: client.name,
      words,
      body,
      wire: wire.name,
      target,
      frame: this.#frame(target),
      without: this.#leavingFor(deployment),
      continuing: this.#goingOn?.continuing,
      known: this.#signedCalls.newest(ownerOf(this.#exchange.principal)),
    };
    const end = await this.#translator.translate('request', job, abandonment);
    return asPassage(end, (translated) => this.#passageOf(deployment, wire, translated));
  }

  async #embedApart(wire: UpstreamWire, target: CodecTarget, abandonment: Abandonment): Promise<Apart> {
    const { wire: client, body } = this.#exchange;
    const { inputEstimateTokens } = this.#facts;
    const job = { client: client.name, body, wire: wire.name, target, inputEstimateTokens };
    const end = await this.#translator.translate('embed', job, abandonment);
    return asPassage(end, (translated) => translatedVectors(client, wire, this.#facts, translated));
  }

  async #relayApart<Kind extends 'answer' | 'vectors'>(
    kind: Kind,
    job: TranslationJobs[Kind],
  ): Promise<Result<RelayedAnswer, Failure>> {
    const end = await this.#translator.translate(kind, job, null);
    return end.ok ? end.value : failure(lostAnswer(end.fault));
  }

  #read(): Result<GenerateRequest, RequestFault> {
    this.#request ??= this.#exchange.wire.codec.decodeRequest(this.#exchange.body, this.#exchange.words);
    return this.#request;
  }

  #frame({ boundary, model }: CodecTarget): FrameGiven {
    const { requestId, startedAtMs, wire, resumed } = this.#exchange;
    const { inputEstimateTokens, usageAsked } = this.#facts;
    const createdAtS = Math.floor(startedAtMs / 1_000);
    const frame = { requestId, createdAtS, inputEstimateTokens, usageAsked, sealedAt: { boundary, model } };
    if (!this.keepsAnswer) return frame;
    const previous = resumed?.previous ?? null;
    return { ...frame, kept: { after: previous === null ? null : (wire.keeping?.nameOf(previous) ?? null) } };
  }
}

const asPassage = <Value>(end: Apart<Value>, passageOf: (translated: Value) => Passage): Apart => {
  if (!end.ok) return end;
  return success(end.value.ok ? success(passageOf(end.value.value)) : end.value);
};

/** Whether an answer that may have so many tokens has no more than it may by now; null where nothing bounds it. */
const isWithin = (prepared: number | null, max: number | null): boolean =>
  max === null || (prepared !== null && prepared <= max);

const notTaken = ({ target }: Deployment, name: string): Refusal => ({
  code: 'unsupported_feature',
  message: `${targetName(target)} does not take \`${name}\`. Leave it out, ask for a model with a target that takes it, or have the operator let it be dropped (policy.parameters, policy.features).`,
  parameter: name,
});

const codecTarget = ({ target, boundary, capabilities }: Deployment, outputTokensMax: number | null): CodecTarget => ({
  boundary,
  model: target.model,
  outputTokensMax,
  reasoning: capabilities.reasoning,
  unsupported: capabilities.unsupported,
  supported: capabilities.supported,
});
