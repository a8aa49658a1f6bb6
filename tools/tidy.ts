// `npm run tidy`: reads every file that git tracks, or would track, and holds the rules that no compiler knows.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Finding, reportFindings } from './Finding.ts';
import { Source } from './tidy/Source.ts';
import { tidyFindings } from './tidy/tidyFindings.ts';

/** A NUL byte in its first part marks a file that is no text. */
const isText = (bytes: Buffer): boolean => !bytes.subarray(0, 8192).includes(0);

const listFiles = (root: string, ...args: string[]): string[] =>
  execFileSync('git', ['ls-files', '-z', '--exclude-standard', ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)));

/** Every text file of a checkout: tracked, or untracked and not ignored. */
export const readSources = (root: string): Source[] =>
  listFiles(root, '--cached', '--others').flatMap((path) => {
    const bytes = readFileSync(join(root, path));
    return isText(bytes) ? [new Source(path, bytes.toString('utf8'))] : [];
  });

/** Folders in which nothing is ever thrown away. */
const keptFolders = ['src', 'tools', 'test', 'sim', 'docs', 'examples', 'deploy'];

/** Files of ours that .gitignore hides: here they work, in a clone they are missing. */
export const ignoredSources = (root: string): Finding[] =>
  listFiles(root, '--others', '--ignored', '--', ...keptFolders).map((file) => ({
    file,
    line: 1,
    rule: 'ignored-source',
    what: 'is hidden by .gitignore and would be missing in a clone',
    cure: 'bind the pattern to the root in .gitignore ("/data/"), or keep what is made at run time out of the sources',
  }));

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  const sources = readSources(root);
  const findings = [...tidyFindings(sources), ...ignoredSources(root)];
  process.exitCode = sources.length === 0 ? 1 : reportFindings('tidy', findings, `${sources.length} files`);
}
