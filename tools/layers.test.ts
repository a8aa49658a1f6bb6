import { expect, test } from 'vitest';
import { checkLayers, unseenFiles } from './layers.ts';
import { layerRules } from './layers/layerRules.ts';
import { levels, lowerRooms, rooms } from './layers/rooms.ts';
import { plantTree } from './testing/plantTree.ts';

const manifest = JSON.stringify({
  name: 'planted',
  dependencies: { pg: '8.0.0', undici: '8.0.0', fastify: '5.0.0', '@fastify/swagger': '9.0.0', zod: '4.0.0' },
  devDependencies: { 'fast-check': '4.0.0', vitest: '5.0.0' },
});

const emptyRooms = Object.fromEntries(rooms.map((room) => [`src/${room}/index.ts`, 'export const here = 1;\n']));
const imports = (specifier: string): string => `import * as it from '${specifier}';\nexport const used = it;\n`;
const importsType = (specifier: string): string =>
  `import type * as it from '${specifier}';\nexport type Used = typeof it;\n`;

/** Files that break exactly one rule each, by the rule that must catch them. */
const planted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    // Each room looks up at the one above it, by a type: types count. The top one looks at an internal of nobody.
    rooms
      .filter((room) => room !== 'cli')
      .map((room) => [
        `layer-${room}`,
        { [`src/${room}/up.ts`]: importsType(room === 'sandbox' ? '../vocabulary/index.ts' : '../cli/index.ts') },
      ]),
  ),
  'layer-cli': { 'src/cli/aside.ts': imports('../sandbox/index.ts') },
  'index-only': {
    'src/gateway/inner.ts': imports('../kernel/money.ts'),
    'src/gateway/inner.test.ts': imports('../kernel/money.ts'),
    'src/kernel/money.ts': 'export const money = 1;\n',
  },
  'index-only-outside': {
    'test/e2e.test.ts': imports('../src/kernel/ids.ts'),
    'src/kernel/ids.ts': 'export const ids = 1;\n',
  },
  'sandbox-apart': { 'src/cli/sandboxed.ts': imports('../sandbox/index.ts') },
  cycle: {
    'src/ledger/one.ts': "import type { Two } from './two.ts';\nexport interface One { two: Two }\n",
    'src/ledger/two.ts': "import type { One } from './one.ts';\nexport interface Two { one: One }\n",
  },
  'program-apart-from-tests': {
    'src/ledger/leaning.ts': imports('./records.fixture.ts'),
    'src/ledger/records.fixture.ts': 'export const records = 1;\n',
    'src/ledger/rigged.ts': imports('../../test/rig.ts'),
    'test/rig.ts': 'export const rig = 1;\n',
  },
  'test-imports-test': {
    'src/ledger/a.test.ts': imports('./b.test.ts'),
    'src/ledger/b.test.ts': 'export const b = 1;\n',
  },
  'pure-room-io': {
    'src/router/disk.ts': imports('node:fs/promises'),
    'src/wire/sockets.ts': importsType('node:http'),
    'src/access/threads.ts': imports('worker_threads'),
    'src/contracts/time.ts': imports('node:perf_hooks'),
  },
  'child-process': { 'src/gateway/spawn.ts': imports('node:child_process') },
  'code-from-text': { 'src/agents/vm.ts': imports('node:vm') },
  'socket-outside-egress': {
    'src/gateway/net.ts': imports('net'),
    'src/telemetry/tls.ts': "export const tls = process.getBuiltinModule('node:tls');\n",
    'src/config/http.ts': "export const http = await import('node:http');\n",
    'src/store/free.ts': imports('node:net'),
    'src/providers/dns.ts': imports('node:dns/promises'),
  },
  'socket-in-http': { 'src/http/client.ts': imports('node:net') },
  'socket-in-sandbox': { 'src/sandbox/client.ts': imports('node:tls') },
  'socket-in-store': { 'src/store/postgres/client.ts': imports('node:http') },
  'package-pg': { 'src/agents/sql.ts': importsType('pg') },
  'package-undici': { 'src/http/call.ts': imports('undici') },
  'package-fastify': { 'src/app/admin.ts': imports('fastify') },
  'package-@fastify': { 'src/app/swagger.ts': imports('@fastify/swagger') },
  'dev-dependency': { 'src/market/arbitrary.ts': imports('fast-check') },
  'unlisted-package': { 'src/market/unlisted.ts': imports('typescript') },
  unresolved: { 'src/market/lost.ts': imports('./nowhere.ts') },
  'unknown-room': { 'src/attic/index.ts': 'export const a = 1;\n', 'src/loose.ts': 'export const b = 1;\n' },
};

