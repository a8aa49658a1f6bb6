import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sandboxCatalogue } from '../sandboxCatalogue.ts';
import { BillBook } from './BillBook.ts';

const model = sandboxCatalogue.vendors[0]!.models[0]!;
let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'archipel-bill-'));
  path = join(directory, 'aurora.bill.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

const fill = (lines: number): BillBook => {
  const book = new BillBook(path, '0.1');
  for (let line = 0; line < lines; line++) {
    book.add({
      atMs: Date.UTC(2026, 10, 3, 10, 40) + line,
      requestId: `req_${line}`,
      model,
      tokens: { input: 10, output: line, cacheRead: 0 },
      outcome: line % 3 === 2 ? 'cut' : 'complete',
    });
  }
  return book;
};

describe('a bill book', () => {
  test('has written a line when it returns, without being closed', () => {
    const book = fill(1);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      at: '2026-11-03T10:40:00.000Z',
      requestId: 'req_0',
      model: 'chat-large',
      tokens: { input: 10 },
      nanoUsd: '18000',
      listNanoUsd: '20000',
      outcome: 'complete',
    });
    book.close();
  });

  test('knows after a restart what it knew before', () => {
    const before = fill(5);
    before.close();
    const after = new BillBook(path, '0.1');
    expect(after.totals).toEqual(before.totals);
    expect(after.totals).toMatchObject({ complete: 4, cut: 1, tokens: { input: 50, output: 10 } });
    expect(after.totals.nanoUsd).toBe(50n * 1800n + 10n * 7200n);
    after.close();
  });

  test('survives a kill in the middle of any byte of the last line', () => {
    fill(2).close();
    const whole = readFileSync(path);
    const firstLine = whole.indexOf(0x0a) + 1;
    for (let bytes = firstLine; bytes < whole.length; bytes++) {
      writeFileSync(path, whole);
      truncateSync(path, bytes);
      const torn = new BillBook(path, '0.1');
      expect(torn.totals.complete).toBe(1);
      torn.add({ atMs: 0, requestId: 'next', model, tokens: { input: 1 }, outcome: 'complete' });
      torn.close();
      const again = new BillBook(path, '0.1');
      expect(again.totals.complete).toBe(2);
      again.close();
    }
  });

  test.each([
    '{"at":"2026-11-03T10:40:00.000Z"}',
    'not json',
    '[]',
    '{"at":"2026-11-03T10:40:00.000Z","requestId":"r","model":"m","tokens":{"input":-1},"nanoUsd":"1","listNanoUsd":"1","outcome":"cut"}',
    '{"at":"2026-11-03T10:40:00.000Z","requestId":"r","model":"m","tokens":{},"nanoUsd":1,"listNanoUsd":"1","outcome":"cut"}',
    '{"at":"2026-11-03T10:40:00.000Z","requestId":"r","model":"m","tokens":{},"nanoUsd":"1","listNanoUsd":"1","outcome":"half"}',
  ])('refuses to start on %j between good lines', (line) => {
    fill(1).close();
    appendFileSync(path, `${line}\n`);
    fillAfter();
    expect(() => new BillBook(path, '0.1')).toThrow(/aurora\.bill\.jsonl:2: not a line of a bill/);
  });
});

const fillAfter = (): void => {
  const first = readFileSync(path, 'utf8').split('\n')[0]!;
  appendFileSync(path, `${first}\n`);
};
