// What both planes have in front of them: one reading, names, origins, clocks, an end to connections that cannot be trusted.
import { describe, expect, test } from 'vitest';
import { RawConnection, type RawAnswer } from '../../test/rigs/RawConnection.ts';
import { silentLog } from '../kernel/index.ts';
import type { ListenerLimits } from './Listener.ts';
import { TestAdminPlane } from './openTestAdminPlane.fixture.ts';
import { TestDataPlane } from './openTestDataPlane.fixture.ts';

interface OpenPlane extends AsyncDisposable {
  readonly url: string;
  visitors: { readonly hosts: readonly string[]; readonly origins: readonly string[] };
}

interface Plane {
  readonly name: string;
  readonly open: (limits?: Partial<ListenerLimits>) => Promise<OpenPlane>;
  /** Request line of something that is served, without the line end. */
  readonly line: string;
  readonly malformed: string;
  readonly section: string;
}

const planes: readonly Plane[] = [
  {
    name: 'the data plane',
    open: async (limits) => {
      const plane = await TestDataPlane.open(limits);
      plane.answersAtOnce = true;
      return plane;
    },
    line: 'GET /v1/models HTTP/1.1',
    malformed: 'bad_request',
    section: 'listen',
  },
  {
    name: 'the control plane',
    open: (limits) => TestAdminPlane.open(silentLog, limits),
    line: 'GET /admin/v1/status HTTP/1.1',
    malformed: 'bad_control_request',
    section: 'admin.listen',
  },
];

const key = 'authorization: Bearer sk-owner\r\n';

/** All that a listener says on one connection until it closes it. */
const conversation = async (url: string, bytes: string): Promise<string> => {
  using connection = await RawConnection.open(url);
  await connection.write(bytes);
  await connection.closed();
  return connection.text;
};

const statusesIn = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));

const ask = async (url: string, bytes: string): Promise<RawAnswer> => {
  using connection = await RawConnection.open(url);
  await connection.write(bytes);
  return await connection.answer();
};

/** Asks on one connection after another until one is let in. */
const untilThereIsRoom = async (url: string, bytes: string): Promise<void> => {
  for (;;) {
    const answered = await ask(url, bytes).catch(() => null);
    if (answered?.status === 200) return;
  }
};