/** What a violation in one planted file also breaks, by the nature of the thing. */
const alsoBroken: Readonly<Record<string, readonly string[]>> = {
  'src/cli/aside.ts': ['sandbox-apart'],
  'src/cli/sandboxed.ts': ['layer-cli'],
};

/** Files that carry a violation; the others are what they import. */
const guilty = (files: Readonly<Record<string, string>>): string[] =>
  Object.keys(files).filter(
    (file) =>
      !['money.ts', 'ids.ts', 'rig.ts', 'b.test.ts', 'two.ts', 'records.fixture.ts'].some((end) => file.endsWith(end)),
  );

test('each rule reports its planted violations, and nothing else is reported', async () => {
  const files = Object.assign({ 'package.json': manifest, ...emptyRooms }, ...Object.values(planted));
  using tree = plantTree(files);
  const { findings } = await checkLayers(tree.root);
  const expected = Object.entries(planted).flatMap(([rule, ruleFiles]) =>
    guilty(ruleFiles).flatMap((file) => [rule, ...(alsoBroken[file] ?? [])].map((name) => `${name} ${file}`)),
  );
  expect(findings.map(({ rule, file }) => `${rule} ${file}`).toSorted()).toEqual(expected.toSorted());
  for (const finding of findings) expect(finding.cure.length, finding.rule).toBeGreaterThan(20);
}, 60_000);

test('a rule without a planted violation is no rule', () => {
  const names = layerRules.forbidden?.map((rule) => rule.name) ?? [];
  expect(names.filter((name) => !(`${name}` in planted))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('what the table allows passes', async () => {
  using tree = plantTree({
    'package.json': manifest,
    ...emptyRooms,
    'src/app/all.ts': rooms
      .filter((room) => room !== 'app' && room !== 'cli')
      .map((room) => `export * as ${room} from '../${room}/index.ts';`)
      .join('\n'),
    'src/cli/main.ts': imports('../app/index.ts') + "export const spawn = await import('node:child_process');\n",
    'src/http/server.ts': "export { createServer } from 'node:http';\nexport type { Socket } from 'node:net';\n",
    'src/http/admin.ts': imports('fastify'),
    'src/sandbox/vendor.ts': "export { createServer } from 'node:http';\nexport * from '../kernel/index.ts';\n",
    'src/store/postgres/freePort.ts': imports('node:net'),
    'src/store/repository.ts': imports('pg'),
    'src/egress/undici.ts': imports('undici'),
    'src/egress/lean.ts': imports('node:tls'),
    'src/gateway/types.ts':
      "export type { IncomingMessage } from 'node:http';\nexport type Q = import('node:net').Socket;\n",
    'src/gateway/gateway.test.ts':
      "import 'fast-check';\nimport 'node:http';\nimport '../sandbox/index.ts';\nimport '../app/index.ts';\n",
    'src/wire/recordings.fixture.ts': imports('node:fs'),
    'src/wire/wire.test.ts': imports('./recordings.fixture.ts'),
    'src/access/hash.ts': imports('node:crypto'),
    'test/e2e.test.ts': imports('../src/kernel/index.ts'),
    'tools/tool.ts': imports('fast-check'),
  });
  const { findings, modules } = await checkLayers(tree.root);
  expect(findings).toEqual([]);
  expect(modules).toBe(rooms.length + 16);
}, 60_000);

test('a finding names the line of the import', async () => {
  using tree = plantTree({
    'package.json': manifest,
    'src/gateway/index.ts': "// The request's way.\n\nimport * as net from 'node:net';\nexport const used = net;\n",
  });
  const { findings } = await checkLayers(tree.root);
  expect(findings.map(({ rule, line }) => [rule, line])).toEqual([['socket-outside-egress', 3]]);
}, 60_000);

test('files that the cruiser did not see are findings, and so is an empty src', async () => {
  expect(unseenFiles(['src/kernel/a.ts', 'src/kernel/b.ts'], new Set(['src/kernel/a.ts']))).toMatchObject([
    { file: 'src/kernel/b.ts', rule: 'unseen' },
  ]);
  using tree = plantTree({ 'package.json': manifest, 'src/README.md': 'nothing here\n' });
  const { findings, modules } = await checkLayers(tree.root);
  expect(modules).toBe(0);
  expect(findings).toMatchObject([{ file: 'src', rule: 'unseen' }]);
}, 60_000);

test('rooms of one level do not know each other, and all know the kernel', () => {
  for (const level of levels)
    for (const room of level) {
      expect(lowerRooms(room).filter((lower) => level.includes(lower))).toEqual([]);
      if (room !== 'kernel') expect(lowerRooms(room)).toContain('kernel');
    }
  expect(rooms.filter((room) => lowerRooms(room).includes('sandbox'))).toEqual(['app']);
  expect(() => lowerRooms('attic')).toThrow(RangeError);
});
