import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { allCommands } from './allCommands.ts';
import { findCommand } from './findCommand.ts';
import { keepingTerminal } from './keepingTerminal.fixture.ts';
import { runCommand } from './runCommand.ts';

const cwd = mkdtempSync(join(tmpdir(), 'archipel-cli-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command line in a folder of its own, where nothing was ever started. */
const run = async (...args: readonly string[]): Promise<Ended> => {
  const { terminal, written } = keepingTerminal(cwd);
  const code = await runCommand(args, terminal);
  return { code, ...written };
};

const { stdout: overview } = await run();
const names = [...overview.matchAll(/^ {2}([a-z-]+(?: [a-z-]+)?) /gm)].map((match) => match[1] ?? '');

describe('help', () => {
  test('of all is shown to whoever asks for nothing, or for help', async () => {
    for (const args of [['--help'], ['-h'], ['help']])
      expect(await run(...args)).toEqual({ code: 0, stdout: overview, stderr: '' });
    expect(names).toEqual([
      'init',
      'up',
      'check',
      'doctor',
      'connect',
      'why',
      'usage',
      'contracts',
      'dependency',
      'drill replay',
      'drill live',
      'drill stop',
      'drill list',
      'drill show',
      'drill compare',
      'health',
      'export costs',
      'export contracts',
      'reconcile',
      'keys create',
      'keys list',
      'keys rotate',
      'keys revoke',
      'keys rotate-admin',
      'ledger verify',
      'ledger adopt',
      'ledger accounts',
      'prices list',
      'prices explain',
      'prices diff',
      'prices import',
      'reload',
      'backup',
      'restore',
      'support-bundle',
      'plan',
      'plan check',
      'plan init',
      'plan from-usage',
      'plan diff',
      'plan sign',
      'plan track',
      'jobs submit',
      'jobs list',
      'jobs show',
      'jobs logs',
      'jobs cancel',
      'jobs explain',
      'jobs wait',
      'sites',
      'offers import',
      'offers list',
      'sandbox show',
      'sandbox fault',
    ]);
  });

  test('of each command names it, what it takes and every option with what it is for', async () => {
    for (const name of names) {
      for (const word of ['--help', '-h']) {
        const { code, stdout, stderr } = await run(...name.split(' '), word);
        expect([code, stderr], name).toEqual([0, '']);
        expect(stdout, name).toMatch(
          new RegExp(`^archipel ${name}( [<[].*)?\n\n[A-Z].*\\.\n\n(  --[a-z-]+ +\\S.*\n)+$`),
        );
        expect(stdout, name).toMatch(/--json .*\n {2}--help /);
      }
    }
  });

  test('of each command lists exactly the options that it takes', async () => {
    for (const name of names) {
      const { stdout } = await run(...name.split(' '), '--help');
      const found = findCommand(name.split(' '), allCommands);
      const taken = found.kind === 'command' ? Object.keys(found.command.options) : [];
      const listed = [...stdout.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, option]) => option);
      expect(new Set(listed), name).toEqual(new Set([...taken, 'json', 'help']));
    }
  });

  test('of a first word shows the commands that begin with it', async () => {
    const { code, stdout } = await run('keys', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('keys rotate <name>');
    expect(stdout).not.toContain('ledger verify');
  });
});

describe('wrong use ends with 2, with nothing on stdout and a hint', () => {
  test.each([
    [['usag'], 'there is no command "usag"; did you mean "usage"?'],
    [['key', 'list'], 'there is no command "key list"; did you mean "keys list"?'],
    [['keys', 'lst'], 'there is no command "keys lst"; did you mean "keys list"?'],
    [['whyy', '01a21aa4-b93d-732e-9a06-f1efdb76e246'], 'there is no command "whyy"; did you mean "why"?'],
    [['keys'], '"keys" is the first word of several commands'],
    [['frobnicate'], 'there is no command "frobnicate"\n'],
    [['--json'], 'there is no command'],
  ])('of commands: %j', async (args, hint) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`archipel: ${hint}`);
    expect(stderr).toContain('archipel <command> [options]\n');
  });

  test.each([
    [['up', '--prot', '1'], 'there is no option --prot; did you mean --port?'],
    [['usage', '--group-by', 'key'], 'there is no option --group-by'],
    [['usage', '-x'], 'there is no option -x'],
    [['up', '--port'], "Option '--port <value>' argument missing"],
    [['up', '--port', '70000'], '--port takes a port from 0 to 65535, not 70000'],
    [['up', '--admin-port', 'x'], '--admin-port takes a port'],
    [['up', 'now'], 'it takes no arguments'],
    [['why'], 'it takes <request id>'],
    [['why', 'abc'], 'abc is no request id: it stands in the header x-archipel-request-id of each answer'],
    [['check', 'a.yaml', 'b.yaml'], 'it takes [file]'],
    [
      ['usage', '--by', 'week'],
      '--by takes one of provider, vendor, host, model, team, key, contract, day, target, not week',
    ],
    [['usage', '--from', 'yesterday'], '--from takes an instant such as 2026-11-01T00:00:00Z, not yesterday'],
    [['keys', 'create', 'laptop'], '--team NAME'],
    [['keys', 'create', 'laptop', '--team', 'x', '--rpm', '0'], '--rpm takes a whole number above 0, not 0'],
    [
      ['keys', 'create', 'laptop', '--team', 'x', '--budget', '1', '--window', '24hours'],
      '--window takes one of hour, day, week',
    ],
    [['keys', 'create', 'laptop', '--team', 'x', '--window', 'day'], 'add --budget USD'],
    [['jobs', 'submit'], 'it takes <file>'],
    [['jobs', 'show'], 'it takes <job id>'],
    [['jobs', 'list', '--state', 'ended'], '--state takes queued, starting, running'],
    [['jobs', 'logs', '01a2', '--rank', 'x'], '--rank takes a whole number from 0 on, not x'],
    [['jobs', 'logs', '01a2', '-g'], 'there is no option -g'],
    [['jobs', 'wait', '01a2'], 'say what to wait for: --for running|succeeded|serving'],
    [['jobs', 'wait', '01a2', '--for', 'ever'], '--for takes one of running, succeeded, serving, not ever'],
    [['sandbox', 'fault', 'aurora'], 'it takes <vendor|host|site> <fault>'],
    [['sandbox', 'fault', 'aurora', 'slow', '--latency-ms', 'x'], '--latency-ms takes a number, not x'],
    [['usage', '--url', 'http://127.0.0.1:9'], 'add --admin-key or ARCHIPEL_ADMIN_KEY'],
    [['usage', '--url', 'here', '--admin-key', 'sk-x'], 'here is no URL'],
  ])('of options and arguments: %j', async (args, hint) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(hint);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^"archipel [a-z ]+ --help" says what it takes\.$/);
  });

  test.each([
    ['reload'],
    ['keys rotate x'],
    ['keys revoke x'],
    ['jobs cancel 01a2'],
    ['jobs logs 01a2 -f'],
    ['sites'],
    ['sandbox show'],
    ['sandbox fault aurora down'],
  ])('of a command that needs a server, where none runs: %s', async (line) => {
    const { code, stdout, stderr } = await run(...line.split(' '));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('no server runs on this data directory: start one with "archipel up"');
  });

  test('of nothing is a wait for a job where no server runs: it has failed', async () => {
    const { code, stdout, stderr } = await run('jobs', 'wait', '01a2', '--for', 'running');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('archipel jobs wait: no server runs on this data directory: start one with "archipel up"');
  });

  test.each([['usage'], ['up'], ['check'], ['reload']])(
    'of %s with a configuration file that is not there',
    async (name) => {
      const { code, stdout, stderr } = await run(name, '--config', 'nowhere.yaml');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`There is no configuration file ${join(cwd, 'nowhere.yaml')}.\nName a file that exists`);
    },
  );
});

test('a server that cannot be reached ends a command with 1, and is named', async () => {
  const { code, stdout, stderr } = await run('usage', '--url', 'http://127.0.0.1:9', '--admin-key', 'sk-x');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('http://127.0.0.1:9 cannot be reached');
});
