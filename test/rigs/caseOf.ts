import { readFileSync } from 'node:fs';

/**
 * One fault that was reported of gateways, rebuilt small: its inputs, and what it expects, in shapes of its own that its test knows.
 * @param name With its number: "07-anthropic-midstream-error". Files are named by what follows: "upstream.sse".
 */
export const caseOf = (name: string) => {
  const bytes = (file: string): Buffer => readFileSync(new URL(`../fixtures/cases/${name}.${file}`, import.meta.url));
  const json = (file: string) => JSON.parse(bytes(file).toString());
  const { expected } = json('case.json');
  return { bytes, json, expected };
};
