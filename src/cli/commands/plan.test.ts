import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { runCommand } from '../runCommand.ts';

const cwd = mkdtempSync(join(tmpdir(), 'archipel-cli-plan-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const portfolio = `
version: 1
horizon: { from: 2027-01-01, periods: 1 }
vendors:
  aurora: { host: north, burst: { base: 1 } }
  borealis: { host: south, burst: { base: 1 } }
classes:
  chat: { demand: { start: 1000 } }
sources:
  - { vendor: aurora, class: chat, price: { perMTok: "1" } }
  - { vendor: borealis, class: chat, price: { perMTok: "1.1" } }
offers:
  - { vendor: borealis, kind: pool, sizes: ["6000", { amount: "9000", discount: 0.35 }], discount: 0.3 }
policy: { resilience: { servedShare: 0.5 } }
scenarios: { count: 4 }
`;
writeFileSync(join(cwd, 'portfolio.yaml'), portfolio);
writeFileSync(
  join(cwd, 'impossible.yaml'),
  portfolio.replaceAll('base: 1', 'base: 0.1').replaceAll('burst: {', 'burst: { pool: 0,'),
);
writeFileSync(join(cwd, 'wrong.yaml'), portfolio.replace('discount: 0.3 }', 'discount: 3 }'));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = async (
  args: readonly string[],
  told: { readonly isTerminal?: boolean; readonly onErr?: (text: string) => void } = {},
): Promise<Ended> => {
  const { terminal, written } = keepingTerminal(cwd, told.isTerminal);
  const err = (text: string): void => {
    terminal.err(text);
    told.onErr?.(text);
  };
  const code = await runCommand(['plan', ...args], { ...terminal, err });
  return { code, ...written };
};

/** Presses Ctrl-C when the first plan is told. */
const interruptOnce = (): ((text: string) => void) => {
  let isDone = false;
  return (text) => {
    if (isDone || !text.includes('plan found')) return;
    isDone = true;
    process.emit('SIGINT');
  };
};

describe('a plan', () => {
  test('is one line of JSON with the promised members, and reports beside it', async () => {
    const { code, stdout, stderr } = await run(['--cpu', '2', '--json', '--html', 'plan.html', '--csv', 'plan.csv']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    const plan = JSON.parse(stdout) as Record<string, unknown>;
    expect(plan).toMatchObject({
      upperBound: expect.any(Number),
      lowerBound: expect.any(Number),
      gap: expect.any(Number),
      cpuSeconds: expect.any(Number),
      decisions: [
        { vendor: 'borealis', offer: 'borealis-pool', kind: 'pool', start: '2027-01-01', months: 12, usd: '9000' },
      ],
      certificate: expect.arrayContaining([
        expect.objectContaining({ lost: 'aurora', year: 2027, class: 'chat', servedShare: 1, binding: 'nothing' }),
      ]),
      outOfSample: expect.objectContaining({
        mean: expect.any(Number),
        low: expect.any(Number),
        high: expect.any(Number),
        cvar: expect.any(Number),
      }),
    });
    expect(readFileSync(join(cwd, 'plan.html'), 'utf8')).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(readFileSync(join(cwd, 'plan.csv'), 'utf8').split('\r\n')).toHaveLength(3);
  }, 30_000);

  test('is sentences and tables for people, the same futures from the same seed', async () => {
    const { code, stdout, stderr } = await run(['--portfolio', 'portfolio.yaml', '--cpu', '2', '--seed', '5']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Sign 1 contract with borealis: USD 9,000 in all, used or not.');
    expect(stdout).toMatch(
      /No plan within the guards (can be more than [\d.]+ % cheaper|is cheaper): that is proven\./,
    );
    expect(stdout).toMatch(
      /^borealis +borealis-pool +spend commitment +USD 9,000 +1 Jan 2027 +31 Dec 2027 +1 Jan 2027 \(now\)/m,
    );
    expect(stdout).toMatch(/^vendor aurora +100 % chat/m);
    expect(stdout).not.toMatch(/\u00a0|NaN|Infinity|undefined/);
  }, 30_000);

  test('is told in French where that is asked for, in the report too', async () => {
    const { code, stdout } = await run(['--cpu', '2', '--lang', 'fr', '--html', 'plan-fr.html']);
    expect(code).toBe(0);
    expect(stdout).toContain('Signer 1 contrat avec borealis : 9 000 USD d’engagement en tout, consommés ou non.');
    expect(stdout).toMatch(/^borealis +borealis-pool +engagement de dépense +9 000 USD +1er janv\. 2027/m);
    expect(stdout).not.toMatch(/[\u00a0\u202f]|\bthe\b/);
    expect(readFileSync(join(cwd, 'plan-fr.html'), 'utf8')).toMatch(/^<!doctype html>\n<html lang="fr">/);
  }, 30_000);

  test('tells how far it is on a terminal only, and leaves nothing of that behind', async () => {
    const { code, stderr } = await run(['--cpu', '2'], { isTerminal: true });
    expect(code).toBe(0);
    expect(stderr).toMatch(/gap [\d.]+ %/);
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  }, 30_000);

  test('is given on Ctrl-C as far as it is', async () => {
    const { code, stdout } = await run(['--cpu', '600', '--json'], {
      isTerminal: true,
      onErr: interruptOnce(),
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ upperBound: expect.any(Number), search: { interrupted: true } });
    expect(process.listenerCount('SIGINT')).toBe(0);
  }, 30_000);
});

describe('what is missed is in the exit code', () => {
  test('5 where the gap that was required is missed, with the plan all the same', async () => {
    // Stopped at its first plan, whose proof has hardly begun, it is not proven to nothing.
    const { code, stdout, stderr } = await run(['--cpu', '600', '--require-gap', '0', '--json'], {
      isTerminal: true,
      onErr: interruptOnce(),
    });
    const { gap } = JSON.parse(stdout) as { readonly gap: number | null };
    expect(code).toBe(gap === 0 ? 0 : 5);
    if (gap !== 0) expect(stderr).toContain('0 was required');
  }, 30_000);

  test('0 where it is reached', async () => {
    expect((await run(['--cpu', '2', '--require-gap', '0.2', '--json'])).code).toBe(0);
  }, 30_000);

  test('1 where the policy cannot be met, with the demands that stand against each other, and no report', async () => {
    const { code, stdout, stderr } = await run(['--portfolio', 'impossible.yaml', '--cpu', '2', '--html', 'none.html']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('The policy cannot be met: no plan satisfies it.');
    expect(stderr).toMatch(/- with (aurora|borealis) gone in 2027, 20 % of what is asked for chat/);
    expect(existsSync(join(cwd, 'none.html'))).toBe(false);
  }, 30_000);

  test('2 where the file is wrong, with each fault by line', async () => {
    const { code, stdout, stderr } = await run(['--portfolio', 'wrong.yaml']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^wrong\.yaml:13:\d+: /);
    const asJson = await run(['--portfolio', 'wrong.yaml', '--json']);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ file: 'wrong.yaml', valid: false });
  });

  test.each([
    ['--cpu', '0'],
    ['--cpu', 'long'],
    ['--seed', '1.5'],
    ['--seed', '4294967296'],
    ['--require-gap', '1'],
    ['--require-gap', '-0.1'],
    ['--html', 'nowhere/plan.html'],
    ['--lang', 'de'],
  ])('2 for %s %s, before anything is planned', async (option, value) => {
    const { code, stdout, stderr } = await run([`${option}=${value}`]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(option);
  });
});
