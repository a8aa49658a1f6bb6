import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Clock, Log } from '../../kernel/index.ts';
import { addTokens } from '../bill/billTokens.ts';
import type { TokenCount } from '../bill/billTokens.ts';
import type { BillBook } from '../bill/BillBook.ts';
import { drawFrom } from '../Draw.ts';
import type { Draw } from '../Draw.ts';
import { sandboxError } from '../errors.ts';
import { sandboxLimits } from '../limits.ts';
import { noFault } from '../readFault.ts';
import type { VendorFault } from '../readFault.ts';
import type { CatalogueModel, CatalogueVendor } from '../sandboxCatalogue.ts';
import { Exchange } from './Exchange.ts';
import type { Answer, Refusal, StreamEvent, VendorRequest, VendorWire } from './VendorWire.ts';

/** Not by an `import`, which would load all of fetch with it: 12 MB of a gateway whose sandbox is off. */
const { createServer } = process.getBuiltinModule('node:http');

/** A request as it reached a vendor. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** What a vendor knows of its business, as its usage page would say it. */
export interface VendorReading {
  readonly vendor: string;
  readonly wire: CatalogueVendor['wire'];
  readonly host: string;
  readonly url: string;
  readonly fault: VendorFault;
  /** All that arrived = answered + refused + cut + those still going on. Before this start only billed ones are known. */
  readonly requests: number;
  /** Answered whole. */
  readonly answered: number;
  /** Answered by an error or by garbage, reset, or never answered. */
  readonly refused: number;
  /** Broken off after the answer began, by a fault or because the client left. */
  readonly cut: number;
  /** Billed tokens by bucket. */
  readonly tokens: TokenCount;
  /** Integer nano-USD. */
  readonly billNanoUsd: string;
  /** The same at list price, without the contract's discount. */
  readonly listNanoUsd: string;
}

export interface VendorServerOptions {
  readonly vendor: CatalogueVendor;
  readonly wire: VendorWire;
  readonly book: BillBook;
  readonly seed: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds before the first byte, in place of the seeded 5 to 40; 0 also takes the pauses between events away. */
  readonly latencyMs: number | null;
  /** Whether to keep the last requests. */
  readonly record: boolean;
}

/** Milliseconds before the first byte and between events. */
interface Pace {
  readonly firstMs: number;
  gapMs(): number;
}

type Ending = 'answered' | 'refused' | 'cut';

const slowMs = 300;

/** A page as a broken proxy sends it, with status 200. */
const garbagePage =
  '<!doctype html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n';

/** A vendor on a port of this machine: receives, misbehaves as told, answers, bills. */
export class VendorServer {
  readonly #options: VendorServerOptions;
  readonly #chance: Draw;
  readonly #received: ReceivedRequest[] = [];
  readonly #ongoing = new Set<Promise<void>>();
  #fault = noFault;
  #faultChance: Draw;
  #server: Server | null = null;
  #port = 0;
  #changes: Promise<void> = Promise.resolve();
  #counts: Record<Ending | 'requests', number>;

