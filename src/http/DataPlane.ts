import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gateway } from '../gateway/index.ts';
import type { Clock, Log, Metrics, UuidV7Maker } from '../kernel/index.ts';
import { defaultWire, matchRoute, passedMethods, passedPrefix, type Wire } from '../wire/index.ts';
import { planeErrors, type PlaneErrorCode } from './errors.ts';
import { Drain, type DrainTimes } from './Drain.ts';
import { frontCheck } from './frontCheck.ts';
import { Hops } from './Hops.ts';
import { Listener, type BrokenRequest, type ListenerLimits, type WrittenRefusal } from './Listener.ts';
import { NodeReply } from './NodeReply.ts';
import { openToPage } from './openToPage.ts';
import { Occupancy, type OccupancyLimits } from './Occupancy.ts';
import { keyRefusal, overloaded, type PlaneRefusal } from './PlaneRefusal.ts';
import { answerPreflight, isPreflight } from './preflight.ts';
import type { BodyLimits } from './readBody.ts';
import type { Pressure } from './overload/Pressure.ts';
import { Shedder } from './overload/Shedder.ts';
import { takeBody } from './takeBody.ts';
import type { VisitorRules } from './VisitorCheck.ts';

export interface DataPlaneLimits extends BodyLimits, ListenerLimits, OccupancyLimits {
  /** Processor time of a turn of the event loop beyond which requests are turned away; 0: no limit. */
  readonly turnMs: number;
  /** Longest silence of a client that has its answer's end still to read. */
  readonly idleMs: number;
}

export interface DataPlanePorts {
  readonly gateway: Pick<Gateway, 'authenticate' | 'serve' | 'shutDown'>;
  /** Read for every request: a reload changes them at once. */
  readonly limits: () => DataPlaneLimits;
  /** `listen` of the configuration in force. */
  readonly visitors: () => VisitorRules;
  /** What this gateway is called where others are asked whom a request has come through. */
  readonly hopName: string;
  /** What this process has on its hands; read anew each time. */
  readonly pressure: () => Pressure;
  readonly clock: Clock;
  readonly ids: UuidV7Maker;
  readonly log: Log;
  readonly metrics: Metrics;
}

const malformedMessage = 'This is not well-formed HTTP/1.1, or could be read in two ways.';

const preflightMethods = ['GET', 'POST', 'DELETE'];

/** The listener that clients call. It reads, checks and routes; what happens to a request is the gateway's. */
export class DataPlane {
  readonly #ports: DataPlanePorts;
  readonly #listener: Listener;
  readonly #hops: Hops;
  readonly #occupancy: Occupancy;
  readonly #shedder: Shedder;
  readonly #drain = new Drain();

