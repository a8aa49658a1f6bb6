import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RawConnection, type RawAnswer } from '../../test/rigs/RawConnection.ts';
import { TestDataPlane } from './openTestDataPlane.fixture.ts';

const chat = 'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const message = `${chat.replace('/v1/chat/completions', '/v1/messages')}anthropic-version: 2023-06-01\r\n`;
const continues = '100 Continue\r\n\r\n';

const announced = (bytes: number, head = chat): string => `${head}content-length: ${bytes}\r\n`;
const chunk = (bytes: number): string => (bytes === 0 ? '' : `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`);
const lastChunk = '0\r\n\r\n';

/** A request whose head the server has taken and whose body is still to come. */
const begin = async (url: string, bytes: number): Promise<RawConnection> => {
  const connection = await RawConnection.open(url);
  await connection.write(`${announced(bytes)}expect: 100-continue\r\n\r\n`);
  await connection.until((text) => text.includes(continues));
  return connection;
};

const exchange = async (url: string, bytes: string): Promise<RawAnswer> => {
  using connection = await RawConnection.open(url);
  await connection.write(bytes);
  return await connection.answer();
};

const upload = (url: string, bytes: number): Promise<RawAnswer> =>
  exchange(url, `${announced(bytes)}\r\n${'x'.repeat(bytes)}`);

const uploadChunked = (url: string, ...chunkBytes: readonly number[]): Promise<RawAnswer> =>
  exchange(url, `${chat}transfer-encoding: chunked\r\n\r\n${chunkBytes.map(chunk).join('')}${lastChunk}`);

const expectOverloaded = (answer: RawAnswer, why: string): void => {
  expect([answer.status, answer.headers['x-archipel-error']]).toEqual([503, 'overloaded']);
  expect(answer.headers['retry-after']).toBe('1');
  expect(answer.headers['connection']).toBe('close');
  expect(JSON.parse(answer.body).error.message).toContain(why);
};

/** Asks until there is room: a client that left is noticed when its connection says so. */
const uploadOnceThereIsRoom = async (url: string, bytes: number): Promise<RawAnswer> => {
  for (;;) {
    const answer = await upload(url, bytes);
    if (answer.status !== 503) return answer;
  }
};