describe.each(planes)('in front of $name', ({ open, line, malformed, section }) => {
  test.each([
    ['two Hosts', `${line}\r\nhost: localhost\r\nhost: localhost\r\n${key}\r\n`],
    ['an absolute target', `${line.replace(' /', ' http://localhost/')}\r\nhost: localhost\r\n${key}\r\n`],
    ['a path that is not in normal form', `${line.replace(' /', ' /x/../')}\r\nhost: localhost\r\n${key}\r\n`],
    ['an encoded slash in the path', `${line.replace(' HTTP', '%2fx HTTP')}\r\nhost: localhost\r\n${key}\r\n`],
    ['a Host that is none', `${line}\r\nhost: localhost/?q#f\r\n${key}\r\n`],
    ['no Host', `${line}\r\n${key}\r\n`],
    [
      'a coding beside chunked',
      `${line}\r\nhost: localhost\r\n${key}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'chunks in HTTP/1.0',
      `${line.replace('1.1', '1.0')}\r\nhost: localhost\r\n${key}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two credentials in one carrier', `${line}\r\nhost: localhost\r\n${key}${key}\r\n`],
    ['an unknown expectation', `${line}\r\nhost: localhost\r\n${key}expect: 200-ok\r\n\r\n`],
    [
      'a length and chunks',
      `${line}\r\nhost: localhost\r\n${key}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a line that ends with LF', `${line}\nhost: localhost\n${key}\r\n`],
    ['a folded header', `${line}\r\nhost: localhost\r\nx: a\r\n b\r\n${key}\r\n`],
    ['a header of NUL', `${line}\r\nhost: localhost\r\nx: a\0b\r\n${key}\r\n`],
  ])('%s is refused in one answer, and the connection ends [A8]', async (_, bytes) => {
    await using plane = await open();
    const text = await conversation(plane.url, bytes);
    expect(statusesIn(text)).toEqual([400]);
    expect(text).toContain(`x-archipel-error: ${malformed}`);
    expect(text).toContain('connection: close');
  });

  test('nothing that comes behind a refusal is served, though it is well-formed [A8]', async () => {
    await using plane = await open();
    const good = `${line}\r\nhost: localhost\r\n${key}\r\n`;
    expect(
      statusesIn(await conversation(plane.url, `${line}\r\nhost: evil.example\r\n${key}\r\n${good}${good}`)),
    ).toEqual([421]);
    const served = await conversation(plane.url, `${good}${good.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')}`);
    expect(statusesIn(served)).toEqual([200, 200]);
  });

  test('a head that is too large, or comes too slowly, or not at all, ends the connection [A8]', async () => {
    await using plane = await open({ headerBytes: 4_096, headersMs: 50 });
    const large = await conversation(plane.url, `${line}\r\nhost: localhost\r\nx: ${'a'.repeat(5_000)}\r\n\r\n`);
    expect(statusesIn(large)).toEqual([431]);
    expect(large).toContain('x-archipel-error: headers_too_large');
    expect(statusesIn(await conversation(plane.url, `${line}\r\nhost: loc`))).toEqual([408]);
    expect(statusesIn(await conversation(plane.url, ''))).toEqual([408]);
  });

  test('of ten thousand headers, among them the name of every object’s prototype, none is taken for another [A10]', async () => {
    await using plane = await open({ headerBytes: 1_048_576 });
    const odd = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'x-archipel-team', 'x_archipel_team'];
    const oddHeaders = (count: number): string =>
      Array.from({ length: count }, (_, at) => `${odd[at % odd.length]}: ${at}\r\n`).join('');
    const few = `${line}\r\nhost: localhost\r\n${key}${oddHeaders(150)}connection: close\r\n\r\n`;
    expect((await ask(plane.url, few)).status).toBe(200);
    // Some versions of Node leave headers beyond a count unread, so that a second Host could hide behind them.
    for (const bytes of [
      `${line}\r\nhost: localhost\r\n${key}${oddHeaders(10_000)}\r\n`,
      `${line}\r\nhost: localhost\r\n${key}${oddHeaders(250)}host: evil.example\r\n\r\n`,
    ]) {
      const [status, ...more] = statusesIn(await conversation(plane.url, bytes));
      expect([400, 431]).toContain(status);
      expect(more).toEqual([]);
    }
  });

  test('foreign names and origins are refused, and the rules of a reload hold at once [A14] [A32]', async () => {
    await using plane = await open();
    const byName = await ask(plane.url, `${line}\r\nhost: rebound.example\r\n${key}\r\n`);
    expect([byName.status, byName.headers['x-archipel-error']]).toEqual([421, 'host_not_allowed']);
    expect(byName.body).toContain(`${section}.hosts`);
    const fromPage = await ask(plane.url, `${line}\r\nhost: localhost\r\norigin: https://evil.example\r\n${key}\r\n`);
    expect([fromPage.status, fromPage.headers['x-archipel-error']]).toEqual([403, 'origin_not_allowed']);
    expect(fromPage.body).toContain(`${section}.origins`);
    expect(fromPage.headers['access-control-allow-origin']).toBeUndefined();
    plane.visitors = { hosts: ['rebound.example'], origins: ['https://evil.example'] };
    const listed = await ask(
      plane.url,
      `${line}\r\nhost: rebound.example\r\norigin: https://evil.example\r\n${key}\r\n`,
    );
    expect([listed.status, listed.headers['access-control-allow-origin'], listed.headers['vary']]).toEqual([
      200,
      'https://evil.example',
      'Origin',
    ]);
    expect(listed.headers['access-control-expose-headers']).toContain('x-archipel-request-id');
    plane.visitors = { hosts: [], origins: [] };
    expect((await ask(plane.url, `${line}\r\nhost: rebound.example\r\n${key}\r\n`)).status).toBe(421);
  });

  test('a browser may ask beforehand for pages of listed origins only, and needs no key for it', async () => {
    await using plane = await open();
    plane.visitors = { hosts: [], origins: ['https://chat.example.com'] };
    const preflight = (origin: string, headers = 'authorization,content-type') =>
      ask(
        plane.url,
        `${line.replace('GET', 'OPTIONS')}\r\nhost: localhost\r\norigin: ${origin}\r\naccess-control-request-method: POST\r\naccess-control-request-headers: ${headers}\r\n\r\n`,
      );
    const told = await preflight('https://chat.example.com');
    expect([told.status, told.headers['access-control-allow-headers']]).toEqual([204, 'authorization,content-type']);
    expect(told.headers['access-control-allow-methods']).toContain('POST');
    expect(told.headers['access-control-allow-origin']).toBe('https://chat.example.com');
    expect((await preflight('https://evil.example')).status).toBe(403);
    expect(
      (await preflight('https://chat.example.com', 'a b;c')).headers['access-control-allow-headers'],
    ).toBeUndefined();
  });

  test('one connection more than there may be is closed as it comes, and another day there is room again', async () => {
    await using plane = await open({ connections: 2 });
    using first = await RawConnection.open(plane.url);
    const second = await RawConnection.open(plane.url);
    await second.write(`${line}\r\nhost: localhost\r\n${key}\r\n`);
    expect((await second.answer()).status).toBe(200);
    expect(await conversation(plane.url, '')).toBe('');
    second.socket.destroy();
    await untilThereIsRoom(plane.url, `${line}\r\nhost: localhost\r\n${key}\r\n`);
    expect(first.text).toBe('');
  });
});

describe('in front of the control plane', () => {
  test('a body that drips is cut at its clock [A8]', async () => {
    await using plane = await TestAdminPlane.open(silentLog, { headersMs: 50, bodyMs: 50 });
    using connection = await RawConnection.open(plane.url);
    await connection.write(
      `POST /admin/v1/reload HTTP/1.1\r\nhost: localhost\r\n${key}content-type: application/json\r\ncontent-length: 50\r\n\r\n{`,
    );
    await connection.closed();
    expect(plane.asked).toHaveLength(0);
  });

  test('an answer whose reader is gone for long is given up', async () => {
    await using plane = await TestAdminPlane.open(silentLog, { idleMs: 50, connections: 1 });
    plane.answer = () => Promise.resolve({ ok: true, value: 'x'.repeat(32_000_000) });
    using connection = await RawConnection.open(plane.url);
    connection.socket.pause();
    await connection.write(`GET /admin/v1/status HTTP/1.1\r\nhost: localhost\r\n${key}\r\n`);
    // There is room for nobody else until it is given up.
    await untilThereIsRoom(plane.url, 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    connection.socket.resume();
    await connection.closed();
    expect(connection.text.length).toBeLessThan(32_000_000);
  });
});

describe('in front of the data plane', () => {
  const chat =
    'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n';
  const message = chat.replace('chat/completions', 'messages');

  test('a request that has been here before is refused, by whatever name it comes back [A34]', async () => {
    await using plane = await TestDataPlane.open();
    const via = 'via: 1.1 edge.example, 1.1 archipel-0123456789abcdef\r\n';
    const loop = await ask(plane.url, `${chat.replace('localhost', 'another.example')}${via}\r\n{}`);
    expect([loop.status, loop.headers['x-archipel-error']]).toEqual([508, 'loop_detected']);
    expect(plane.served).toHaveLength(0);
    plane.answersAtOnce = true;
    expect((await ask(plane.url, `${chat}via: 1.1 edge.example\r\n\r\n{}`)).status).toBe(200);
  });

  test('strangers are refused in the shape of the wire that they speak [A14]', async () => {
    await using plane = await TestDataPlane.open();
    const told = await ask(plane.url, `${message.replace('localhost', 'evil.example')}\r\n{}`);
    expect([told.status, JSON.parse(told.body)]).toMatchObject([
      421,
      { type: 'error', error: { type: expect.any(String) } },
    ]);
  });

  test('a listener that other machines reach takes every name until there is a list', async () => {
    await using plane = await TestDataPlane.open({}, '0.0.0.0');
    plane.answersAtOnce = true;
    const url = plane.url.replace('0.0.0.0', '127.0.0.1');
    const asked = `${chat.replace('localhost', 'any.example')}\r\n{}`;
    expect((await ask(url, asked)).status).toBe(200);
    plane.visitors = { hosts: ['llm.example.com'], origins: [] };
    expect((await ask(url, asked)).status).toBe(421);
  });
});
