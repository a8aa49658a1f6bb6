import { findingsOf, type Finding } from './Finding.ts';

/** What the program runs on. */
export interface RuntimeFacts {
  /** "26.12.1" */
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  /** Version of glibc; null on Linux without it, and elsewhere. */
  readonly glibc: string | null;
  /** How many files a process may have open; null where there is no bound, or it is not known. */
  readonly openFilesMax: number | null;
}

const oldestMajor = 24;
/** Two sockets for each of a thousand requests, and room for files and idle connections. */
const openFilesWanted = 4_096;

const { ok, warn, fail } = findingsOf('runtime');

export const checkRuntime = ({
  node,
  platform,
  architecture,
  glibc,
  openFilesMax,
}: RuntimeFacts): readonly Finding[] => {
  const major = Number(node.split('.')[0]);
  const findings = [
    major < oldestMajor
      ? fail(`Node ${node} is older than ${oldestMajor}`, 'start by npm, which brings the Node of the lock file')
      : ok(`Node ${node} on ${platform} ${architecture}`),
  ];
  if (platform === 'linux' && glibc === null)
    findings.push(fail('a Linux without glibc', 'use a distribution with glibc: there is no build for musl'));
  if (platform !== 'linux' && platform !== 'darwin')
    findings.push(fail(`${platform} is not supported`, 'use Linux, macOS, or WSL2'));
  if (openFilesMax !== null && openFilesMax < openFilesWanted)
    findings.push(
      warn(
        `a process may have ${openFilesMax} files open`,
        `raise it (ulimit -n ${openFilesWanted}, LimitNOFILE= of systemd): each request takes two`,
      ),
    );
  return findings;
};
