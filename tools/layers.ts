// `npm run layers`: holds the borders between the rooms of src/, and proves that it looked at every file.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { type Finding, reportFindings } from './Finding.ts';
import { layerRules } from './layers/layerRules.ts';
import { rooms } from './layers/rooms.ts';

/** Folders that hold our sources; those that are missing are left out, src/ never is. */
const folders = ['src', 'tools', 'test', 'bench', 'sim'];

export interface LayerReport {
  readonly findings: readonly Finding[];
  /** Sources that were read. */
  readonly modules: number;
}

/** Line of an import in a file, 1 where it is not found. Core modules are listed without their "node:". */
const lineOfImport = (root: string, file: string, specifier: string): number => {
  const path = join(root, file);
  if (!existsSync(path)) return 1;
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .findIndex((text) => [specifier, `node:${specifier}`].some((name) => text.includes(`'${name}'`)));
  return Math.max(1, line + 1);
};

const cures = new Map(layerRules.forbidden?.map((rule) => [`${rule.name}`, rule.comment ?? '']));

const brokenRules = (root: string, result: ICruiseResult): Finding[] =>
  result.summary.violations.map((violation) => {
    const specifier = violation.unresolvedTo ?? violation.to;
    return {
      file: violation.from,
      line: lineOfImport(root, violation.from, specifier),
      rule: violation.rule.name,
      what: `imports ${specifier}`,
      cure: violation.comment ?? cures.get(violation.rule.name) ?? '',
    };
  });

/** Files that stand in no room of the table, where no layer rule would catch them. */
const strangers = (files: readonly string[]): Finding[] =>
  files
    .filter((file) => file.startsWith('src/') && !rooms.some((room) => file.startsWith(`src/${room}/`)))
    .map((file) => ({
      file,
      line: 1,
      rule: 'unknown-room',
      what: 'stands in no known room',
      cure: 'move it into a room, or add the room to tools/layers/rooms.ts with its level',
    }));

/**
 * Files on disk that the cruiser did not see. With a compiler it cannot load, it sees none and is content;
 * this comparison with our own listing is what makes an empty result mean something.
 */
export const unseenFiles = (onDisk: readonly string[], seen: ReadonlySet<string>): Finding[] => {
  const findings = onDisk
    .filter((file) => !seen.has(file))
    .map((file) => ({
      file,
      line: 1,
      rule: 'unseen',
      what: 'was not read by dependency-cruiser',
      cure: 'check that dependency-cruiser supports the installed TypeScript (npx depcruise --info)',
    }));
  if (onDisk.some((file) => file.startsWith('src/'))) return findings;
  return [...findings, { file: 'src', line: 1, rule: 'unseen', what: 'holds no source', cure: 'run it from the root' }];
};

/** Cruises the sources under a root folder. */
export const checkLayers = async (root: string): Promise<LayerReport> => {
  const onDisk = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  ).map((file) => file.replaceAll('\\', '/'));
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  const { forbidden, options } = layerRules;
  const { output } = await cruise(present, {
    ...options,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: forbidden ?? [] },
  });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with a text');
  const seen = new Set(output.modules.map((module) => module.source));
  return {
    modules: onDisk.filter((file) => seen.has(file)).length,
    findings: [...brokenRules(root, output), ...strangers(onDisk), ...unseenFiles(onDisk, seen)],
  };
};

if (import.meta.main) {
  const { findings, modules } = await checkLayers(resolve(import.meta.dirname, '..'));
  process.exitCode = reportFindings('layers', findings, `${modules} sources`);
}
