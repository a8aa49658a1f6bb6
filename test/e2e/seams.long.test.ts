import { expect, it } from 'vitest';
import { expectSpliced, splicedClients } from '../rigs/expectSpliced.ts';
import { keepResult } from '../rigs/keepResult.ts';

const all = Number.POSITIVE_INFINITY;

it.each(splicedClients)(
  'a client of %s has the words of one vendor and the rest of another, cut behind each event and within each',
  async (client) => {
    const { spliced, read } = await expectSpliced(client, { direct: all, translated: all });
    keepResult('seams', 0, { client, spliced, read });
    expect(spliced).toBeGreaterThan(1_000);
    expect(read).toBeGreaterThan(100);
  },
);
