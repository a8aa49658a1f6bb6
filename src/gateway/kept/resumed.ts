import { failure, success, type Result } from '../../kernel/index.ts';
import type { AnswerKeeping, FoundAnswers, KeptTexts, NamedAnswers } from '../../wire/index.ts';
import type { Abandonment } from '../Abandonment.ts';
import type { Exchange } from '../Exchange.ts';
import type { OpenedRequest } from '../openRequest.ts';
import type { Refusal } from '../Refusal.ts';
import { retryAfterUnstatedMs } from '../retryAfterUnstatedMs.ts';
import type { GatewayLimits } from '../Snapshot.ts';
import { untranslatedNow } from '../translation/lostAnswer.ts';
import type { Translator } from '../translation/Translator.ts';
import { ownerOf, type AnswerKeeper, type KeptAnswer } from './AnswerKeeper.ts';

/** Most answers in a row that one request may go on from, and most others that it may name items of. */
const answersMax = 1_000;

interface Resuming {
  readonly keeper: AnswerKeeper;
  readonly translator: Translator;
  readonly limits: Pick<GatewayLimits, 'bodyBytes' | 'inlineBytes'>;
  readonly abandonment: Abandonment;
}

interface Gathering extends Resuming {
  readonly keeping: AnswerKeeping;
  readonly exchange: Exchange;
  readonly opened: OpenedRequest;
}

type Gathered<Value> = Result<Value, Refusal>;

/**
 * The exchange with everything in its body that the request names of answers kept here: any target can serve that.
 * Null where it names nothing that is kept here, and those who hold conversations may know it.
 */
export const resumed = async (
  resuming: Resuming,
  exchange: Exchange,
  opened: OpenedRequest,
): Promise<Gathered<Exchange> | null> => {
  const { keeping } = exchange.wire;
  const named = keeping?.namedIn(exchange.body, opened.facts) ?? null;
  if (keeping === undefined || named === null) return null;
  return gather(new Gatherer({ ...resuming, keeping, exchange, opened }), named);
};

const gather = async (gatherer: Gatherer, named: NamedAnswers): Promise<Gathered<Exchange> | null> => {
  const { keeping, exchange, opened } = gatherer.about;
  const before = await gatherer.before(named.previous);
  if (before === null) return null;
  if (!before.ok) return before;
  const ofItems = await gatherer.ofItems(named, before.value);
  if (!ofItems.ok) return ofItems;
  if (before.value.length === 0 && ofItems.value.length === 0) return null;
  const found = { before: before.value, ofItems: ofItems.value };
  const body = await gatherer.whole(found);
  if (!body.ok) return body;
  return success({
    ...exchange,
    body: body.value,
    resumed: { previous: named.previous, input: keeping.inputOf(exchange.body, opened.facts) },
  });
};

class Gatherer {
  readonly about: Gathering;
  #bytes: number;

  constructor(about: Gathering) {
    this.about = about;
    this.#bytes = about.exchange.body.length;
  }

  /** What was said before a request, the oldest first. Null where none of it is here, and a vendor may hold it. */
  async before(previous: string | null): Promise<Gathered<readonly KeptAnswer[]> | null> {
    const answers: KeptAnswer[] = [];
    for (let next = previous; next !== null;) {
      const answer = await this.#find(next);
      if (answer === null)
        return answers.length === 0 && this.#mayBeHeld() ? null : failure(this.#gone(previous ?? next));
      const unfit = answers.length < answersMax ? this.#take(answer) : tooMany;
      if (unfit !== null) return failure(unfit);
      answers.push(answer);
      next = answer.previous;
    }
    return success(answers.reverse());
  }

