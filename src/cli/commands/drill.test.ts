import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command, OptionValues } from '../Command.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
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
  const over = { kind: 'live', state: 'over-budget', requests: 10, servedShare: 0.8 };
  expect(await run(drillLive, over)).toEqual([5, 'archipel: more requests failed than the error budget allows\n']);
  expect(await run(drillLive, { ...over, state: 'ended' })).toEqual([0, '']);
});

test('what is required is missed where nothing was measured', async () => {
  const ended = { kind: 'live', state: 'ended', requests: 3, servedShare: 1 };
  expect(await run(drillLive, ended, { require })).toEqual([0, '']);
  expect(await run(drillLive, { ...ended, requests: 0 }, { require })).toEqual([
    5,
    'archipel: served is not known: no request met the drill\n',
  ]);
  const [code] = await run(drillReplay, { kind: 'replay', requests: 0, servedShare: 1 }, { require });
  expect(code).toBe(5);
});