describe('the bodies of all requests together', () => {
  test('are bounded: what finds no room is told to come back, in the shape of its wire, and what was let in is served', async () => {
    await using open = await TestDataPlane.open({ bodiesBytes: 1_000 });
    using first = await begin(open.url, 600);
    expectOverloaded(await upload(open.url, 401), 'limits.bodiesBytes');
    expectOverloaded(await uploadChunked(open.url, 200, 201), 'limits.bodiesBytes');
    const refused = await exchange(open.url, `${announced(401, message)}\r\n${'x'.repeat(401)}`);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(refused.body)).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
    expect(open.served).toHaveLength(0);
    await first.write('y'.repeat(600));
    const served = await open.request(1);
    expect(Buffer.from(served.body).toString()).toBe('y'.repeat(600));
    served.answer('done');
    expect(await first.answer()).toMatchObject({ status: 200, body: 'done' });
  });

  test.each([
    { what: 'announced', ask: (url: string) => upload(url, 400) },
    { what: 'chunked', ask: (url: string) => uploadChunked(url, 200, 200) },
  ])('let what fits in, $what', async ({ ask }) => {
    await using open = await TestDataPlane.open({ bodiesBytes: 1_000 });
    using first = await begin(open.url, 600);
    const second = ask(open.url);
    const served = await open.request(1);
    expect(served.body).toHaveLength(400);
    served.answer('fits');
    expect(await second).toMatchObject({ status: 200, body: 'fits' });
    expect(first.text).toBe(`HTTP/1.1 ${continues}`);
  });

  test('count as long as their requests are served, and no longer', async () => {
    await using open = await TestDataPlane.open({ bodiesBytes: 1_000 });
    const first = upload(open.url, 1_000);
    const served = await open.request(1);
    expectOverloaded(await upload(open.url, 1), 'limits.bodiesBytes');
    expectOverloaded(await uploadChunked(open.url, 1), 'limits.bodiesBytes');
    served.answer('done');
    await first;
    open.answersAtOnce = true;
    expect(await upload(open.url, 1_000)).toMatchObject({ status: 200 });
  });

  test.each([
    { where: 'while its body comes', bytesSent: 10, reaches: 0 },
    { where: 'while it is served', bytesSent: 1_000, reaches: 1 },
  ])('are given back by a client that leaves $where', async ({ bytesSent, reaches }) => {
    await using open = await TestDataPlane.open({ bodiesBytes: 1_000, requestsInFlight: 1 });
    const leaving = await begin(open.url, 1_000);
    await leaving.write('x'.repeat(bytesSent));
    if (reaches > 0) await open.request(reaches);
    leaving.socket.destroy();
    open.answersAtOnce = true;
    expect(await uploadOnceThereIsRoom(open.url, 1_000)).toMatchObject({ status: 200 });
  });

  test('are given back by a body that comes too slowly, before its client has read the refusal', async () => {
    await using open = await TestDataPlane.open({ bodiesBytes: 1_000, requestsInFlight: 1, bodyMs: 1 });
    using slow = await begin(open.url, 1_000);
    expect(await slow.answer()).toMatchObject({ status: 408 });
    open.limits = { ...open.limits, bodyMs: 20_000 };
    open.answersAtOnce = true;
    expect(await upload(open.url, 1_000)).toMatchObject({ status: 200 });
    expect(slow.text).toContain('408');
  });

  test('do not bound one body: larger than it may be is 413 however full it is', async () => {
    await using open = await TestDataPlane.open({ bodyBytes: 500, bodiesBytes: 1_000 });
    using first = await begin(open.url, 500);
    using second = await begin(open.url, 500);
    for (const answer of [await upload(open.url, 501), await upload(open.url, 100_000)]) {
      expect([answer.status, answer.headers['x-archipel-error']]).toEqual([413, 'body_too_large']);
      expect(answer.body).toContain('500 bytes (limits.bodyBytes)');
    }
    expect(first.text + second.text).not.toContain('413');
  });

  test('too small for one body make it 413 as well, since no waiting would help it', async () => {
    await using open = await TestDataPlane.open({ bodyBytes: 1_000, bodiesBytes: 500 });
    for (const answer of [await upload(open.url, 501), await uploadChunked(open.url, 300, 201)]) {
      expect(answer.status).toBe(413);
      expect(answer.body).toContain('500 bytes (limits.bodiesBytes)');
    }
    open.answersAtOnce = true;
    expect(await upload(open.url, 500)).toMatchObject({ status: 200 });
  });

  test('are all given back, whatever came: a body of the whole limit is taken afterwards', async () => {
    const sizes = fc.array(fc.record({ bytes: fc.nat(700), isChunked: fc.boolean(), leaves: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (uploads) => {
        await using open = await TestDataPlane.open({ bodyBytes: 600, bodiesBytes: 1_000, requestsInFlight: 4 });
        open.answersAtOnce = true;
        await Promise.all(
          uploads.map(async ({ bytes, isChunked, leaves }) => {
            if (leaves) {
              using leaving = await RawConnection.open(open.url);
              await leaving.write(`${announced(bytes + 1)}\r\n${'x'.repeat(bytes)}`);
              return;
            }
            const { status } = await (isChunked ? uploadChunked(open.url, bytes) : upload(open.url, bytes));
            expect(bytes > 600 ? [413, 503] : [200, 503]).toContain(status);
          }),
        );
        open.limits = { ...open.limits, bodyBytes: 1_000 };
        expect(await uploadOnceThereIsRoom(open.url, 1_000)).toMatchObject({ status: 200 });
      }),
      { numRuns: 25 },
    );
  });
});

