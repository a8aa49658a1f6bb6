import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryPostgres, type TemporaryPostgres } from '../temporaryPostgres.ts';
import type { CopySession } from './Database.ts';

let server: TemporaryPostgres;
let session: CopySession;

beforeAll(async () => {
  server = await temporaryPostgres();
  session = await server.database.session({ purpose: 'test', queryMs: 60_000 });
  await session.query('CREATE TABLE numbers (n integer, words text)');
});
afterAll(async () => {
  await session.end();
  await server.remove();
});

async function* lines(from: number, to: number): AsyncGenerator<Buffer> {
  for (let n = from; n < to; n++) yield Buffer.from(`${n}\t${'x'.repeat(90)}\n`);
  await Promise.resolve();
}

/** Timers that would keep this process alive. */
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('COPY as a stream', () => {
  test('brings rows in and out again, however many, and leaves no timer behind', async () => {
    const before = timers();
    expect(await session.copyIn('COPY numbers FROM STDIN', lines(0, 50_000))).toBe(50_000);
    const copied = session.copyOut('COPY (SELECT n, words FROM numbers ORDER BY n) TO STDOUT');
    const hashOf = async (chunks: AsyncIterable<Buffer>): Promise<string> => {
      const parts: Buffer[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      return Buffer.concat(parts).toString();
    };
    expect((await hashOf(copied)) === (await hashOf(lines(0, 50_000)))).toBe(true);
    expect(copied.rows).toBe(50_000);
    // Those of others come and go.
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test('takes nothing where its source fails, and says why; the connection goes on', async () => {
    const failing = async function* failing(): AsyncGenerator<Buffer> {
      yield* lines(60_000, 60_010);
      throw new Error('the source is broken');
    };
    const before = timers();
    await expect(session.copyIn('COPY numbers FROM STDIN', failing())).rejects.toThrow('the source is broken');
    const [row] = await session.query<{ count: string }>('SELECT count(*) AS count FROM numbers WHERE n >= 60000');
    expect(row?.count).toBe('0');
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test('tells what PostgreSQL refuses, on both ways', async () => {
    const wrong = (async function* wrong(): AsyncGenerator<Buffer> {
      yield Buffer.from('no number\tx\n');
      await Promise.resolve();
    })();
    await expect(session.copyIn('COPY numbers FROM STDIN', wrong)).rejects.toThrow('invalid input syntax');
    const read = async (): Promise<void> => {
      for await (const chunk of session.copyOut('COPY nothing TO STDOUT')) expect(chunk).toBeUndefined();
    };
    await expect(read()).rejects.toThrow('does not exist');
  });

  test('that is broken off by its reader costs the connection, and nothing waits for it', async () => {
    const other = await server.database.session({ purpose: 'test', queryMs: 60_000 });
    for await (const chunk of other.copyOut('COPY numbers TO STDOUT')) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await expect(other.query('SELECT 1')).rejects.toMatchObject({ code: 'database_unavailable' });
    await other.end();
  });
});
