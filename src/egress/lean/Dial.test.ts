import { connect, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { TestVendor } from '../TestVendor.fixture.ts';
import type { TransportFault } from '../Transport.ts';
import { Connection, type OpeningListener } from './Connection.ts';
import { Dial } from './Dial.ts';

const owner = { released: () => {}, gone: () => {}, unsent: () => {} };

/** A connection on a socket of the test's choice. */
const connectionOn = (socket: Socket, opening: OpeningListener): Connection =>
  new Connection({ secure: false, headerBytesMax: 1_000, owner, opening }, () => socket);

/** Dials; the attempts get these sockets, one after the other. */
const dial = (
  sockets: readonly (() => Socket)[],
  limits: { connectMs: number; connectRaceMs: number },
): { attempts: Connection[]; end: Promise<Connection | TransportFault>; dialled: Dial } => {
  const attempts: Connection[] = [];
  const { promise: end, resolve } = Promise.withResolvers<Connection | TransportFault>();
  const next = (opening: OpeningListener): Connection => {
    const socket = sockets[attempts.length];
    if (!socket) throw new Error('more attempts than sockets');
    const connection = connectionOn(socket(), opening);
    attempts.push(connection);
    return connection;
  };
  const dialled = new Dial(next, limits, {
    connected: (_dial, connection) => resolve(connection),
    unconnected: (_dial, fault) => resolve(fault),
  });
  return { attempts, end, dialled };
};

const to =
  ({ port }: TestVendor, made: Socket[] = []) =>
  (): Socket => {
    const socket = connect(port, '127.0.0.1');
    made.push(socket);
    return socket;
  };

/** A socket that never gets through: its packets are lost. */
const lost =
  (made: Socket[] = []) =>
  (): Socket => {
    const socket = new Socket();
    made.push(socket);
    return socket;
  };

test('a first attempt that gets through is the only one', async () => {
  await using vendor = await TestVendor.start(() => {});
  const made: Socket[] = [];
  const { attempts, end } = dial([to(vendor, made)], { connectMs: 30_000, connectRaceMs: 30_000 });
  expect(await end).toBe(attempts[0]);
  expect(made.map(({ destroyed }) => destroyed)).toEqual([false]);
  made[0]?.destroy();
});

test('a second attempt is made beside a first that hangs, and the first is given up', async () => {
  await using vendor = await TestVendor.start(() => {});
  const made: Socket[] = [];
  const { attempts, end } = dial([lost(made), to(vendor, made)], { connectMs: 30_000, connectRaceMs: 1 });
  expect(await end).toBe(attempts[1]);
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true, false]);
  made[1]?.destroy();
});

test('a refusal ends it at once', async () => {
  const vendor = await TestVendor.start(() => {});
  await vendor[Symbol.asyncDispose]();
  const { end } = dial([to(vendor)], { connectMs: 30_000, connectRaceMs: 30_000 });
  expect(await end).toMatchObject({ cause: 'connect_refused', sent: false });
});

test('a refusal of the second leaves the first its time', async () => {
  const vendor = await TestVendor.start(() => {});
  await vendor[Symbol.asyncDispose]();
  const made: Socket[] = [];
  const { end } = dial([lost(made), to(vendor, made)], { connectMs: 200, connectRaceMs: 1 });
  expect(await end).toMatchObject({ cause: 'connect_timeout', sent: false, message: 'no connection within 200 ms' });
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});

test('two attempts that hang end with the time', async () => {
  const made: Socket[] = [];
  const { end } = dial([lost(made), lost(made)], { connectMs: 20, connectRaceMs: 1 });
  expect(await end).toMatchObject({ cause: 'connect_timeout', sent: false });
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});

test('a cancelled one gives up its sockets and says nothing', () => {
  const made: Socket[] = [];
  const { end, dialled } = dial([lost(made)], { connectMs: 30_000, connectRaceMs: 30_000 });
  dialled.cancel();
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true]);
  void end;
});