  constructor(ports: DataPlanePorts) {
    this.#ports = ports;
    this.#occupancy = new Occupancy(ports.limits);
    this.#shedder = new Shedder({
      ...ports,
      turnMs: () => ports.limits().turnMs,
      closeIdle: () => this.#listener.closeIdle(),
      random: Math.random,
    });
    this.#hops = new Hops(ports.hopName);
    this.#listener = new Listener({
      section: 'listen',
      visitors: ports.visitors,
      keepsNames: false,
      limits: ports.limits,
      // The body has its own clock, which answers in the client's shape; the listener's is the outer wall.
      graceMs: 5_000,
      serve: (request, response) => this.#serve(request, response),
      refusalOf: (why) => this.#brokenRefusal(why),
      metrics: ports.metrics,
    });
  }

  /** Whether this server is about to end: from the first moment on, though requests may be taken for a while yet. */
  get draining(): boolean {
    return this.#drain.phase !== 'serving';
  }

  /** @returns the URL that clients use. @throws when the address cannot be had. */
  listen(host: string, port: number): Promise<string> {
    return this.#listener.listen(host, port);
  }

  /**
   * Takes requests for a while yet, then refuses them, lets running ones end, and tells what is left that it ends.
   * @param hurry Ends the waiting.
   */
  async close(times: DrainTimes, hurry?: AbortSignal): Promise<void> {
    const { gateway, log } = this.#ports;
    await this.#drain.run(times, hurry, () => {
      log.warn('requests are ended by the stop', { requests: gateway.shutDown() });
    });
    this.#shedder.stop();
    // Not before: node:http takes an answer for sent once it was ended, and closes its connection over what a slow reader has not taken yet.
    await this.#listener.close();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const over = this.#drain.enter();
    // Whoever keeps connections finds another server for the next request.
    if (this.draining) response.shouldKeepAlive = false;
    // An answer is over when its last byte has left, or its client: what waits for a slow reader must not be cut by a stop.
    let open = 2;
    const end = (): void => {
      open -= 1;
      if (open === 0) over();
    };
    response.once('close', end);
    this.#route(request, response).then(end, (error: unknown) => {
      this.#ports.log.error('request handler failed', {
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      response.destroy();
      end();
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { gateway, clock, ids } = this.#ports;
    const requestId = ids.nextRequestId(clock.nowMs());
    const refuse = (wire: Wire, refusal: PlaneRefusal): void => this.#refuse(response, wire, requestId, refusal);
    const front = frontCheck(request);
    if (front) return refuse(defaultWire, { code: 'bad_request', message: front.message, close: true });
    const url = request.url ?? '/';
    const queryAt = url.indexOf('?');
    const path = queryAt < 0 ? url : url.slice(0, queryAt);
    const query = queryAt < 0 ? '' : url.slice(queryAt);
    const match = matchRoute(request.method ?? '', path, request.headers, query);
    const spoken = match.kind === 'not_found' ? defaultWire : match.wire;
    // First of all: what comes back to us comes by a name that we may not know.
    const via = this.#hops.onwards(request.headers.via);
    if (via === null) return refuse(spoken, { code: 'loop_detected', close: true });
    const visit = this.#listener.visit(request);
    if (visit.kind === 'refused') return refuse(spoken, { ...visit.refusal, close: true });
    if (visit.kind === 'cross') {
      openToPage(response, visit.origin);
      if (isPreflight(request))
        return answerPreflight(response, path.startsWith(passedPrefix) ? passedMethods : preflightMethods);
    }
    if (match.kind === 'not_found')
      return refuse(spoken, { code: 'not_found', message: `There is no ${path} here.`, close: true });
    if (match.kind === 'method_not_allowed') {
      // Clients that would rather have a WebSocket take this as the word to do without.
      if (request.headers.upgrade !== undefined)
        return refuse(spoken, { code: 'upgrade_refused', headers: { upgrade: 'HTTP/1.1' }, close: true });
      const allow = match.methodsAllowed.join(', ');
      const message = `${path} takes ${allow}, not ${request.method}.`;
      return refuse(spoken, { code: 'method_not_allowed', message, headers: { allow }, close: true });
    }
    const { wire, route, words, passed, answer } = match;
    const principal = gateway.authenticate(request.headers);
    if (!principal.ok) return refuse(wire, keyRefusal(principal.fault));
    if (this.#drain.phase === 'refusing') return refuse(wire, overloaded('This server is shutting down.'));
    const taken = await takeBody({
      request,
      response,
      route,
      key: principal.value.key,
      shedder: this.#shedder,
      occupancy: this.#occupancy,
      limits: this.#ports.limits(),
    });
    if (taken === null) return;
    if ('code' in taken) return refuse(wire, taken);
    await gateway.serve({
      wire,
      route,
      words,
      ...(passed === undefined ? {} : { passed }),
      ...(answer === undefined ? {} : { answer }),
      query,
      headers: request.headers,
      via,
      principal: principal.value,
      body: taken.body,
      takeRoom: taken.takeRoom,
      reply: new NodeReply(response, this.#ports.limits().idleMs),
      requestId,
      startedAtMs: clock.nowMs(),
      startedMonotonicMs: clock.monotonicMs(),
    });
  }

  #refuse(response: ServerResponse, wire: Wire, requestId: string, refusal: PlaneRefusal): void {
    const { code, message, headers, close } = refusal;
    const written = this.#written(wire, requestId, code, message);
    this.#listener.refuse(response, { ...written, headers: { ...headers, ...written.headers } }, close);
  }

  #written(wire: Wire, requestId: string, code: PlaneErrorCode, message?: string): WrittenRefusal {
    const { what, mend, status } = planeErrors[code];
    this.#ports.metrics.count('archipel_refusals_total', { code });
    const headers = {
      'content-type': 'application/json',
      'x-archipel-request-id': requestId,
      'x-archipel-error': code,
    };
    return {
      status,
      headers,
      body: wire.errorBody({ code, status, message: message ?? `${what} ${mend}`, requestId }),
    };
  }

  #brokenRefusal(why: BrokenRequest): WrittenRefusal {
    const requestId = this.#ports.ids.nextRequestId(this.#ports.clock.nowMs());
    return why === 'malformed'
      ? this.#written(defaultWire, requestId, 'bad_request', malformedMessage)
      : this.#written(defaultWire, requestId, why);
  }
}
