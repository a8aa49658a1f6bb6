// Configurations for tests of this room, read as the program reads a file.
import { formatFault } from '../config/index.ts';
import { loadConfiguration, type LoadedConfiguration } from './loadConfiguration.ts';

/** Text of a file: the smallest that is valid, with what a test adds or replaces. JSON is YAML. */
export const testFile = (sections: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify(
    {
      version: 1,
      providers: {
        a: {
          wire: 'openai',
          vendor: 'aurora',
          baseUrl: 'https://aurora.example/v1',
          credentials: { apiKey: '${env:A_KEY}' },
          host: 'north',
        },
      },
      models: { chat: { deployments: [{ provider: 'a', model: 'large', price: priceOf('2', '8') }] } },
      teams: { research: {} },
      ...sections,
    },
    null,
    1,
  );

/** A price in the file. */
export const priceOf = (input: string, output: string): object => ({ inputPerMTok: input, outputPerMTok: output });

/** A hash in the file for a key that nobody has. */
export const hashOfNobody = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** Reads the text of a file. @throws Error with its faults. */
export const testConfiguration = (
  text: string,
  env: Readonly<Record<string, string>> = { A_KEY: 'credential-a' },
  nowMs = 0,
): LoadedConfiguration => {
  const loaded = loadConfiguration(
    { text, file: 'f.yaml' },
    {
      env,
      readFile: () => {
        throw new Error('no file here');
      },
      known: { wires: ['openai', 'anthropic', 'bedrock'], nowMs },
    },
  );
  if (!loaded.ok) throw new Error(loaded.fault.map(formatFault).join('\n'));
  return loaded.value;
};