describe('the requests here at once', () => {
  test('are bounded with those whose body is still coming', async () => {
    await using open = await TestDataPlane.open({ requestsInFlight: 2 });
    using first = await begin(open.url, 10);
    using second = await begin(open.url, 10);
    expectOverloaded(await upload(open.url, 10), 'limits.requestsInFlight');
    await first.write('x'.repeat(10));
    (await open.request(1)).answer('first');
    expect(await first.answer()).toMatchObject({ status: 200, body: 'first' });
    open.answersAtOnce = true;
    expect(await upload(open.url, 10)).toMatchObject({ status: 200 });
    expect(second.text).not.toContain('503');
  });

  test('are bounded with those that are served', async () => {
    await using open = await TestDataPlane.open({ requestsInFlight: 1 });
    const first = upload(open.url, 10);
    const served = await open.request(1);
    expectOverloaded(await upload(open.url, 10), 'limits.requestsInFlight');
    served.answer('first');
    expect(await first).toMatchObject({ status: 200, body: 'first' });
  });

  test('leave room for the list of models, unless it brings a body', async () => {
    await using open = await TestDataPlane.open({ requestsInFlight: 1 });
    using first = await begin(open.url, 10);
    open.answersAtOnce = true;
    const list = 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\n';
    expect(await exchange(open.url, `${list}\r\n`)).toMatchObject({ status: 200 });
    expectOverloaded(await exchange(open.url, `${list}content-length: 2\r\n\r\n{}`), 'limits.requestsInFlight');
    expect(first.text).not.toContain('503');
  });
});

