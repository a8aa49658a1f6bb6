import { ClosedLoad, type Ask } from './Load.ts';

/** How a way is loaded. */
export interface LoadShape {
  readonly connections: number;
  /** Pause between two events of a stream. */
  readonly eventGapMs: number;
  /** Over which the first requests begin: one stream's length, so that streams are in all of their phases at once. */
  readonly spreadMs: number;
}

const wholeConnections = 16;
const streamConnections = 100;
const streamGapMs = 25;

/** 16 whole requests at once; or 100 streams with an event each 25 ms, 4,000 events a second. @param events Events of one stream. */
export const loadShapeOf = (stream: boolean, events: number): LoadShape =>
  stream
    ? { connections: streamConnections, eventGapMs: streamGapMs, spreadMs: streamGapMs * events }
    : { connections: wholeConnections, eventGapMs: 0, spreadMs: 0 };

export const startLoad = (ask: Ask, shape: LoadShape): Promise<ClosedLoad> =>
  ClosedLoad.start(ask, shape.connections, shape.spreadMs);
