import type { UpstreamHeaders } from '../egress/index.ts';
import { passedAnswerHeaders, type ClientError, type ListedModel, type RefusedAnswer } from '../wire/index.ts';
import type { AnswerStream } from './AnswerStream.ts';
import { ClientStream, type ClientStreamTimes } from './ClientStream.ts';
import { errorRow } from './errors.ts';
import type { Exchange } from './Exchange.ts';
import { headerText } from './headerText.ts';
import { listedHeaders } from './listedHeaders.ts';
import { PassedStream } from './PassedStream.ts';
import type { Refusal } from './Refusal.ts';

/** A vendor's refusal of the request itself, on its way to the client. */
export interface PassedOn {
  readonly answer: RefusedAnswer;
  /** What it says. */
  readonly words: string;
  /** Whether it was said in another wire's shape than the client's. */
  readonly translated: boolean;
}

const droppedToldMax = 20;

/** Names of members are the client's own text: what may not stand in a header is left out of it. */
const droppedText = (names: readonly string[]): string =>
  names
    .slice(0, droppedToldMax)
    .map((name) => name.replaceAll(/[^\w.\-[\]]/g, '').slice(0, 64))
    .join(', ');

const retryAfter = (ms: number | undefined): Record<string, string> =>
  ms === undefined || ms <= 0 ? {} : { 'retry-after': String(Math.ceil(ms / 1_000)) };

/** A budget stays spent: clients that try again by themselves, some of them for ever, are told not to. */
const neverRetried = { 'x-should-retry': 'false' } as const;

/** The client's side of one request: whatever it is told, it is told once, in its own wire's shape. */
export class ClientAnswer {
  readonly #exchange: Exchange;
  readonly #ownHeaders: Readonly<Record<string, string>>;
  #stream: AnswerStream | null = null;
  #attempts = 0;
  #target: string | null = null;
  #dropped: readonly string[] = [];
  #rateHeaders: Readonly<Record<string, string>> | null = null;

  /** @param ownHeaders Headers on every answer. */
  constructor(exchange: Exchange, ownHeaders: Readonly<Record<string, string>>) {
    this.#exchange = exchange;
    this.#ownHeaders = ownHeaders;
  }

  get stream(): AnswerStream | null {
    return this.#stream;
  }

  openStream(times: ClientStreamTimes): void {
    const { reply, wire } = this.#exchange;
    this.#stream = new ClientStream(reply, wire, times, (decided) => {
      const headers = {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
      };
      this.#addHeaders(headers, decided);
      return headers;
    });
  }

  /** The answer goes on as it comes, whatever it is. */
  openPassed(): void {
    this.#stream = new PassedStream(this.#exchange.reply, (answered) => {
      const headers = listedHeaders(answered, passedAnswerHeaders);
      this.#addHeaders(headers, true);
      return headers;
    });
  }

  /** Whoever asks has limits: these headers tell how much is left. */
  limited(rateHeaders: Readonly<Record<string, string>>): void {
    this.#rateHeaders = rateHeaders;
  }

  /** One more attempt goes to a target ("provider/model"), without these members of the request. */
  attempted(target: string, dropped: readonly string[]): void {
    this.#attempts += 1;
    this.#target = target;
    this.#dropped = dropped;
  }

  /** A target ("provider/model") has answered the same question before, without these members of it. */
  answeredBy(target: string, dropped: readonly string[]): void {
    this.#target = target;
    this.#dropped = dropped;
  }

  /** Hands a whole answer on, untouched. */
  deliver(headers: UpstreamHeaders, lastBytes: Uint8Array): void {
    if (this.#stream) {
      this.#stream.finish(lastBytes);
      return;
    }
    const kept = listedHeaders(headers, this.#exchange.wire.forwardedAnswerHeaders);
    kept['content-type'] = headerText(headers, 'content-type') || 'application/json';
    this.#whole(200, kept, lastBytes);
  }

  /** Hands a vendor's refusal of the request itself on: its words are the best there are. */
  passOn({ answer, words, translated }: PassedOn): void {
    const { wire, requestId, passed } = this.#exchange;
    if (passed !== undefined)
      return this.#whole(answer.status, listedHeaders(answer.headers, passedAnswerHeaders), answer.body);
    const error = { code: 'bad_request', status: answer.status, message: words, requestId };
    if (this.#stream?.headSent) {
      this.#stream.fail(wire.streamError(error));
      return;
    }
    const type = headerText(answer.headers, 'content-type') || 'application/json';
    if (translated) this.#whole(answer.status, { 'content-type': 'application/json' }, wire.errorBody(error));
    else this.#whole(answer.status, { 'content-type': type }, answer.body);
  }

  /** Says why there is no answer. */
  refuse(refusal: Refusal): void {
    const { wire, requestId } = this.#exchange;
    const status = wire.errorStatuses[refusal.code] ?? errorRow(refusal.code).status;
    const error: ClientError = {
      code: refusal.code,
      status,
      message: refusal.message,
      requestId,
      ...(refusal.parameter === undefined ? {} : { parameter: refusal.parameter }),
      ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: refusal.retryAfterMs }),
    };
    if (this.#stream?.headSent) {
      this.#stream.fail(wire.streamError(error));
      return;
    }
    const headers = {
      ...retryAfter(refusal.retryAfterMs),
      'content-type': 'application/json',
      'x-archipel-error': refusal.code,
      ...(refusal.code === 'budget_exhausted' ? neverRetried : {}),
    };
    this.#whole(status, headers, wire.errorBody(error));
  }

  listModels(models: readonly ListedModel[]): void {
    this.#whole(200, { 'content-type': 'application/json' }, this.#exchange.wire.listModels(models));
  }

  /** A count of tokens that is ours and not a vendor's. */
  estimate(body: Uint8Array): void {
    this.#whole(200, { 'content-type': 'application/json', 'x-archipel-estimated': 'true' }, body);
  }

  close(): void {
    this.#stream?.close();
  }

  /** @param headers To be completed here. */
  #whole(status: number, headers: Record<string, string>, body: Uint8Array): void {
    this.#stream?.close();
    const { reply } = this.#exchange;
    this.#addHeaders(headers, true);
    headers['content-length'] = String(body.length);
    reply.head(status, headers);
    reply.end(body);
  }

  /** A head that goes out before any content cannot name the target: another may still take over. Written one by one: objects in between take longer. */
  #addHeaders(headers: Record<string, string>, decided: boolean): void {
    Object.assign(headers, this.#ownHeaders);
    if (this.#rateHeaders !== null) Object.assign(headers, this.#rateHeaders);
    headers['x-archipel-request-id'] = this.#exchange.requestId;
    if (!decided) return;
    headers['x-archipel-attempts'] = String(this.#attempts);
    if (this.#target !== null) headers['x-archipel-target'] = this.#target;
    if (this.#dropped.length > 0) headers['x-archipel-dropped'] = droppedText(this.#dropped);
  }
}
