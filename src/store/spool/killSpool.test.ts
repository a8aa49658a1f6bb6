import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { SpoolRecord } from '../../vocabulary/index.ts';
import { scanSpool } from './scanSpool.ts';
import { nodeFiles } from './SpoolFiles.ts';

/** Few: test/e2e/kill.ci.test.ts kills the whole program. */
const kills = 8;

/** Runs the writer until it has told `lines` lines, kills it -9 and gives every whole line that it told. */
const runAndKill = (directory: string, lines: number): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const writer = spawn(process.execPath, [join(import.meta.dirname, 'appendUntilKilled.ts'), directory], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    let words = '';
    writer.stderr.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
    writer.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (told.split('\n').length > lines) writer.kill('SIGKILL');
    });
    writer.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(told.split('\n').slice(0, -1));
      else reject(new Error(`the writer ended by itself: ${words}`));
    });
  });

const recordsOf = async (directory: string): Promise<SpoolRecord[]> => {
  const records: SpoolRecord[] = [];
  await scanSpool(nodeFiles, directory, 0, ({ frame }) => records.push(JSON.parse(frame.payload.toString())));
  return records;
};

test(
  'no record that was acknowledged is lost or doubled over kills at random points',
  { timeout: 120_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'archipel-kill-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const seed = 20_261_115;
    const moments = fc.sample(fc.integer({ min: 1, max: 400 }), { seed, numRuns: kills });
    const acknowledged = { intent: new Set<string>(), final: new Set<string>(), request: new Set<string>() };
    let cutOff = 0;
    for (const moment of moments) {
      for (const line of await runAndKill(directory, moment)) {
        const [word, id = ''] = line.split(' ');
        if (word === 'ready') cutOff += Number(id);
        else if (word === 'intent' || word === 'final' || word === 'request') acknowledged[word].add(id);
      }
    }

    // The last kill is recovered here, by one more process that is killed right after it was ready.
    cutOff += Number((await runAndKill(directory, 1))[0]?.split(' ')[1]);
    const records = await recordsOf(directory);
    const found = {
      intent: records.flatMap((record) => (record.type === 'intent' ? [record.attemptId] : [])),
      final: records.flatMap((record) => (record.type === 'final' ? [record.attemptId] : [])),
      request: records.flatMap((record) => (record.type === 'request' ? [record.requestId] : [])),
    };
    for (const type of ['intent', 'final', 'request'] as const) {
      expect(new Set(found[type]).size, `doubled ${type}, seed ${seed}`).toBe(found[type].length);
      const there = new Set(found[type]);
      expect(
        [...acknowledged[type]].filter((id) => !there.has(id)),
        `lost ${type}, seed ${seed}`,
      ).toEqual([]);
    }
    expect(acknowledged.final.size).toBeGreaterThan(kills);
    const unknown = records.filter((record) => record.type === 'final' && record.outcome.kind === 'unknown');
    expect(unknown).toHaveLength(cutOff);
  },
);
