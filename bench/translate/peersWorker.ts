// The client and the vendor of the bench, in a thread of their own: their work must not be taken for the gateway's.
import { createServer, request } from 'node:http';
import { parentPort } from 'node:worker_threads';

/** What the client asks, and what the vendor answers it. */
export interface Asking {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly answer: Uint8Array;
}

export type PeersMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'answered'; readonly status: number; readonly bytes: number; readonly text: string };

let answer: Uint8Array = new Uint8Array(0);
const say = (message: PeersMessage): void => parentPort?.postMessage(message);

const vendor = createServer((asked, response) => {
  asked.resume();
  asked.once('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(answer.length) });
    response.end(answer);
  });
});
vendor.listen(0, '127.0.0.1', () => {
  const address = vendor.address();
  if (address !== null && typeof address === 'object') say({ kind: 'listening', port: address.port });
});

parentPort?.on('message', (asking: Asking) => {
  answer = asking.answer;
  const headers = { ...asking.headers, 'content-length': String(asking.body.length) };
  const asked = request(asking.url, { method: 'POST', headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => void chunks.push(chunk));
    response.once('end', () => {
      const body = Buffer.concat(chunks);
      say({
        kind: 'answered',
        status: response.statusCode ?? 0,
        bytes: body.length,
        text: body.toString('utf8', 0, 500),
      });
    });
  });
  asked.end(asking.body);
});