  /** Answers of which items are named, by the request or by those before it. What vendors may hold stays named. */
  async ofItems(named: NamedAnswers, before: readonly KeptTexts[]): Promise<Gathered<readonly KeptAnswer[]>> {
    const { keeping } = this.about;
    const here = new Set(before.map(({ requestId }) => requestId));
    const all = [named.ofItems, ...before.map(({ input }) => keeping.itemsNamedIn(input))];
    const answers: KeptAnswer[] = [];
    for (const [requestId, item] of new Map(all.flatMap((names) => [...names]))) {
      if (here.has(requestId)) continue;
      const answer = await this.#find(requestId);
      if (answer === null && !this.#mayBeHeld()) return failure(itemGone(item));
      if (answer === null) continue;
      const unfit = answers.length < answersMax ? this.#take(answer) : tooMany;
      if (unfit !== null) return failure(unfit);
      answers.push(answer);
    }
    return success(answers);
  }

  /** The request with all of it. What is named more than once takes more room than it was fetched with. */
  async whole(found: FoundAnswers): Promise<Gathered<Uint8Array>> {
    const { exchange, limits } = this.about;
    const put = this.#bytes > limits.inlineBytes ? await this.#wholeApart(found) : success(this.#wholeHere(found));
    if (!put.ok) return put;
    const body = put.value;
    if (body === null) return failure(tooLarge(limits.bodyBytes));
    return body.length <= this.#bytes || exchange.takeRoom(body.length - this.#bytes) ? success(body) : failure(noRoom);
  }

  #wholeHere(found: FoundAnswers): Uint8Array | null {
    const { keeping, exchange, opened, limits } = this.about;
    return keeping.resume(exchange.body, opened.facts, found, limits.bodyBytes);
  }

  async #wholeApart(found: FoundAnswers): Promise<Gathered<Uint8Array | null>> {
    const { exchange, opened, limits, translator, abandonment } = this.about;
    const { wire, body } = exchange;
    const job = { client: wire.name, body, facts: opened.facts, found, bytesMax: limits.bodyBytes };
    const end = await translator.translate('resume', job, abandonment);
    if (!end.ok) return failure(untranslatedNow(end.fault));
    return success(end.value.ok ? end.value.value.body : null);
  }

  #find(requestId: string): Promise<KeptAnswer | null> {
    const { keeper, exchange } = this.about;
    return keeper.find(ownerOf(exchange.principal), requestId);
  }

  /** A gateway behind us names its answers as we do. */
  #mayBeHeld(): boolean {
    return this.about.opened.deployments.some(({ holdsConversations }) => holdsConversations);
  }

  /** Counts an answer before another one is fetched. */
  #take({ input, answer }: KeptAnswer): Refusal | null {
    const { limits, exchange } = this.about;
    const bytes = input.length + answer.length;
    this.#bytes += bytes;
    if (this.#bytes > limits.bodyBytes) return tooLarge(limits.bodyBytes);
    return exchange.takeRoom(bytes) ? null : noRoom;
  }

  #gone(requestId: string): Refusal {
    const name = this.about.keeping.nameOf(requestId);
    return {
      code: 'state_target_gone',
      message: `Previous response with id '${name}' not found. It is kept no longer, or a part of what was said before it: send the whole conversation.`,
      parameter: this.about.opened.facts.conversation?.parameter ?? 'input',
    };
  }
}

const itemGone = (id: string): Refusal => ({
  code: 'response_not_found',
  message: `Item with id '${id}' not found. It is kept no longer: send it whole, and with it all that was said.`,
  parameter: 'input',
});

const tooMany: Refusal = {
  code: 'state_target_gone',
  message: `The conversation has more than ${answersMax} answers. Send what is needed of it without the reference to what was said before.`,
  parameter: 'previous_response_id',
};

const tooLarge = (bytesMax: number): Refusal => ({
  code: 'body_too_large',
  message: `With all that was said before, the request is larger than ${bytesMax} bytes (limits.bodyBytes). Send what is needed of it without the reference to what was said before.`,
});

const noRoom: Refusal = {
  code: 'overloaded',
  message:
    'With what was said before, the bodies of the requests here are as large as they may be together (limits.bodiesBytes).',
  retryAfterMs: retryAfterUnstatedMs,
};
