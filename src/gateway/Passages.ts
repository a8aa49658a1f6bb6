import { assert, failure, success, type Result } from '../kernel/index.ts';
import type { EmbedRequest, GenerateRequest } from '../vocabulary/index.ts';
import {
  directPassage,
  embeddingPassage,
  estimateInputTokens,
  takesAsItIs,
  translatingPassage,
  untouchedPassage,
  type AnswerFrame,
  type CodecTarget,
  type Passage,
  type RequestFacts,
  type RequestFault,
  type Untranslatable,
  type UpstreamWire,
} from '../wire/index.ts';
import type { Exchange } from './Exchange.ts';
import type { Deployment } from './Snapshot.ts';
import { spokenWire } from './spokenWire.ts';

/** The ways of one request to its targets. What is translated is read once, and only when a target of another wire is to be called. */
export class Passages {
  readonly #exchange: Exchange;
  readonly #facts: RequestFacts;
  #request: Result<GenerateRequest, RequestFault> | null = null;
  #embedding: Result<EmbedRequest, RequestFault> | null = null;

  constructor(exchange: Exchange, facts: RequestFacts) {
    this.#exchange = exchange;
    this.#facts = facts;
  }

  /** @param outputTokensMax Most tokens that the answer may have there, where the target's wire needs a bound and the client set none. */
  to(deployment: Deployment, outputTokensMax: number | null): Result<Passage, Untranslatable> {
    const { wire: client, body, passed } = this.#exchange;
    if (passed !== undefined) return success(untouchedPassage(deployment.wire, body, this.#facts));
    const { capabilities } = deployment;
    const wire = spokenWire(deployment, client);
    if (takesAsItIs(wire, client)) return success(directPassage(client, wire, body, this.#facts));
    const { reasoning, unsupported } = capabilities;
    const target = { model: deployment.target.model, outputTokensMax, reasoning, unsupported };
    if (this.#exchange.route.operation === 'embed') return this.#embed(wire, target);
    const request = this.#read();
    if (!request.ok) return failure({ ...request.fault, code: 'bad_request' });
    const translation = { client, request: request.value, frame: this.#frame(request.value) };
    return translatingPassage(translation, wire, target);
  }

  /** An upper estimate of the request's input tokens, for targets that do not count themselves. */
  estimateTokens(): Result<number, Untranslatable> {
    const request = this.#read();
    if (!request.ok) return failure({ ...request.fault, code: 'bad_request' });
    return success(estimateInputTokens(request.value));
  }

  #embed(wire: UpstreamWire, target: CodecTarget): Result<Passage, Untranslatable> {
    const { wire: client, body } = this.#exchange;
    const { embeddingClient } = client.codec;
    assert(embeddingClient !== undefined, 'who asks for vectors has words for them');
    this.#embedding ??= embeddingClient.decodeRequest(body);
    if (!this.#embedding.ok) return failure({ ...this.#embedding.fault, code: 'bad_request' });
    return embeddingPassage({ client, request: this.#embedding.value, facts: this.#facts }, wire, target);
  }

  #read(): Result<GenerateRequest, RequestFault> {
    this.#request ??= this.#exchange.wire.codec.decodeRequest(this.#exchange.body, this.#exchange.words);
    return this.#request;
  }

  #frame({ model, reasoning, tools }: GenerateRequest): AnswerFrame {
    const { requestId, startedAtMs } = this.#exchange;
    return {
      requestId,
      model,
      createdAtS: Math.floor(startedAtMs / 1_000),
      inputEstimateTokens: this.#facts.inputEstimateTokens,
      usageAsked: this.#facts.usageAsked,
      showThinking: reasoning?.show ?? false,
      tools,
    };
  }
}
