// The programs that `archipel connect` knows, each with a round trip of a tool at a vendor of another wire than its own, with that vendor dying before and in the
// middle of an answer as well. What came of it is kept, and makes the table of docs/programs.md (tools/programsTable.ts).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepResult } from '../rigs/keepResult.ts';
import { marketKey } from '../rigs/Market.ts';
import { connectProgram, installProgram, programs, runProgram, type Program } from '../rigs/programs.ts';
import { SandboxMarket } from '../rigs/SandboxMarket.ts';
import { reset, type Script } from '../rigs/ScriptedUpstream.ts';
import { removeFolder, temporaryFolder, type Ended } from '../rigs/startServer.ts';
import { chatEvents } from '../rigs/vendorAnswers.ts';

let sandbox: SandboxMarket;
let folder: string;

const dying = { wire: 'openai', usdPerMTok: '0.001' } as const;
const half = 'HALF OF AN ANSWER AND';

/** Says half of its first answer, and nothing ever after. */
const dyingInTheMiddle = (): Script => {
  let isFirst = true;
  return (response) => {
    if (!isFirst) return void response.destroy();
    isFirst = false;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chatEvents.role + chatEvents.text(half), () => void setTimeout(() => response.destroy(), 300));
  };
};

beforeAll(async () => {
  folder = temporaryFolder();
  sandbox = await SandboxMarket.open((vendors) =>
    Object.fromEntries(
      programs.flatMap((program) => {
        const vendor = vendors.find(({ name }) => name === vendorFor(program))!;
        const sellers = [dying, { vendor, model: 'chat-large' }];
        return ['before', 'middle'].map((when) => [`${program.name}-${when}`, sellers] as const);
      }),
    ),
  );
});

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  removeFolder(folder);
});

/** The vendor whose wire is another than the program's. */
const vendorFor = ({ wire }: Program): string => (wire === 'anthropic' ? 'aurora' : 'borealis');

/** The sandbox answers a result of a tool by repeating it. */
const hasRoundTrip = ({ stdout }: Ended): boolean => / answered: /.test(stdout);

describe.each(programs)('$title $version', (program) => {
  const run = async (model: string): Promise<Ended> => {
    const installed = installProgram(program);
    if ('missing' in installed) throw new Error(installed.missing);
    const home = join(folder, `${program.name}-${model}`);
    mkdirSync(home);
    const connected = await connectProgram(program, { url: sandbox.market.server.url, key: marketKey, model, home });
    expect([connected.code, connected.stderr]).toEqual([0, '']);
    return runProgram(program, installed.binary, home, 'List the files here and say what you see');
  };

  const keep = (what: string, outcome: string, ended: Ended): void => {
    const { title, version, wire } = program;
    keepResult('programs', 0, {
      program: title,
      version,
      wire,
      vendor: vendorFor(program),
      what,
      outcome,
      code: ended.code,
    });
  };

  test('calls a tool at a vendor of another wire, and goes on with its result', async () => {
    const ended = await run(`${vendorFor(program)}-only`);
    keep('round trip', hasRoundTrip(ended) ? 'works' : 'fails', ended);
    expect(ended.code, ended.stderr.slice(-2_000)).toBe(0);
    expect(ended.stdout).toMatch(/ answered: /);
  });

  test('notices nothing of a vendor that dies before the answer', async () => {
    sandbox.market.tell(`${program.name}-before`, reset);
    const ended = await run(`${program.name}-before`);
    keep('dies before', hasRoundTrip(ended) ? 'unseen' : 'fails', ended);
    expect(ended.code, ended.stderr.slice(-2_000)).toBe(0);
    expect(ended.stdout).toMatch(/ answered: /);
  });

  test('never takes half of an answer for the whole, where a vendor dies in the middle', async () => {
    sandbox.market.tell(`${program.name}-middle`, dyingInTheMiddle());
    const ended = await run(`${program.name}-middle`);
    const wentOn = hasRoundTrip(ended) && ended.code === 0;
    const told = ended.code !== 0 || /error|broke off/i.test(ended.stdout + ended.stderr);
    keep('dies in the middle', wentOn ? 'goes on' : told ? 'says so' : 'half', ended);
    expect(wentOn || told, ended.stdout.slice(-2_000)).toBe(true);
  });
});
