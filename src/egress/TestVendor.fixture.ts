import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { SelfSigned } from './selfSigned.fixture.ts';
import type { Transport, TransportFault, UpstreamCall, UpstreamHandle, UpstreamHeaders } from './Transport.ts';

/** One request as it came, with the socket to answer it on. */
export interface Asked {
  readonly socket: Socket;
  /** Head and body, as text of single bytes. */
  readonly request: string;
  /** Of this vendor, from 1. */
  readonly connection: number;
}

const wholeRequest = (text: string): number => {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return -1;
  const bytes = end + 4 + Number(/\r\ncontent-length: (\d+)/.exec(text.slice(0, end))?.[1] ?? 0);
  return text.length < bytes ? -1 : bytes;
};

/** A vendor on a loopback socket that says what the test tells it to, byte by byte. */
export class TestVendor implements AsyncDisposable {
  readonly #server: Server;
  readonly origin: string;
  /** Where it listens, or did. */
  readonly port: number;
  readonly sockets: Socket[] = [];
  /** Of its connections, whether each took up an earlier TLS session. */
  readonly sessionsReused: boolean[] = [];
  /** Requests that came whole. */
  readonly requests: string[] = [];

  private constructor(server: Server, name: string) {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.#server = server;
    this.port = address.port;
    this.origin = `${name}:${address.port}`;
  }

  static async start(answer: (asked: Asked) => void, certificate?: SelfSigned): Promise<TestVendor> {
    const server = certificate
      ? createTlsServer({ key: certificate.key, cert: certificate.certificate, ALPNProtocols: ['h2', 'http/1.1'] })
      : createServer({ noDelay: true });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const vendor = new TestVendor(server, certificate ? 'https://localhost' : 'http://127.0.0.1');
    server.on(certificate ? 'secureConnection' : 'connection', (socket: Socket) => vendor.#serve(socket, answer));
    server.on('tlsClientError', () => {});
    return vendor;
  }

  /** Answers every request with the same bytes. */
  static saying(answer: string): Promise<TestVendor> {
    return TestVendor.start(({ socket }) => socket.write(answer, 'latin1'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #serve(socket: Socket, answer: (asked: Asked) => void): void {
    const connection = this.sockets.push(socket);
    this.sessionsReused.push(socket instanceof TLSSocket && socket.isSessionReused());
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      for (let end = wholeRequest(text); end >= 0; end = wholeRequest(text)) {
        const request = text.slice(0, end);
        text = text.slice(end);
        this.requests.push(request);
        answer({ socket, request, connection });
      }
    });
  }
}

/** What a sink heard of one call. */
export interface Heard {
  status: number;
  headers: Record<string, unknown>;
  body: string;
  ended: boolean;
  fault: TransportFault | null;
}

export interface Listener {
  readonly head?: (handle: UpstreamHandle) => void;
  readonly chunk?: (handle: UpstreamHandle, heard: Heard) => void;
  /** The content itself, as it was handed over. */
  readonly bytes?: (bytes: Buffer) => void;
  readonly end?: () => void;
}

/** A call that is under way. */
export interface Call {
  readonly handle: UpstreamHandle;
  /** As far as it has come. */
  readonly heard: Heard;
  /** Comes when the call has ended, one way or the other. */
  readonly over: Promise<Heard>;
}

export const startCall = (transport: Transport, call: Partial<UpstreamCall>, listener: Listener = {}): Call => {
  const heard: Heard = { status: 0, headers: {}, body: '', ended: false, fault: null };
  const { promise: over, resolve } = Promise.withResolvers<Heard>();
  const note = (what: string): void => {
    if (heard.ended || heard.fault !== null) throw new Error(`${what} after the end`);
  };
  const handle: UpstreamHandle = transport.call(
    {
      origin: 'http://127.0.0.1:1',
      credential: 'a',
      reach: 'loopback',
      method: 'POST',
      path: '/x?y=1',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{}'),
      ...call,
    },
    {
      head: (status: number, headers: UpstreamHeaders) => {
        note('head');
        heard.status = status;
        heard.headers = { ...headers };
        listener.head?.(handle);
      },
      chunk: (bytes) => {
        note('chunk');
        heard.body += bytes.toString('latin1');
        listener.bytes?.(bytes);
        listener.chunk?.(handle, heard);
      },
      end: () => {
        note('end');
        heard.ended = true;
        listener.end?.();
        resolve(heard);
      },
      failed: (fault) => {
        note('failed');
        heard.fault = fault;
        resolve(heard);
      },
    },
  );
  return { handle, heard, over };
};

/** Makes a call and waits for its end. */
export const ask = (transport: Transport, call: Partial<UpstreamCall>, listener?: Listener): Promise<Heard> =>
  startCall(transport, call, listener).over;

/** Lets the loop turn, so that whatever is on its way arrives: sockets, closings, answers. */
export const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
};
