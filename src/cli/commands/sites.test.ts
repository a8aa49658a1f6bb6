import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failure, success } from '../../kernel/index.ts';
import { ScriptedControl } from '../scriptedControl.fixture.ts';
import { sandboxFault, sandboxShow } from './sandbox.ts';
import { sites } from './sites.ts';

const control = new ScriptedControl();
beforeAll(() => control.listen());
afterAll(() => control.leave());
beforeEach(() => void control.asked.splice(0));

describe('sites', () => {
  const north = {
    name: 'north-1',
    executor: 'local',
    vendor: 'aurora',
    region: null,
    hosts: { north: 1 },
    jurisdiction: 'EU',
    condition: 'none',
    accelerators: [
      {
        kind: 'GB200',
        count: 16,
        busy: 4,
        slots: [{ contract: 'north-slot', count: 8, busy: 4, until: '2036-01-01T00:00:00.000Z' }],
        hourNanoUsd: '4200000000',
        source: 'file',
      },
      { kind: 'H100', count: 8, busy: 0, slots: [], hourNanoUsd: null, source: null },
    ],
    jobs: ['x', 'y'],
  };
  const bare = { ...north, name: 'bare', jurisdiction: null, condition: null, accelerators: [], jobs: [] };

  test('are shown with a line for each kind of accelerator', async () => {
    control.script = { sites: () => success({ sites: [north, bare] }) };
    const { code, stdout } = await control.run(sites);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'SITE     EXECUTOR  VENDOR  LAW  CONDITION  JOBS  ACCELERATOR  COUNT  BUSY  AN HOUR  PRICE FROM  SLOTS',
      'north-1  local     aurora  EU   none          2  GB200           16     4  $4.2000  file        8 by north-slot until 2036-01-01, 4 busy',
      '                                                 H100             8     0        -  -',
      'bare     local     aurora  -    -             0  -                -     -        -  -',
      '',
    ]);
    expect(JSON.parse((await control.run(sites, [], { json: true })).stdout)).toEqual({ sites: [north, bare] });
  });

  test('that are not there are told', async () => {
    control.script = { sites: () => success({ sites: [] }) };
    expect((await control.run(sites)).stdout).toBe('none; add sites to the configuration file\n');
  });
});

describe('the sandbox', () => {
  const vendor = (name: string, host: string) => ({
    vendor: name,
    host,
    wire: 'openai',
    fault: { fault: 'none', share: 1 },
    requests: 0,
    billNanoUsd: '0',
  });
  const site = (name: string, fault = 'none') => ({ name, vendor: 'aurora', hosts: { north: 1 }, fault });
  const vendors = success({ vendors: [vendor('aurora', 'north'), vendor('twin', 'south')] });

  beforeEach(() => {
    control.script = {
      sandbox: () => vendors,
      sandboxSites: () => success({ sites: [site('north-1'), site('twin'), site('south')] }),
      setVendorFault: () => vendors,
      setHostFault: () => vendors,
      setSiteFault: () => success({ sites: [site('north-1', 'down')] }),
    };
  });

  test('shows vendors, and sites with their faults', async () => {
    const { stdout } = await control.run(sandboxShow);
    expect(stdout).toContain(
      'VENDOR  HOST   WIRE    FAULT  REQUESTS  BILL\naurora  north  openai  none          0    $0\n',
    );
    expect(stdout).toMatch(/\n\nSITE +VENDOR +FAULT\nnorth-1 +aurora +none\n/);
    const { stdout: json } = await control.run(sandboxShow, [], { json: true });
    expect(JSON.parse(json)).toMatchObject({ vendors: [{}, {}], sites: [{ name: 'north-1' }, {}, {}] });
  });

  test('breaks a site by its name', async () => {
    const { code, stdout } = await control.run(sandboxFault, ['north-1', 'down']);
    expect([code, stdout]).toEqual([0, 'SITE     VENDOR  FAULT\nnorth-1  aurora  down\n']);
    expect(control.askedOf('setSiteFault')).toEqual([['north-1', 'down']]);
  });

  test.each([
    ['twin', 'setVendorFault'],
    ['south', 'setHostFault'],
    ['aurora', 'setVendorFault'],
    ['nobody', 'setVendorFault'],
  ] as const)('breaks %s by %s, also where a site is called so', async (name, method) => {
    expect((await control.run(sandboxFault, [name, 'down'], { share: '0.5' })).code).toBe(0);
    expect(control.askedOf(method)).toEqual([[name, { fault: 'down', share: 0.5 }]]);
    expect(control.askedOf('setSiteFault')).toEqual([]);
  });

  test('does not break a site in part', async () => {
    await expect(control.run(sandboxFault, ['north-1', 'down'], { share: '0.5' })).rejects.toThrow(
      'north-1 is a site: it is broken whole',
    );
    expect(control.askedOf('setSiteFault')).toEqual([]);
  });

  test('says which faults a site can have', async () => {
    const { code, stderr } = await control.run(sandboxFault, ['north-1', 'hang']);
    expect(code).toBe(1);
    expect(stderr).toContain('none, down, unreachable, preempt');
  });

  test('that is not there is told', async () => {
    const none = failure({ code: 'no_such_thing', message: 'There is no sandbox here.' } as const);
    control.script = { sandbox: () => none };
    for (const ended of [await control.run(sandboxShow), await control.run(sandboxFault, ['north-1', 'down'])])
      expect(ended).toEqual({ code: 1, stdout: '', stderr: 'archipel: There is no sandbox here.\n' });
  });
});
