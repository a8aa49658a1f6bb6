// A serving job: answers from what train.ts has learnt, over the chat wire, on loopback. It says by its heartbeat where it listens, and
// after SIGTERM it ends with its last answer. Runs as it is, too:  node serve.ts --model checkpoints --port 8000
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { answerBody, answerEvents, answerTo } from './chatAnswer.ts';
import { ChatFault, readChatRequest } from './chatRequest.ts';
import { beat } from './heartbeat.ts';
import { readModel } from './modelFile.ts';

const bodyBytesMax = 1_048_576;
/** Between two events of a stream: a model of a useful size would not be faster. */
const eventMs = 15;
const beatMs = 1_000;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: process.env['ARCHIPEL_DATA_MODEL'] ?? 'checkpoints' },
    name: { type: 'string', default: 'own-small' },
    port: { type: 'string', default: '0' },
  },
});
const model = readModel(join(values.model, 'model.json'));
const secondsNow = (): number => Math.floor(Date.now() / 1_000);
const startedAt = secondsNow();
const metrics = { answers: 0 };
let isEnding = false;

/** Text of a body. One that is too large is read to its end all the same, so that its sender reads the answer, but not kept. */
const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!(piece instanceof Uint8Array)) continue;
    bytes += piece.byteLength;
    if (bytes <= bodyBytesMax) pieces.push(piece);
  }
  if (bytes > bodyBytesMax) throw new ChatFault(413, `the body is larger than ${bodyBytesMax} bytes`);
  return Buffer.concat(pieces).toString('utf8');
};

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // Nobody should ask again where nobody will answer.
    ...(isEnding ? { connection: 'close' } : {}),
  });
  response.end(text);
};

const streamEvents = async (response: ServerResponse, events: Iterable<string>): Promise<void> => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const data of events) {
    // A client that is gone is not worth the rest.
    if (response.destroyed) return;
    response.write(`data: ${data}\n\n`);
    await setTimeout(eventMs);
  }
  response.end();
};

const complete = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const asked = readChatRequest(await bodyOf(request));
  if (asked.model !== values.name)
    throw new ChatFault(404, `there is no model "${asked.model}", only "${values.name}"`, 'model', 'model_not_found');
  const answer = answerTo(model, asked);
  const head = { id: `chatcmpl-${randomUUID()}`, created: secondsNow(), model: values.name };
  metrics.answers++;
  if (asked.stream) await streamEvents(response, answerEvents(head, answer, asked.includeUsage));
  else sendJson(response, 200, answerBody(head, answer));
};

const listModels = (_: IncomingMessage, response: ServerResponse): void => {
  const data = [{ id: values.name, object: 'model', created: startedAt, owned_by: 'example' }];
  sendJson(response, 200, { object: 'list', data });
};

// The model was read before anybody listened.
const tellHealth = (_: IncomingMessage, response: ServerResponse): void => sendJson(response, 200, { ok: true });

type Reply = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Who answers at each path, and to which method. */
const routes = new Map<string, readonly [method: string, reply: Reply]>([
  ['/healthz', ['GET', tellHealth]],
  ['/v1/models', ['GET', listModels]],
  ['/v1/chat/completions', ['POST', complete]],
]);

const answerRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (isEnding) throw new ChatFault(503, 'this server is ending');
  const path = request.url?.replace(/\?.*/, '') ?? '';
  const route = routes.get(path);
  if (!route) throw new ChatFault(404, `there is nothing at ${path}`);
  const [method, reply] = route;
  if (request.method !== method) {
    response.setHeader('allow', method);
    throw new ChatFault(405, `${path} takes ${method}`);
  }
  await reply(request, response);
};

const server = createServer((request, response) => {
  response.once('close', () => {
    if (isEnding) server.closeIdleConnections();
  });
  answerRequest(request, response).catch((error: unknown) => {
    // Its client is gone: nobody is left to tell.
    if (response.destroyed) return;
    const fault = error instanceof ChatFault ? error : new ChatFault(500, 'this server made a mistake');
    if (fault !== error) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    if (response.headersSent) response.destroy();
    else sendJson(response, fault.status, fault.body);
  });
});

server.listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}` })}\n`);
  const tell = (): void => beat({ port, metrics });
  tell();
  setInterval(tell, beatMs).unref();
});

// Asks for a checkpoint, and there is nothing to keep. Node would open its debugger where nobody listens.
process.on('SIGUSR1', () => {});
// It may be told more than once.
process.on('SIGTERM', () => {
  isEnding = true;
  // Connections without a request are closed at once; the process ends with the last of the others.
  server.close();
});
