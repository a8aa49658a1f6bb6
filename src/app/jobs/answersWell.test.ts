import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LeanTransport } from '../../egress/index.ts';
import { answersWell } from './answersWell.ts';

let transport: LeanTransport;
let server: Server;
let answer: RequestListener = (_request, response) => void response.end();
let origin = '';
const asked: (string | undefined)[] = [];

beforeAll(async () => {
  transport = new LeanTransport();
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await transport.close();
  server.closeAllConnections();
  server.close();
});
afterEach(() => void asked.splice(0));

describe('a server', () => {
  test('that answers 200 is ready; it is asked without a key', async () => {
    answer = (_request, response) => void response.end('ready');
    expect(await answersWell(transport, `${origin}/healthz`)).toBe(true);
    expect(asked).toEqual(['GET /healthz undefined']);
  });

  test.each([204, 301, 404, 500, 503])('that answers %i is not', async (status) => {
    answer = (_request, response) => void response.writeHead(status, { location: '/elsewhere' }).end();
    expect(await answersWell(transport, `${origin}/healthz`)).toBe(false);
    expect(asked).toHaveLength(1);
  });

  test('that cuts its answer off is not', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('read');
      response.destroy();
    };
    expect(await answersWell(transport, `${origin}/healthz`)).toBe(false);
  });

  test('that nobody finds is not', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await new Promise((resolve) => void other.close(resolve));
    expect(await answersWell(transport, `http://127.0.0.1:${port}/healthz`)).toBe(false);
  });

  test('that says nothing, or never comes to an end, is not, and is not waited for', async () => {
    answer = ({ url }, response) => {
      if (url === '/silent') return;
      response.writeHead(200).write('more');
    };
    const answers = ['silent', 'endless'].map((path) => answersWell(transport, `${origin}/${path}`));
    expect(await Promise.all(answers)).toEqual([false, false]);
    expect(asked).toHaveLength(2);
  });
});
