import type { UpstreamHeaders } from '../egress/index.ts';
import type { ClientError, ListedModel, RefusedAnswer } from '../wire/index.ts';
import { ClientStream, type ClientStreamTimes } from './ClientStream.ts';
import { errorRow } from './errors.ts';
import type { Exchange } from './Exchange.ts';
import { headerText } from './headerText.ts';
import type { Refusal } from './Refusal.ts';

/** Longest text of a vendor that is repeated inside a stream. */
const vendorTextCharactersMax = 2_000;

const retryAfter = (ms: number | undefined): Record<string, string> =>
  ms === undefined || ms <= 0 ? {} : { 'retry-after': String(Math.ceil(ms / 1_000)) };

/** The client's side of one request: whatever it is told, it is told once, in its own wire's shape. */
export class ClientAnswer {
  readonly #exchange: Exchange;
  readonly #ownHeaders: Readonly<Record<string, string>>;
  #stream: ClientStream | null = null;
  #attempts = 0;
  #target: string | null = null;

  /** @param ownHeaders Headers on every answer. */
  constructor(exchange: Exchange, ownHeaders: Readonly<Record<string, string>>) {
    this.#exchange = exchange;
    this.#ownHeaders = ownHeaders;
  }

  get stream(): ClientStream | null {
    return this.#stream;
  }

  openStream(times: ClientStreamTimes): void {
    const { reply, wire } = this.#exchange;
    this.#stream = new ClientStream(reply, wire, times, (decided) => ({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...this.#headers(decided),
    }));
  }

  /** One more attempt goes to a target ("provider/model"). */
  attempted(target: string): void {
    this.#attempts += 1;
    this.#target = target;
  }

  /** Hands a whole answer on, untouched. */
  deliver(headers: UpstreamHeaders, lastBytes: Uint8Array): void {
    if (this.#stream) {
      this.#stream.finish(lastBytes);
      return;
    }
    const forwarded: Record<string, string> = {};
    for (const name of this.#exchange.wire.forwardedAnswerHeaders) {
      const value = headerText(headers, name);
      if (value !== '') forwarded[name] = value;
    }
    const type = headerText(headers, 'content-type') || 'application/json';
    this.#whole(200, { ...forwarded, 'content-type': type }, lastBytes);
  }

  /** Hands a vendor's refusal of the request itself on: its words are the best there are. */
  passOn(answer: RefusedAnswer): void {
    const { wire, requestId } = this.#exchange;
    if (this.#stream?.headSent) {
      const message = Buffer.from(answer.body).toString('utf8').slice(0, vendorTextCharactersMax);
      this.#stream.finish(wire.streamError({ code: 'bad_request', status: answer.status, message, requestId }));
      return;
    }
    const type = headerText(answer.headers, 'content-type') || 'application/json';
    this.#whole(answer.status, { 'content-type': type }, answer.body);
  }

  /** Says why there is no answer. */
  refuse(refusal: Refusal): void {
    const { wire, requestId } = this.#exchange;
    const { status } = errorRow(refusal.code);
    const error: ClientError = {
      code: refusal.code,
      status,
      message: refusal.message,
      requestId,
      ...(refusal.parameter === undefined ? {} : { parameter: refusal.parameter }),
    };
    if (this.#stream?.headSent) {
      this.#stream.finish(wire.streamError(error));
      return;
    }
    const headers = {
      ...retryAfter(refusal.retryAfterMs),
      'content-type': 'application/json',
      'x-archipel-error': refusal.code,
    };
    this.#whole(status, headers, wire.errorBody(error));
  }

  listModels(models: readonly ListedModel[]): void {
    this.#whole(200, { 'content-type': 'application/json' }, this.#exchange.wire.listModels(models));
  }

  close(): void {
    this.#stream?.close();
  }

  #whole(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): void {
    this.#stream?.close();
    const { reply } = this.#exchange;
    reply.head(status, { ...headers, ...this.#headers(true), 'content-length': String(body.length) });
    reply.end(body);
  }

  /** A head that goes out before any content cannot name the target: another may still take over. */
  #headers(decided: boolean): Record<string, string> {
    return {
      ...this.#ownHeaders,
      'x-archipel-request-id': this.#exchange.requestId,
      ...(decided ? { 'x-archipel-attempts': String(this.#attempts) } : {}),
      ...(decided && this.#target !== null ? { 'x-archipel-target': this.#target } : {}),
    };
  }
}
