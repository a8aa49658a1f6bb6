// A vendor in a thread of its own that costs next to nothing: the gateway is what is measured. It speaks raw bytes, and knows one answer of each kind.
import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

interface VendorData {
  /** Before the first byte, and between the parts of a stream. */
  readonly waitMs: number;
  /** Of a stream, each written at once. */
  readonly parts: readonly string[];
  /** Of a whole answer. */
  readonly whole: string;
}

const data: VendorData = workerData;

const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const wholeBytes = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(data.whole)}\r\n\r\n${data.whole}`;
const streamBytes = data.parts.map(chunked);

const write = (socket: Socket, text: string): void => {
  if (socket.writable) socket.write(text);
};

const answer = (socket: Socket, isStream: boolean): void => {
  if (!isStream) {
    setTimeout(() => write(socket, wholeBytes), data.waitMs);
    return;
  }
  let part = 0;
  const next = (): void => {
    const isFirst = part === 0;
    const isLast = part === streamBytes.length - 1;
    write(socket, `${isFirst ? streamHead : ''}${streamBytes[part] ?? ''}${isLast ? '0\r\n\r\n' : ''}`);
    part += 1;
    if (!isLast) setTimeout(next, data.waitMs);
  };
  setTimeout(next, data.waitMs);
};

const server = createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (piece: string) => {
    text += piece;
    for (;;) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      const body = text.slice(end + 4, end + 4 + length);
      text = text.slice(end + 4 + length);
      answer(socket, /"stream": ?true/.test(body));
    }
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  parentPort?.postMessage(address !== null && typeof address === 'object' ? address.port : 0);
});
