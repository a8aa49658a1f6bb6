import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadOperating, type FirstAnswers, type WrittenConfiguration } from '../../app/index.ts';
import { curlSnippet } from '../../wire/index.ts';
import {
  exitCodes,
  listOption,
  portOption,
  textOption,
  UsageError,
  type Command,
  type OptionValues,
  type Terminal,
} from '../Command.ts';

/** Nobody answers any more: nothing is written. */
class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** Asks where somebody sits there. @throws UsageError where nobody does, with the option that answers. */
const ask = async (terminal: Terminal, question: string, option: string): Promise<string> => {
  if (terminal.ask === undefined) throw new UsageError(option);
  const answer = await terminal.ask(question);
  if (answer === null) throw new NoAnswerError('nothing was written');
  return answer.trim();
};

const words = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '');

const askProviders = async (terminal: Terminal): Promise<readonly string[]> => {
  const { knownVendors } = await loadOperating();
  const known = knownVendors().join(', ');
  const option = `--provider takes a vendor (${known}), or name=URL for an endpoint of your own`;
  const answer = words(await ask(terminal, `Vendors (${known}; or name=URL for your own): `, option));
  if (answer.length === 0) throw new UsageError(option);
  return answer;
};

const askModels = async (terminal: Terminal, providers: readonly string[]): Promise<readonly string[]> => {
  const { modelsOnOffer } = await loadOperating();
  const offer = modelsOnOffer(providers).join(', ');
  const some = offer === '' ? '' : `; some of what they sell: ${offer}`;
  const option = `--model takes a vendor's model, or name=model,model for a name of your own${some}`;
  const question = `Models, by their vendors' names, or name=model,model for a name of your own${some === '' ? '' : ` (${some.slice(2)})`}: `;
  const answer = (await ask(terminal, question, option)).split(/\s+/).filter((word) => word !== '');
  if (answer.length === 0) throw new UsageError(option);
  return answer;
};

const listenOption = (options: OptionValues): FirstAnswers['listen'] => {
  const text = textOption(options, 'listen') ?? '127.0.0.1:8787';
  const [, host = '', port = ''] = /^(?:\[?([A-Za-z0-9:._%-]+?)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) throw new UsageError(`--listen takes host:port, not ${text}`);
  return { host: host === '' ? '127.0.0.1' : host, port: Number(port) };
};

const dollars = async (options: OptionValues, terminal: Terminal): Promise<string> => {
  const given = textOption(options, 'budget');
  if (given === undefined && terminal.ask === undefined) return '100';
  const text = given ?? (await ask(terminal, 'Most that may be spent in a month, in US dollars [100]: ', ''));
  if (text === '') return '100';
  if (!/^\d{1,15}(?:\.\d{1,9})?$/.test(text))
    throw new UsageError(`--budget takes US dollars, such as 100, not ${text}`);
  return text;
};

const quotedPath = (path: string): string =>
  /^[\w./~:@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;

const nextSteps = ({ path, environment }: WrittenConfiguration): readonly string[] => {
  const archipel = 'npm run --silent archipel --';
  const config = `--config ${quotedPath(path)}`;
  return [...environment.map((name) => `export ${name}=...`), `${archipel} doctor ${config}`, `npm start -- ${config}`];
};

const said = (written: WrittenConfiguration, { host, port }: FirstAnswers['listen']): string => {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const [model = ''] = written.models;
  const call = curlSnippet({ url, key: written.key, model }).replaceAll('\n', '\n  ');
  return `Wrote ${written.path}

The key of its first client, "${written.keyName}". It is shown now and never again; the file has its hash:

  ${written.key}

Next:

${nextSteps(written)
  .map((step) => `  ${step}`)
  .join('\n')}
  ${call}
`;
};

const answersOf = async (
  options: OptionValues,
  terminal: Terminal,
  folder: string,
): Promise<Omit<FirstAnswers, 'keyHash'>> => {
  const listen = listenOption(options);
  const providers = listOption(options, 'provider').flatMap(words);
  const chosen = providers.length > 0 ? providers : await askProviders(terminal);
  const models = listOption(options, 'model');
  return {
    listen,
    adminPort: portOption(options, 'admin-port') ?? 8788,
    providers: chosen,
    models: models.length > 0 ? models : await askModels(terminal, chosen),
    budgetUsd: await dollars(options, terminal),
    dataDir: folder === resolve(terminal.cwd) ? './data' : join(folder, 'data'),
  };
};

export const init: Command = {
  name: 'init',
  summary: 'Write a first archipel.yaml, with a key for its first client',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    provider: { type: 'string', multiple: true },
    model: { type: 'string', multiple: true },
    budget: { type: 'string' },
    listen: { type: 'string' },
    'admin-port': { type: 'string' },
    dir: { type: 'string' },
    force: { type: 'boolean' },
  },
  optionHelp: {
    provider: 'a vendor that is known, or name=URL for an endpoint of your own; may be given several times',
    model: "a vendor's model, or name=model,model for a name of your own; may be given several times",
    budget: 'most that may be spent in a month, in US dollars (default 100)',
    listen: 'where clients call (default 127.0.0.1:8787)',
    'admin-port': 'port of the control plane (default 8788)',
    dir: 'folder to write archipel.yaml into (default here)',
    force: 'write over an archipel.yaml that is there',
  },
  run: async ({ options, terminal }) => {
    const folder = resolve(terminal.cwd, textOption(options, 'dir') ?? '.');
    const force = options['force'] === true;
    const path = join(folder, 'archipel.yaml');
    // Better known before anybody answers questions than after.
    if (!force && existsSync(path)) throw new UsageError(`there is already a file ${path}: --force writes over it`);
    const answers = await answersOf(options, terminal, folder);
    const { writeFirstConfiguration } = await loadOperating();
    const written = writeFirstConfiguration(answers, { folder, force });
    if (!written.ok) throw new UsageError(written.fault);
    if (options['json'] === true)
      terminal.out(`${JSON.stringify({ ...written.value, next: nextSteps(written.value) })}\n`);
    else terminal.out(said(written.value, answers.listen));
    return exitCodes.ok;
  },
};