  constructor(options: VendorServerOptions) {
    this.#options = options;
    this.#chance = drawFrom('pace', options.seed, options.vendor.name);
    this.#faultChance = drawFrom('fault', options.seed, options.vendor.name);
    const { complete, cut } = options.book.totals;
    this.#counts = { requests: complete + cut, answered: complete, refused: 0, cut };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens. @param port 0 for any free one. @throws CodedError `sandbox_port_taken` */
  async open(port: number): Promise<void> {
    const server = createServer(
      {
        maxHeaderSize: sandboxLimits.headerBytes,
        requestTimeout: sandboxLimits.requestMs,
        keepAliveTimeout: sandboxLimits.keepAliveMs,
      },
      (request, response) => this.#receive(request, response),
    );
    server.maxConnections = sandboxLimits.connections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(
          sandboxError('sandbox_port_taken', `${this.#options.vendor.name}: cannot listen on port ${port}`, { cause }),
        ),
      );
      server.listen(port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#server = server;
  }

  /** Sets the fault. At share 1 `refuse` closes the port; any other fault opens it again. */
  async setFault(fault: VendorFault): Promise<void> {
    const change = this.#changes.then(() => this.#change(fault));
    this.#changes = change.catch(() => undefined);
    await change;
  }

  async #change(fault: VendorFault): Promise<void> {
    const { seed, vendor, log } = this.#options;
    this.#fault = fault;
    this.#faultChance = drawFrom('fault', fault.seed ?? seed, vendor.name);
    const refusesAll = fault.fault === 'refuse' && fault.share === 1;
    if (refusesAll && this.#server !== null) await this.#shut();
    if (!refusesAll && this.#server === null) await this.open(this.#port);
    log.info('sandbox fault set', { vendor: vendor.name, fault: fault.fault, share: fault.share });
  }

  read(): VendorReading {
    const { vendor, book } = this.#options;
    const { tokens, nanoUsd, listNanoUsd } = book.totals;
    return {
      vendor: vendor.name,
      wire: vendor.wire,
      host: vendor.host,
      url: this.url,
      fault: this.#fault,
      ...this.#counts,
      tokens,
      billNanoUsd: nanoUsd.toString(),
      listNanoUsd: listNanoUsd.toString(),
    };
  }

  received(): readonly ReceivedRequest[] {
    return this.#received.slice();
  }

  /** Ends every connection, waits until each is billed, and closes the bill. */
  async close(): Promise<void> {
    await this.#changes;
    if (this.#server !== null) await this.#shut();
    await Promise.all(this.#ongoing);
    this.#options.book.close();
  }

  async #shut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    this.#counts.requests++;
    const exchange = new Exchange(request, response);
    const serving = this.#serve(request, exchange)
      .then((ending) => {
        this.#counts[ending]++;
      })
      .catch((error: unknown) => {
        // A defect of the sandbox must never look like an answer of a vendor.
        this.#options.log.error('sandbox vendor failed', { vendor: this.#options.vendor.name, error: String(error) });
        exchange.reset();
        queueMicrotask(() => {
          throw error;
        });
      })
      .finally(() => this.#ongoing.delete(serving));
    this.#ongoing.add(serving);
  }

  async #serve(incoming: IncomingMessage, exchange: Exchange): Promise<Ending> {
    const fault = this.#drawFault();
    const pace = this.#pace(fault);
    const { wire } = this.#options;
    const id = wire.requestId(randomBytes(16).toString('hex'));
    // A refused connection is reset before anything is read.
    const body = fault.fault === 'refuse' ? Buffer.alloc(0) : await exchange.body(sandboxLimits.bodyBytes);
    this.#record(incoming, Buffer.isBuffer(body) ? body : Buffer.alloc(0));
    if (body === 'gone') return 'refused';
    if (body === null) {
      exchange.head(413, { ...wire.headers(id), 'content-type': 'application/json', connection: 'close' });
      exchange.end(wire.tooLarge(id).body);
      return 'refused';
    }
    const [path = '/', ...query] = (incoming.url ?? '/').split('?');
    const request: VendorRequest = {
      id,
      method: incoming.method ?? 'GET',
      path,
      query: query.join('?'),
      headers: incoming.headers,
      body,
    };
    return this.#respond(request, exchange, fault, pace);
  }

  async #respond(request: VendorRequest, exchange: Exchange, fault: VendorFault, pace: Pace): Promise<Ending> {
    const { wire } = this.#options;
    switch (fault.fault) {
      case 'down':
      case 'rate-limit':
      case 'overload':
      case 'auth':
      case 'credit':
        return this.#refuse(
          wire.fault(fault.fault, request.id, fault.retryAfterS, this.#chance.below(2) === 0),
          request,
          exchange,
          pace,
        );
      case 'garbage':
        return this.#sendGarbage(request, exchange, pace);
      case 'hang':
        await exchange.untilGone();
        return 'refused';
      case 'refuse':
        exchange.reset();
        return 'refused';
      case 'none':
      case 'slow':
      case 'cut-mid-stream':
      case 'error-in-stream': {
        const answer = wire.answer(request);
        if (!answer.ok) return this.#refuse(answer.fault, request, exchange, pace);
        return answer.value.output.kind === 'stream'
          ? this.#stream(request, answer.value, answer.value.output.events, exchange, fault, pace)
          : this.#sendWhole(request, answer.value, answer.value.output, exchange, fault, pace);
      }
    }
  }

  async #refuse(refusal: Refusal, request: VendorRequest, exchange: Exchange, pace: Pace): Promise<Ending> {
    if (await exchange.pause(pace.firstMs)) {
      exchange.head(refusal.status, {
        ...this.#options.wire.headers(request.id),
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(refusal.body)),
        ...refusal.headers,
      });
      exchange.end(refusal.body);
    }
    return 'refused';
  }

