import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { endAfterEach } from '../../../test/rigs/endAfterEach.ts';
import { Secret, silentLog } from '../../kernel/index.ts';
import { openDatabase, type Database } from './Database.ts';

const end = endAfterEach();

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

const authenticated = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const terminating = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
);

const refusing = message('E', Buffer.from('SERROR\0C42704\0Munrecognized configuration parameter\0\0'));
const done = message('C', Buffer.from('SELECT 0\0'));

/** A database behind a server that says something to each client. */
const openBehind = async (serve: (socket: Socket) => void): Promise<Database> => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  }).listen(0, '127.0.0.1');
  end(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const database = openDatabase({ url: new Secret(`postgres://u:p@127.0.0.1:${port}/d`), log: silentLog });
  end(() => database.close());
  return database;
};

/** Greets, and then answers each question. */
const answering = (answerTo: (question: string) => Buffer) => (socket: Socket) => {
  socket.once('data', () => {
    socket.write(Buffer.concat([authenticated, ready]));
    socket.on('data', (bytes) => {
      const question = bytes.toString('latin1');
      if (question.startsWith('Q')) socket.write(Buffer.concat([answerTo(question), ready]));
    });
  });
};

test('a server that cannot look after its clients is used all the same, and one that ends meanwhile is an unavailable one', async () => {
  const older = await openBehind(answering((question) => (question.includes('client_connection') ? refusing : done)));
  const session = await older.session({ purpose: 'test', queryMs: 5_000 });
  expect(await session.query('SELECT 1')).toEqual([]);
  await session.end();
  const ending = await openBehind(answering(() => terminating));
  await expect(ending.session({ purpose: 'test', queryMs: 5_000 })).rejects.toMatchObject({
    code: 'database_unavailable',
  });
});

test('a server that ends in the breath in which it was ready is an unavailable one, and ends nothing else', async () => {
  const database = await openBehind((socket) => {
    socket.once('data', () => socket.end(Buffer.concat([authenticated, ready, terminating])));
  });
  // An error that nobody listens for would fail this run as a whole.
  await expect(database.transaction((queries) => queries.query('SELECT 1'))).rejects.toThrow(
    'PostgreSQL does not answer',
  );
  await expect(database.query('SELECT 1')).rejects.toThrow('PostgreSQL does not answer');
});
