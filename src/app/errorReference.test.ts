import { describe, expect, test } from 'vitest';
import { errorReference } from './errorReference.ts';

const row = { status: 400, retryable: false, what: 'This is wrong.', mend: 'Mend it.' };

describe('the reference of errors', () => {
  test('has every code once, with a status, and sentences that say what happened and how to mend it', async () => {
    const rows = (await errorReference()).flatMap((chapter) => chapter.rows);
    const codes = rows.map(([code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThan(40);
    for (const [code, { status, what, mend }] of rows) {
      expect(code).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(status < 10 || (status >= 400 && status < 600), code).toBe(true);
      expect(what, code).toMatch(/^[A-Z].*\.$/);
      expect(mend, code).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('refuses a code that stands for two things', async () => {
    await expect(
      errorReference([
        ['One', { gone: row }],
        ['Other', { gone: { ...row } }],
      ]),
    ).rejects.toThrow(/gone/);
  });

  test('shows a row that two chapters share in the first of them only', async () => {
    const chapters = await errorReference([
      ['One', { gone: row }],
      ['Other', { gone: row, more: row }],
    ]);
    expect(chapters.map(({ rows }) => rows.map(([code]) => code))).toEqual([['gone'], ['more']]);
  });
});
