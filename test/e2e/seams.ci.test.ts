import { expect, it } from 'vitest';
import { expectSpliced, splicedClients } from '../rigs/expectSpliced.ts';

it.each(splicedClients)(
  'a client of %s has the words of one vendor and the rest of another, wherever the first breaks off',
  async (client) => {
    const { spliced, read } = await expectSpliced(client, { direct: 30, translated: 6 });
    expect(spliced).toBeGreaterThan(50);
    expect(read).toBeGreaterThan(5);
  },
);
