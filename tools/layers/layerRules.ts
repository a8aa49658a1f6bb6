import type { IConfiguration, IForbiddenRuleType } from 'dependency-cruiser';
import { lowerRooms, pureRooms, rooms, sandboxRoom } from './rooms.ts';

/** Tests, and what tests of one room lean on: neither is part of the program. */
const testFiles = String.raw`\.(test|fixture)\.ts$`;
const anyOf = (names: readonly string[]): string => `(${names.join('|')})`;
const inRooms = (names: readonly string[]): string => `^src/${anyOf(names)}/`;
const core = (names: readonly string[]): string => `^(node:)?${anyOf(names)}(/|$)`;
const npmPackage = (name: string): string => `(^|/)node_modules/(@types/)?${name}(/|$)`;

/** Types have no behaviour: naming a Socket opens none. */
const typesOnly = ['type-only', 'type-import'] as const;

/** Core modules that can reach out of the machine. */
const socketModules = ['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises'];

/** Core modules that compute and do nothing else. Randomness of node:crypto is caught by `npm run tidy`. */
const pureCoreModules = ['assert', 'buffer', 'crypto', 'string_decoder', 'url', 'util', 'zlib'];

/** Packages that belong to one room, which wraps them for the rest. */
const packageRooms: readonly (readonly [name: string, room: string])[] = [
  ['pg', 'store'],
  ['undici', 'egress'],
  ['fastify', 'http'],
  ['@fastify/[^/]+', 'http'],
];

/** Who may use which socket module beside egress, and what for. */
const socketExceptions = [
  { room: 'http', from: '^src/http/', module: 'http', why: 'the servers of the data plane and the control plane' },
  { room: 'sandbox', from: '^src/sandbox/', module: 'http', why: 'the simulated vendors are servers' },
  {
    room: 'store',
    from: '^src/store/postgres/',
    module: 'net',
    why: 'looks for a free port before the embedded database starts',
  },
] as const;

const layerOf = (room: string): IForbiddenRuleType => ({
  name: `layer-${room}`,
  severity: 'error',
  comment: `${room} may import ${[...lowerRooms(room)].join(', ') || 'no room'}: declare a port in ${room} and let app fill it, or move the shared words down`,
  from: { path: `^src/${room}/`, pathNot: testFiles },
  to: { path: '^src/', pathNot: inRooms([room, ...lowerRooms(room)]) },
});

const packageRule = ([name, room]: readonly [string, string]): IForbiddenRuleType => ({
  name: `package-${name.replace(/\/.*/, '')}`,
  severity: 'error',
  comment: `this package is used in ${room} only: ask ${room} for what you need, through a port`,
  from: { path: '^src/', pathNot: [`^src/${room}/`, testFiles] },
  to: { path: npmPackage(name) },
});

const socketRules = (): IForbiddenRuleType[] => {
  const excepted = socketExceptions.map(({ from }) => from);
  const general: IForbiddenRuleType = {
    name: 'socket-outside-egress',
    severity: 'error',
    comment: 'only egress opens sockets: take a port of egress as an argument',
    from: { path: '^src/', pathNot: ['^src/egress/', testFiles, ...excepted] },
    to: { path: core(socketModules), dependencyTypes: ['core'], dependencyTypesNot: [...typesOnly] },
  };
  const particular = socketExceptions.map(({ room, from, module, why }): IForbiddenRuleType => ({
    name: `socket-in-${room}`,
    severity: 'error',
    comment: `only node:${module} is allowed here (${why}); other sockets belong to egress`,
    from: { path: from, pathNot: testFiles },
    to: {
      path: core(socketModules.filter((name) => name !== module)),
      dependencyTypes: ['core'],
      dependencyTypesNot: [...typesOnly],
    },
  }));
  return [general, ...particular];
};

const borderRules: readonly IForbiddenRuleType[] = [
  {
    name: 'index-only',
    severity: 'error',
    comment: 'a room is entered by its index.ts, by tests too: import that, and export there what others need',
    from: { path: '^src/([^/]+)/' },
    to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', String.raw`^src/[^/]+/index\.ts$`] },
  },
  {
    name: 'index-only-outside',
    severity: 'error',
    comment:
      'a room is entered by its index.ts: import that, and export there what others need; its fixtures are for whoever tests or measures it',
    from: { path: '^(tools|test|bench|sim)/' },
    to: { path: '^src/', pathNot: [String.raw`^src/[^/]+/index\.ts$`, String.raw`\.fixture\.ts$`] },
  },
  {
    name: 'sandbox-apart',
    severity: 'error',
    comment: 'only app starts the sandbox; a test may use it as its vendor',
    from: { path: '^src/', pathNot: [inRooms(['app', sandboxRoom]), testFiles] },
    to: { path: inRooms([sandboxRoom]) },
  },
  {
    name: 'cycle',
    severity: 'error',
    comment: 'move what both need into a third file below them; a type counts as well',
    from: {},
    to: { circular: true },
  },
  {
    name: 'program-apart-from-tests',
    severity: 'error',
    comment: 'the program does not know its tests or tools: move what it needs into a room',
    from: { path: '^src/', pathNot: testFiles },
    to: { path: [testFiles, '^(test|tools|bench|console|sim)/'] },
  },
  {
    name: 'test-imports-test',
    severity: 'error',
    comment:
      'importing a test file runs its tests twice: move the shared part into a .fixture.ts beside them, or a rig under test/',
    from: { path: testFiles },
    to: { path: String.raw`\.test\.ts$` },
  },
];

const ioRules: readonly IForbiddenRuleType[] = [
  {
    name: 'pure-room-io',
    severity: 'error',
    comment: `a pure room uses of Node only ${pureCoreModules.join(', ')}: take clock, random, disk and network as arguments`,
    from: { path: inRooms(pureRooms), pathNot: testFiles },
    to: { dependencyTypes: ['core'], pathNot: `^(node:)?${anyOf(pureCoreModules)}$` },
  },
  {
    name: 'child-process',
    severity: 'error',
    comment: 'processes are started by store (embedded database), placement (local executor) and cli only',
    from: { path: '^src/', pathNot: [inRooms(['store', 'placement', 'cli']), testFiles] },
    to: { path: core(['child_process', 'cluster']), dependencyTypes: ['core'] },
  },
  {
    name: 'code-from-text',
    severity: 'error',
    comment: 'nothing is evaluated in our process: foreign code runs in a job or a tool of its own',
    from: {},
    to: { path: core(['vm', 'repl', 'inspector']), dependencyTypes: ['core'] },
  },
];

const packageRules: readonly IForbiddenRuleType[] = [
  ...packageRooms.map(packageRule),
  {
    name: 'dev-dependency',
    severity: 'error',
    comment:
      'users install without devDependencies: decide on a runtime dependency (docs/decisions/dependencies.md) or do without',
    from: { path: '^src/', pathNot: testFiles },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm'] },
  },
  {
    name: 'unlisted-package',
    severity: 'error',
    comment: 'name the package in package.json with an exact version and a line in docs/decisions/dependencies.md',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'unresolved',
    severity: 'error',
    comment: 'nothing is found under this name: mend the path, its .ts ending included',
    from: {},
    to: { couldNotResolve: true },
  },
];

/** The borders between rooms as dependency-cruiser reads them. A rule's comment is its cure. */
export const layerRules: IConfiguration = {
  forbidden: [...rooms.map(layerOf), ...borderRules, ...ioRules, ...socketRules(), ...packageRules],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
