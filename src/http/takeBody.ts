import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientRoute } from '../wire/index.ts';
import type { Occupancy, OccupancyLimits } from './Occupancy.ts';
import { overloaded, type PlaneRefusal } from './PlaneRefusal.ts';
import { announcedBytesOf, bringsBody, readBody, type BodyLimits, type BodyRead } from './readBody.ts';
import { largeBodyBytes, type Shedder } from './overload/Shedder.ts';
import { wrongContentType } from './wrongContentType.ts';

export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: ClientRoute;
  /** Name of the key that it came with. */
  readonly key: string;
  readonly shedder: Shedder;
  readonly occupancy: Occupancy;
  readonly limits: BodyLimits & OccupancyLimits;
}

/** What a request brought. */
export interface TakenBody {
  readonly body: Uint8Array;
  /** Asks for room for more bytes, until the request is done; false where there is none. */
  readonly takeRoom: (bytes: number) => boolean;
}

/** What is read of a request: its body, the refusal it deserves, or null when the client is gone. */
type Taken = TakenBody | PlaneRefusal | null;

const nothing: TakenBody = { body: new Uint8Array(0), takeRoom: () => false };

/** Takes a request in with its body: from here until its last byte has left, or its client, it counts among those that are here. */
export const takeBody = async ({
  request,
  response,
  route,
  key,
  shedder,
  occupancy,
  limits,
}: Arrival): Promise<Taken> => {
  // Whatever is handed on unread may be anything.
  const mustBeJson = route.method === 'POST' && route.operation !== 'passthrough';
  const misdeclared = mustBeJson ? wrongContentType(request.headers) : null;
  if (misdeclared) return misdeclared;
  // The list of models is answered from memory at once: a full house has room for it.
  if (route.operation === 'listModels' && !bringsBody(request)) return nothing;
  const flow = shedder.flowOf(key);
  const announcedBytes = announcedBytesOf(request);
  const shed = shedder.shed(flow, announcedBytes);
  // What comes with a small body is read past it sooner than a new connection is made.
  const isSmall = announcedBytes !== null && announcedBytes < largeBodyBytes;
  if (shed !== null) return overloaded(shed.message, shed.retryAfterS, !isSmall);
  const stay = occupancy.enter(flow.here);
  if (stay === null) return overloaded('This gateway has as many requests as it can hold (limits.requestsInFlight).');
  const left = shedder.enter(flow);
  response.on('close', () => {
    stay.leave();
    left();
  });
  const read = await readBody(request, { bodyBytes: limits[boundOf(limits)], bodyMs: limits.bodyMs }, stay);
  if (read.kind === 'whole') return { body: read.bytes, takeRoom: (bytes) => stay.take(bytes) };
  stay.leave();
  return refusalOf(read.kind, limits);
};

/** What is larger than all bodies together may be is too large by itself: to come back would not help it. */
const boundOf = (limits: Arrival['limits']): 'bodiesBytes' | 'bodyBytes' =>
  limits.bodiesBytes < limits.bodyBytes ? 'bodiesBytes' : 'bodyBytes';

const refusalOf = (kind: Exclude<BodyRead['kind'], 'whole'>, limits: Arrival['limits']): PlaneRefusal | null => {
  switch (kind) {
    case 'too_large': {
      const bound = boundOf(limits);
      const message = `The body is larger than ${limits[bound]} bytes (limits.${bound}).`;
      return { code: 'body_too_large', message, close: true };
    }
    case 'too_slow':
      return { code: 'request_timeout', message: `The body did not arrive within ${limits.bodyMs} ms.`, close: true };
    case 'no_room':
      return overloaded('The bodies of the requests here are as large as they may be together (limits.bodiesBytes).');
    case 'gone':
      return null;
  }
};