describe('a server that is short of memory', () => {
  /** One whose shedder has looked at it. */
  const short = async (memoryShare: number): Promise<TestDataPlane> => {
    const open = await TestDataPlane.open();
    open.answersAtOnce = true;
    open.pressure = { ...open.pressure, memoryShare };
    while ((await upload(open.url, 300_000)).status === 200);
    return open;
  };

  test('turns large bodies away before they are read, and serves small ones [G8]', async () => {
    await using open = await short(0.86);
    const served = open.served.length;
    using connection = await RawConnection.open(open.url);
    // Nothing of the body is sent: the answer comes nevertheless.
    await connection.write(`${announced(300_000)}\r\n`);
    const refused = await connection.answer();
    expect([refused.status, refused.headers['x-archipel-error']]).toEqual([503, 'overloaded']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(refused.headers['connection']).toBe('close');
    expect(open.served).toHaveLength(served);
    expect((await upload(open.url, 10)).status).toBe(200);
  });

  test('turns everybody away in the end but who asks for the list of models, and keeps small askers on their connection [G8]', async () => {
    await using open = await short(0.93);
    const refused = await upload(open.url, 10);
    expect([refused.status, refused.headers['connection']]).toEqual([503, 'keep-alive']);
    expect((await exchange(open.url, 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n')).status).toBe(200);
    using connection = await RawConnection.open(open.url);
    await connection.write(`${announced(10)}\r\n${'x'.repeat(10)}`);
    expect((await connection.answer()).status).toBe(503);
    open.pressure = { ...open.pressure, memoryShare: 0.3 };
    while ((await upload(open.url, 10)).status !== 200);
  });
});

describe('a request that is broken behind one that waits for its answer', () => {
  test.each<[string, string]>([
    ['is no chunk', `${chat}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['is no HTTP', 'nonsense\r\n\r\n'],
    ['could be read in two ways', `${announced(2)}transfer-encoding: chunked\r\n\r\n`],
  ])('is not answered in its place: what comes %s [A8]', async (_what, broken) => {
    await using open = await TestDataPlane.open();
    using connection = await RawConnection.open(open.url);
    await connection.write(`${announced(2)}\r\n{}`);
    const first = await open.request(1);
    await connection.write(broken);
    await connection.closed();
    expect(connection.text).toBe('');
    first.answer('nobody reads this');
  });
});

describe('a server that is about to end', () => {
  test('serves nothing that was sent behind a request whose answer ends the connection [A8]', async () => {
    await using open = await TestDataPlane.open();
    const first = upload(open.url, 10);
    const served = await open.request(1);
    const hurry = new AbortController();
    const closed = open.plane.close({ lameDuckMs: 20_000, drainMs: 20_000, lastWordsMs: 0 }, hurry.signal);
    using connection = await RawConnection.open(open.url);
    await connection.write(`${announced(2)}\r\n{}${announced(2)}\r\n[]`);
    (await open.request(2)).answer('the last one');
    await connection.closed();
    expect(connection.text.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
    expect(open.served.map(({ body }) => Buffer.from(body).toString())).not.toContain('[]');
    served.answer('done');
    await first;
    hurry.abort();
    await closed;
  });

  test('takes requests for a while yet, and has clients look for another connection', async () => {
    await using open = await TestDataPlane.open();
    open.answersAtOnce = true;
    expect((await upload(open.url, 10)).headers['connection']).toBe('keep-alive');
    const hurry = new AbortController();
    const closed = open.plane.close({ lameDuckMs: 20_000, drainMs: 20_000, lastWordsMs: 0 }, hurry.signal);
    expect(open.plane.draining).toBe(true);
    expect(await upload(open.url, 10)).toMatchObject({ status: 200, headers: { connection: 'close' } });
    hurry.abort();
    await closed;
    await expect(RawConnection.open(open.url)).rejects.toThrow('ECONNREFUSED');
  });

  test('serves what it has, refuses what comes with a time to come back, and says that it drains', async () => {
    await using open = await TestDataPlane.open();
    const first = upload(open.url, 10);
    const served = await open.request(1);
    using reading = await begin(open.url, 10);
    expect(open.plane.draining).toBe(false);
    const closed = open.plane.close({ lameDuckMs: 0, drainMs: 20_000, lastWordsMs: 0 });
    expect(open.plane.draining).toBe(true);
    expectOverloaded(await upload(open.url, 10), 'shutting down');
    await reading.write('y'.repeat(10));
    (await open.request(2)).answer('the one that was coming');
    served.answer('the one that was served');
    expect(await first).toMatchObject({ status: 200, body: 'the one that was served' });
    expect(await reading.answer()).toMatchObject({ status: 200, body: 'the one that was coming' });
    await closed;
    await expect(RawConnection.open(open.url)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a WebSocket', () => {
  const handshake = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

  test('is refused where requests are posted, so that its client posts', async () => {
    await using open = await TestDataPlane.open({});
    const answer = await exchange(open.url, handshake('/v1/chat/completions'));
    expect([answer.status, answer.headers['x-archipel-error'], answer.headers['upgrade']]).toEqual([
      426,
      'upgrade_refused',
      'HTTP/1.1',
    ]);
    expect(JSON.parse(answer.body).error.message).toContain('POST');
  });

  test('is nothing at other paths, and a method that is not taken without one stays so', async () => {
    await using open = await TestDataPlane.open({});
    expect((await exchange(open.url, handshake('/nothing'))).status).toBe(404);
    const plain = 'GET /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n\r\n';
    expect((await exchange(open.url, plain)).status).toBe(405);
  });
});

describe('what is handed on to a provider', () => {
  const head = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-encoding: gzip\r\n`;

  test('may be of any type and coding, where what is read here may not', async () => {
    await using open = await TestDataPlane.open();
    open.answersAtOnce = true;
    const body = Buffer.from([0x1f, 0x8b, 0x00, 0xff]).toString('latin1');
    const passed = await exchange(open.url, `${announced(4, head('/passthrough/openai/v1/files'))}\r\n${body}`);
    expect(passed.status).toBe(200);
    expect(Buffer.from(open.served[0]?.body ?? []).toString('latin1')).toBe(body);
    expect((await exchange(open.url, `${announced(4, head('/v1/embeddings'))}\r\n${body}`)).status).toBe(415);
  });

  test('has the same bound as all bodies', async () => {
    await using open = await TestDataPlane.open({ bodyBytes: 3 });
    const refused = await exchange(open.url, `${announced(4, head('/passthrough/openai/v1/files'))}\r\nxxxx`);
    expect([refused.status, open.served.length]).toEqual([413, 0]);
  });

  test('may be sent by pages by every method that is handed on', async () => {
    await using open = await TestDataPlane.open();
    open.visitors = { hosts: [], origins: ['https://chat.example.com'] };
    const allowed = async (path: string): Promise<string | undefined> => {
      const asking = `OPTIONS ${path} HTTP/1.1\r\nhost: localhost\r\norigin: https://chat.example.com\r\naccess-control-request-method: DELETE\r\n\r\n`;
      return (await exchange(open.url, asking)).headers['access-control-allow-methods'];
    };
    expect(await allowed('/passthrough/openai/v1/files/f')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE');
    expect(await allowed('/v1/chat/completions')).toBe('GET, POST, DELETE');
  });
});