  async #sendGarbage(request: VendorRequest, exchange: Exchange, pace: Pace): Promise<Ending> {
    if (!(await exchange.pause(pace.firstMs))) return 'refused';
    const { wire } = this.#options;
    const streams = wire.asksForStream(request);
    exchange.head(200, { 'content-type': streams ? wire.streamType : 'text/html; charset=utf-8' });
    exchange.end(streams ? wire.garbageStream() : garbagePage);
    return 'refused';
  }

  async #sendWhole(
    request: VendorRequest,
    { model, input }: Answer,
    output: Extract<Answer['output'], { kind: 'whole' }>,
    exchange: Exchange,
    fault: VendorFault,
    pace: Pace,
  ): Promise<Ending> {
    const { wire, clock } = this.#options;
    if (fault.fault === 'error-in-stream') {
      return this.#refuse(wire.fault('error-in-stream', request.id, fault.retryAfterS, false), request, exchange, pace);
    }
    const bill = (share: number, outcome: 'complete' | 'cut'): void =>
      this.#bill(request, model, addTokens(input, shareOf(output.tokens, share)), outcome);
    const beganMs = clock.monotonicMs();
    if (!(await exchange.pause(pace.firstMs))) {
      // The client left while the answer was being made: what was made by then is billed.
      bill(Math.min(1, (clock.monotonicMs() - beganMs) / pace.firstMs), 'cut');
      return 'cut';
    }
    const bytes = Buffer.from(output.body);
    exchange.head(200, {
      ...wire.headers(request.id),
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      ...output.headers,
    });
    if (fault.fault === 'cut-mid-stream') {
      await exchange.write(bytes.subarray(0, bytes.length >> 1));
      bill(0.5, 'cut');
      await exchange.cut();
      return 'cut';
    }
    bill(1, 'complete');
    exchange.end(output.body);
    return 'answered';
  }

  async #stream(
    request: VendorRequest,
    { model, input }: Answer,
    events: readonly StreamEvent[],
    exchange: Exchange,
    fault: VendorFault,
    pace: Pace,
  ): Promise<Ending> {
    const breaks = fault.fault === 'cut-mid-stream' || fault.fault === 'error-in-stream';
    let spent: TokenCount = input;
    let contentEvents = 0;
    let billed = false;
    const bill = (outcome: 'complete' | 'cut'): void => {
      if (!billed) this.#bill(request, model, spent, outcome);
      billed = true;
    };
    if (await exchange.pause(pace.firstMs)) {
      exchange.head(200, {
        ...this.#options.wire.headers(request.id),
        'content-type': this.#options.wire.streamType,
        'cache-control': 'no-cache',
      });
    }
    for (const event of events) {
      // A stream shorter than the fault's count breaks before it can end well.
      const due = event.kind === 'closing' || (event.kind === 'content' && contentEvents >= fault.afterEvents);
      if (breaks && due) {
        if (contentEvents > 0) bill('cut');
        return this.#breakStream(fault, event, exchange);
      }
      // Everything that costs is out: it is billed before the client can know that the answer is whole.
      if (event.kind === 'closing') bill('complete');
      if (!(await exchange.pause(contentEvents === 0 ? 0 : pace.gapMs()))) return this.#left(billed, bill);
      spent = addTokens(spent, event.tokens);
      if (event.kind === 'content') contentEvents++;
      if (!(await exchange.write(event.bytes))) return this.#left(billed, bill);
    }
    exchange.end();
    return 'answered';
  }

  /** The client left: what was generated by now is billed, unless the whole already is. */
  #left(billed: boolean, bill: (outcome: 'cut') => void): Ending {
    bill('cut');
    return billed ? 'answered' : 'cut';
  }

  async #breakStream(fault: VendorFault, event: StreamEvent, exchange: Exchange): Promise<Ending> {
    const { wire } = this.#options;
    if (fault.fault === 'error-in-stream') {
      exchange.end(wire.streamError());
    } else {
      const torn = wire.torn(event);
      if (torn.length > 0) await exchange.write(torn);
      await exchange.cut();
    }
    return 'cut';
  }

  #bill(request: VendorRequest, model: CatalogueModel | null, tokens: TokenCount, outcome: 'complete' | 'cut'): void {
    if (model === null) return;
    this.#options.book.add({ atMs: this.#options.clock.nowMs(), requestId: request.id, model, tokens, outcome });
  }

  #drawFault(): VendorFault {
    return this.#faultChance.next() < this.#fault.share ? this.#fault : noFault;
  }

  #pace(fault: VendorFault): Pace {
    const slow = fault.fault === 'slow';
    const given = fault.latencyMs ?? (slow ? slowMs : this.#options.latencyMs);
    const firstMs = given ?? 5 + this.#chance.next() * 35;
    if (slow) return { firstMs, gapMs: () => firstMs / 10 };
    return { firstMs, gapMs: () => (firstMs === 0 ? 0 : this.#chance.next() * 3) };
  }

  #record(incoming: IncomingMessage, body: Buffer): void {
    if (!this.#options.record) return;
    this.#received.push({
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: { ...incoming.headers },
      body,
    });
    if (this.#received.length > sandboxLimits.recordedRequests) this.#received.shift();
  }
}

const shareOf = (tokens: TokenCount, share: number): TokenCount => {
  const part: Record<string, number> = {};
  for (const [bucket, units] of Object.entries(tokens)) part[bucket] = Math.floor(units * share);
  return part;
};
