import { curlSnippet, sdkSnippet, type SnippetFacts } from '../wire/index.ts';
import { contractsTable } from './commands/contracts.ts';
import { dependencyTable } from './commands/dependency.ts';

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
  readonly contracts: unknown;
  readonly dependency: unknown;
}

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');

const tryIt = (call: SnippetFacts): string => `Ask something:

${indented(curlSnippet(call))}

Or from an SDK, with nothing changed but two lines:

${indented(sdkSnippet(call))}
`;

const loseThem = `Now lose aurora:           npm run --silent archipel -- sandbox fault aurora down
Now lose the whole north:  npm run --silent archipel -- sandbox fault north down
                           (chat-large lives on at borealis for clients of its wire; embed-small dies with north)
Mend them:                 npm run --silent archipel -- sandbox fault north none
See what it did:           npm run --silent archipel -- usage
                           npm run --silent archipel -- why <x-archipel-request-id of an answer>
`;

/** What a person sees after the start, on one page: what was signed, where the money goes, how to call, and what to break. */
export const firstScreen = (facts: FirstScreenFacts): string => {
  const what = facts.sandbox
    ? 'simulated vendors (no archipel.yaml was found): aurora and cascade in the north, borealis in the south'
    : `serving ${facts.configurationFile ?? ''}`;
  const parts = [
    `Archipel ${facts.version}: ${what}\n`,
    `Endpoint       ${facts.url}\nControl plane  ${facts.adminUrl}\n${facts.key === null ? '' : `Key            ${facts.key}\n`}Data           ${facts.dataDir}\n`,
    `Contracts\n${indented(contractsTable(facts.contracts))}\n`,
    `Where the money goes this month, against the caps\n${indented(dependencyTable(facts.dependency))}\n`,
  ];
  const model = facts.modelNames[0];
  if (facts.key !== null && model !== undefined) parts.push(tryIt({ url: facts.url, key: facts.key, model }));
  if (facts.sandbox) parts.push(loseThem);
  else parts.push('Make a key for a client:  npm run --silent archipel -- keys create NAME --team TEAM\n');
  return `${parts.join('\n')}\n`;
};
