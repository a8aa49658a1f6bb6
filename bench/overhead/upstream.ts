// The one vendor behind every contender, in a process of its own: recorded answers over bare sockets, with as little work as can be. The parent
// sets the pace of its streams and asks for the last call over the IPC channel; when the parent is gone, so is it.
import { createServer, type Socket } from 'node:net';
import { recordedAnswers, type RecordedAnswers } from './recordedTraffic.ts';

/** What the parent tells or asks. */
export type UpstreamOrder = { readonly kind: 'pace'; readonly eventGapMs: number } | { readonly kind: 'lastCall' };

/** What the parent hears. */
export type UpstreamReport =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'paced' }
  /** The body of the last call as text of single bytes (latin1). */
  | { readonly kind: 'lastCall'; readonly path: string; readonly body: string };

interface Call {
  readonly path: string;
  readonly body: Buffer;
  readonly bytes: number;
}

/** An answer as it goes over the socket, made once. */
interface Frames {
  readonly whole: Buffer;
  readonly streamHead: Buffer;
  readonly events: readonly Buffer[];
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');
const streamMark = /"stream": ?true/;

const chunkOf = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

const framesOf = ({ whole, events }: RecordedAnswers): Frames => {
  const head = 'HTTP/1.1 200 OK\r\nx-request-id: req_58cff97afd0e7c0bba910ccf0b044a6f\r\n';
  const chunks = events.map(chunkOf);
  const last = chunks.pop() ?? lastChunk;
  return {
    whole: Buffer.concat([
      Buffer.from(`${head}content-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n`),
      whole,
    ]),
    streamHead: Buffer.from(
      `${head}content-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n`,
    ),
    events: [...chunks, Buffer.concat([last, lastChunk])],
  };
};

const answers = new Map(Object.values(recordedAnswers).map((recorded) => [recorded.path, framesOf(recorded)]));
const unknownPath = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');

/** The call that these bytes begin with, or null where some of it is still to come. */
const readCall = (bytes: Buffer): Call | null => {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const from = end + headEnd.length;
  if (bytes.length < from + length) return null;
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/')).split('?')[0] ?? '';
  return { path, body: bytes.subarray(from, from + length), bytes: from + length };
};

let eventGapMs = 0;
let lastCall: Call = { path: '', body: Buffer.alloc(0), bytes: 0 };

/** Writes the head with the first event, then one event after each gap. */
const stream = (socket: Socket, frames: Frames): void => {
  const { streamHead, events } = frames;
  if (eventGapMs === 0) {
    socket.write(Buffer.concat([streamHead, ...events]));
    return;
  }
  socket.write(Buffer.concat([streamHead, events[0] ?? lastChunk]));
  let next = 1;
  const pace = setInterval(() => {
    const event = events[next];
    next += 1;
    if (event && socket.writable) socket.write(event);
    if (next >= events.length || !socket.writable) clearInterval(pace);
  }, eventGapMs);
};

const answer = (socket: Socket, call: Call): void => {
  lastCall = call;
  const frames = answers.get(call.path);
  if (!frames) socket.write(unknownPath);
  else if (streamMark.test(call.body.toString('latin1'))) stream(socket, frames);
  else socket.write(frames.whole);
};

const server = createServer({ noDelay: true }, (socket) => {
  let waiting: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
    for (let call = readCall(waiting); call; call = readCall(waiting)) {
      waiting = waiting.subarray(call.bytes);
      answer(socket, call);
    }
  });
});

const report = (text: UpstreamReport): void => void process.send?.(text);

process.on('message', (order: UpstreamOrder) => {
  if (order.kind === 'lastCall') {
    report({ kind: 'lastCall', path: lastCall.path, body: lastCall.body.toString('latin1') });
    return;
  }
  eventGapMs = order.eventGapMs;
  report({ kind: 'paced' });
});
process.on('disconnect', () => process.exit(0));

server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address();
  report({ kind: 'listening', port: address !== null && typeof address === 'object' ? address.port : 0 });
});
