import type { Wire } from '../wire.ts';
import { SseReader } from './SseReader.ts';

/** How most wires frame their streams. */
export const serverSentEvents: Pick<Wire, 'streamType' | 'readEvents'> = {
  streamType: 'text/event-stream',
  readEvents: () => new SseReader(),
};
