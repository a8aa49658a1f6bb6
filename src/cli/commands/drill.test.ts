import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command, OptionValues } from '../Command.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { cutShort } from '../cutShort.ts';
import { distanceOf, drillText } from '../text/drillText.ts';
import { drillLive, drillReplay } from './drill.ts';

let report: Readonly<Record<string, unknown>> = {};

/** A control plane whose drills come to what they are told to. */
const control = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'a drill', report }));
});

let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => void control.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
});
afterAll(() => {
  control.close();
});

const run = async (command: Command, told: Readonly<Record<string, unknown>>, options: OptionValues = {}) => {
  report = told;
  const { terminal, written } = keepingTerminal(import.meta.dirname);
  const asked = { url, 'admin-key': 'k', without: ['aurora'], ...options };
  const code = await command.run({ options: asked, positionals: [], terminal });
  return [code, written.stderr];
};

const require = ['served=0.9'];

test('a live drill that went over its error budget ends with 5, whatever is required', async () => {
  const over = { kind: 'live', state: 'over-budget', requests: 10, served: 8, servedShare: 0.8, errorBudget: 0.01 };
  expect(await run(drillLive, over)).toEqual([
    5,
    'archipel: the drill ended before its time: more requests failed than the error budget allows: 2 of 10, and 1.0 % of them may, or of a hundred\n',
  ]);
  expect(await run(drillLive, { ...over, state: 'ended' })).toEqual([0, '']);
});

test('a live drill that was stopped or cut off says so and ends with 1, or with 5 where what is required is missed', async () => {
  const short = { kind: 'live', requests: 10, served: 9, servedShare: 0.9, state: 'stopped' };
  const stopped = 'archipel: the drill ended before its time: somebody stopped it, or its server ended\n';
  expect(await run(drillLive, short)).toEqual([1, stopped]);
  expect(await run(drillLive, short, { require })).toEqual([1, stopped]);
  expect(await run(drillLive, short, { require: ['served=0.99'] })).toEqual([
    5,
    `archipel: served is 0.9, asked for was at least 0.99\n${stopped}`,
  ]);
  expect(cutShort({ report: short }, true)).toEqual({ why: 'this command was broken off', code: 1 });
  expect(await run(drillLive, short, { detach: true })).toEqual([0, '']);
  expect(await run(drillLive, { ...short, state: 'cut-off' })).toEqual([
    1,
    'archipel: the drill ended before its time: its process is gone, and its figures with it\n',
  ]);
});

test('of a drill that no request met nothing is said to be served', () => {
  const report = { kind: 'live', state: 'ended', requests: 0, served: 0, servedShare: null };
  expect(drillText({ id: 'a drill', report })).toMatch(/^served +no requests$/m);
  const other = { report: { ...report, requests: 2, served: 2, servedShare: 1 } };
  expect(distanceOf({ report }, other)).toMatchObject({ servedShare: [null, 1], servedApart: null });
});

test('what is required is missed where nothing was measured', async () => {
  const ended = { kind: 'live', state: 'ended', requests: 3, servedShare: 1 };
  expect(await run(drillLive, ended, { require })).toEqual([0, '']);
  expect(await run(drillLive, { ...ended, requests: 0, servedShare: null }, { require })).toEqual([
    5,
    'archipel: served is not known: no request met the drill\n',
  ]);
  const [code] = await run(drillReplay, { kind: 'replay', requests: 0, servedShare: null }, { require });
  expect(code).toBe(5);
});
