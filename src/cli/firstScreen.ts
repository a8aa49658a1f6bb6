import { curlSnippet, sdkSnippet, type SnippetFacts } from '../wire/index.ts';
import { contractsTable } from './commands/contracts.ts';
import { dependencyTable } from './commands/dependency.ts';
import { record, text } from './record.ts';

export interface FirstScreenFacts {
  readonly url: string;
  readonly adminUrl: string;
  /** A key to try with; only the sandbox has one. */
  readonly key: string | null;
  readonly dataDir: string;
  readonly version: string;
  readonly sandbox: boolean;
  readonly configurationFile: string | null;
  readonly modelNames: readonly string[];
  /** Answers of the control plane. */
  /** Null where the database, which knows what was drawn, is away. */
  readonly contracts: unknown;
  readonly dependency: unknown;
  /** Options by which other commands find this server, such as " --data-dir /srv/archipel"; empty where they find it without. */
  readonly found: string;
}

const indented = (lines: string): string =>
  lines
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');

/** Two columns: what, and how. */
const columns = (rows: readonly (readonly [what: string, how: string])[]): string => {
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, how]) => `${what.padEnd(width)}  ${how}`).join('\n');
};

const addresses = ({ url, adminUrl, key, dataDir }: FirstScreenFacts): string =>
  columns([
    ['Endpoint', url],
    ['Control plane', adminUrl],
    ...(key === null ? [] : [['Key', key] as const]),
    ['Data', dataDir],
  ]);

const shares = ({ dependency }: FirstScreenFacts): string => {
  const capped = dependencyTable(dependency, (row) => row['cap'] !== null);
  return capped === null
    ? 'No caps are set on the shares of vendors and hosts (policy.concentration).'
    : `Shares of the spend since ${text(record(dependency)['from']).slice(0, 10)}, and their caps\n${indented(capped)}`;
};

const tryIt = (call: SnippetFacts): string =>
  `Ask something:\n\n${indented(curlSnippet(call))}\n\nOr from an SDK, with nothing changed but two lines:\n\n${indented(sdkSnippet(call))}`;

const loseThem = (found: string): string => {
  const command = (words: string): string => `npm run --silent archipel -- ${words}${found}`;
  const rows = columns([
    ['Now lose borealis', command('sandbox fault borealis down')],
    ['Mend it', command('sandbox fault borealis none')],
    ['Now lose cascade', command('sandbox fault cascade down')],
    ['Now lose aurora', command('sandbox fault aurora down')],
    ['Now lose the whole north', command('sandbox fault north down')],
    ['Mend them', command('sandbox fault north none')],
    ['See what it cost', command('usage --fresh')],
    ['See why it went there', command('why <x-archipel-request-id of an answer; curl -i shows it>')],
  ]);
  return `${rows}

This request goes to borealis, whose floor is paid for, over another wire. Without it aurora answers, in yours and
out of its pool, and nobody notices. Without the north chat-large lives on at borealis; embed-small is gone, since
both of its vendors run there.`;
};

const contractsUnknown =
  'What was drawn is not known while the database is away. Requests are served; /readyz says what is not as it should be.';

/** What a person sees after the start, on one page: what was signed, where the money goes, how to call, and what to break. */
export const firstScreen = (facts: FirstScreenFacts): string => {
  const { version, sandbox, configurationFile, url, key, modelNames, found } = facts;
  const what = sandbox
    ? 'Simulated vendors, since no archipel.yaml was found: aurora and cascade in the north, borealis in the south'
    : `Serving ${configurationFile ?? ''}`;
  const model = modelNames[0];
  const parts = [
    `Archipel ${version}\n${what}`,
    addresses(facts),
    `Contracts\n${indented(facts.contracts === null ? contractsUnknown : contractsTable(facts.contracts))}`,
    shares(facts),
    ...(key === null || model === undefined ? [] : [tryIt({ url, key, model })]),
    sandbox
      ? loseThem(found)
      : columns([['Make a key for a client', `npm run --silent archipel -- keys create NAME --team TEAM${found}`]]),
  ];
  return `${parts.join('\n\n')}\n`;
};
