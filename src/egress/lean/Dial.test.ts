import { connect, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { failure, success, type Result } from '../../kernel/index.ts';
import { TestVendor, turns } from '../TestVendor.fixture.ts';
import type { TransportFault } from '../Transport.ts';
import { Connection, type OpeningListener } from './Connection.ts';
import { Dial } from './Dial.ts';

const owner = { released: () => {}, gone: () => {}, unsent: () => {} };

/** A connection on a socket of the test's choice. */
const connectionOn = (socket: Socket, opening: OpeningListener): Connection =>
  new Connection({ secure: false, headerBytesMax: 1_000, owner, opening }, () => socket);

interface Dialled {
  readonly attempts: Connection[];
  /** Of the attempts. */
  readonly addresses: string[];
  readonly end: Promise<Connection | TransportFault>;
  readonly dialled: Dial;
}

/** Dials; the attempts get these sockets, one after the other. */
const dial = (
  sockets: readonly (() => Socket)[],
  limits: { connectMs: number; connectRaceMs: number },
  pinned: Result<readonly string[], TransportFault> | null = success(['192.0.2.1']),
): Dialled => {
  const attempts: Connection[] = [];
  const addresses: string[] = [];
  const { promise: end, resolve } = Promise.withResolvers<Connection | TransportFault>();
  const next = (address: string, opening: OpeningListener): Connection => {
    addresses.push(address);
    const socket = sockets[attempts.length];
    if (!socket) throw new Error('more attempts than sockets');
    const connection = connectionOn(socket(), opening);
    attempts.push(connection);
    return connection;
  };
  const pin = (): Promise<Result<readonly string[], TransportFault>> =>
    pinned === null ? new Promise(() => {}) : Promise.resolve(pinned);
  const dialled = new Dial({ pin, open: next }, limits, {
    connected: (_dial, connection) => resolve(connection),
    unconnected: (_dial, fault) => resolve(fault),
  });
  return { attempts, addresses, end, dialled };
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

test('a cancelled one gives up its sockets and says nothing', async () => {
  const made: Socket[] = [];
  const { end, dialled } = dial([lost(made)], { connectMs: 30_000, connectRaceMs: 30_000 });
  await turns(1);
  dialled.cancel();
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true]);
  void end;
});

test('one that is cancelled while its name is looked up opens nothing', async () => {
  const made: Socket[] = [];
  const { dialled } = dial([lost(made)], { connectMs: 30_000, connectRaceMs: 30_000 });
  dialled.cancel();
  await turns(1);
  expect(made).toEqual([]);
});

test('a name that nobody looks up in time ends with the time', async () => {
  const { end, attempts } = dial([], { connectMs: 5, connectRaceMs: 1 }, null);
  expect(await end).toMatchObject({ cause: 'connect_timeout', sent: false });
  expect(attempts).toEqual([]);
});

test('a name that leads nowhere ends it with the fault of the look-up', async () => {
  const fault = { cause: 'forbidden_address', sent: false, message: 'no' } as const;
  const { end, attempts } = dial([], { connectMs: 30_000, connectRaceMs: 30_000 }, failure(fault));
  expect(await end).toBe(fault);
  expect(attempts).toEqual([]);
});

const three = success(['192.0.2.1', '2001:db8::1', '192.0.2.2']);

test('an address that hangs has the next one beside it, and the one that answers is kept', async () => {
  await using vendor = await TestVendor.start(() => {});
  const made: Socket[] = [];
  const sockets = [lost(made), lost(made), to(vendor, made)];
  const { attempts, addresses, end } = dial(sockets, { connectMs: 30_000, connectRaceMs: 1 }, three);
  expect(await end).toBe(attempts[2]);
  expect(addresses).toEqual(['192.0.2.1', '2001:db8::1', '192.0.2.2']);
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
  made[2]?.destroy();
});

test('an address that refuses has the next one at once', async () => {
  await using vendor = await TestVendor.start(() => {});
  const gone = await TestVendor.start(() => {});
  await gone[Symbol.asyncDispose]();
  const { attempts, addresses, end } = dial(
    [to(gone), to(gone), to(vendor)],
    { connectMs: 30_000, connectRaceMs: 30_000 },
    three,
  );
  const kept = await end;
  expect(kept).toBe(attempts[2]);
  expect(addresses).toHaveLength(3);
  attempts[2]?.destroy('the test is over');
});

test('when all addresses refuse, the refusal is told', async () => {
  const gone = await TestVendor.start(() => {});
  await gone[Symbol.asyncDispose]();
  const { attempts, end } = dial([to(gone), to(gone), to(gone)], { connectMs: 30_000, connectRaceMs: 30_000 }, three);
  expect(await end).toMatchObject({ cause: 'connect_refused', sent: false });
  expect(attempts).toHaveLength(3);
});

test('a connection that was made while this process stood still is not late', async () => {
  await using vendor = await TestVendor.start(() => {});
  const made: Socket[] = [];
  const { attempts, end } = dial([to(vendor, made)], { connectMs: 50, connectRaceMs: 30_000 });
  // Once it is under way, nothing runs here for longer than it may take; the system goes on meanwhile.
  while (attempts.length === 0) await Promise.resolve();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  expect(await end).toBe(attempts[0]);
  made[0]?.destroy();
});
