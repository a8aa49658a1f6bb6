import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { endAfterEach } from '../../../test/rigs/endAfterEach.ts';
import { Secret, silentLog } from '../../kernel/index.ts';
import { openDatabase } from './Database.ts';

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

test('a server that ends in the breath in which it was ready is an unavailable one, and ends nothing else', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.concat([authenticated, ready, terminating])));
  }).listen(0, '127.0.0.1');
  end(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const database = openDatabase({ url: new Secret(`postgres://u:p@127.0.0.1:${port}/d`), log: silentLog });
  end(() => database.close());
  // An error that nobody listens for would fail this run as a whole.
  await expect(database.transaction((queries) => queries.query('SELECT 1'))).rejects.toThrow(
    'PostgreSQL does not answer',
  );
  await expect(database.query('SELECT 1')).rejects.toThrow('PostgreSQL does not answer');
});
