import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { readControlFile } from '../../app/index.ts';
import { LeanTransport } from '../../egress/index.ts';
import { errorMessage } from '../../kernel/index.ts';
import { AdminClient } from '../AdminClient.ts';
import type { AppliedFile, ChangedFile } from '../clients/applySettings.ts';
import type { ClientSetup, ConnectionFacts, Places } from '../clients/ClientSetup.ts';
import { clientSetups } from '../clients/clientSetups.ts';
import { keptWith, plannedConnection, plannedUndo, type UndoneFile } from '../clients/plannedConnection.ts';
import { KeptConnections } from '../clients/KeptConnections.ts';
import { UnreadableSettings, type Setting } from '../clients/SettingsFormat.ts';
import { writePrivately } from '../clients/writePrivately.ts';
import {
  AuthenticationError,
  exitCodes,
  textOption,
  UsageError,
  type Command,
  type ExitCode,
  type Invocation,
  type OptionValues,
  type Terminal,
} from '../Command.ts';
import { readNamedFile } from '../readNamedFile.ts';
import { record, records } from '../record.ts';
import { printableLines } from '../text/printable.ts';

const keyVariable = 'ARCHIPEL_API_KEY';

const names = clientSetups.map(({ name }) => name).join(', ');

const setupOf = (name: string | undefined): ClientSetup => {
  const setup = clientSetups.find((one) => one.name === name);
  if (setup === undefined) throw new UsageError(`there is no client ${name ?? ''}: name one of ${names}`);
  return setup;
};

/** By option, by environment, or that of the server which runs on the data directory. */
const urlOf = ({ options, terminal }: Invocation): string => {
  const given = textOption(options, 'url') ?? terminal.env['ARCHIPEL_URL'];
  const url = given ?? runningUrl(options, terminal);
  if (url === null)
    throw new UsageError(
      'no server runs on this data directory: start one with "archipel up", or say where it is with --url',
    );
  if (!URL.canParse(url)) throw new UsageError(`${url} is no URL: write it as http://127.0.0.1:8787`);
  // People copy it with the path that other clients want.
  return url.replace(/\/+$/, '').replace(/\/v1$/, '');
};

const runningUrl = (options: OptionValues, terminal: Terminal): string | null =>
  readControlFile({
    config: textOption(options, 'config'),
    dataDir: textOption(options, 'data-dir'),
    env: terminal.env,
    cwd: terminal.cwd,
    tell: (text) => terminal.err(text),
  })?.url ?? null;

/** A secret is never an option: it would stand in the list of processes. */
const keyOf = ({ options, terminal }: Invocation): string => {
  const file = textOption(options, 'key-file');
  const key = (
    file === undefined ? terminal.env[keyVariable] : readNamedFile(terminal.cwd, file).toString('utf8')
  )?.trim();
  if (key === undefined || key === '')
    throw new UsageError(
      `say which key the client calls with: ${keyVariable}=..., or --key-file FILE ("archipel keys create NAME --team TEAM" makes one; the sandbox's is sk-archipel-demo)`,
    );
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UsageError('the key has blanks or signs that no header takes');
  return key;
};

/** The models that a key may use, from the gateway itself: so the key is proven, too. */
const modelsOf = async (url: string, key: string): Promise<readonly string[]> => {
  const transport = new LeanTransport();
  try {
    const { status, body } = await new AdminClient(transport, url, key).get('/v1/models');
    if (status === 401) throw new AuthenticationError(`${url} does not take this key`);
    const models = records(record(body)['data']).flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
    if (status !== 200 || models.length === 0)
      throw new UsageError(`${url} has no list of models (${status}): is it an Archipel?`);
    return models;
  } finally {
    await transport.close();
  }
};

const modelOf = (wanted: string | undefined, models: readonly string[]): string => {
  const [first = ''] = models;
  if (wanted === undefined) return first;
  if (!models.includes(wanted))
    throw new UsageError(`there is no model ${wanted} for this key: it has ${models.join(', ')}`);
  return wanted;
};

/** JSON of a value with words in the place of the key, which stands there as JSON writes it. */
const masked = (value: Setting | undefined, key: string): string =>
  JSON.stringify(value ?? null).replaceAll(JSON.stringify(key).slice(1, -1), '(the key)');

/** The same as a value. */
const withoutKey = (value: Setting, key: string): unknown => JSON.parse(masked(value, key));

const changeLines = (files: readonly AppliedFile[], key: string): readonly string[] =>
  files.flatMap(({ path, created, settings }) => {
    const what = settings.length === 0 ? ' stays as it is' : created ? ' (new)' : '';
    return [`${path}${what}`, ...settings.map(({ at, after }) => `  ${at.join('.')} = ${masked(after, key)}`)];
  });

const answerOf = (
  setup: ClientSetup,
  { url, model, key }: ConnectionFacts,
  files: readonly AppliedFile[],
  isDry: boolean,
): object => ({
  client: setup.name,
  url,
  model,
  written: !isDry,
  files: files.map(({ path, created, settings }) => ({
    path,
    created,
    settings: settings.map(({ at, after }) => ({ at, value: withoutKey(after, key) })),
  })),
});

const connectOne = async (
  setup: ClientSetup,
  invocation: Invocation,
  places: Places,
  kept: KeptConnections,
): Promise<ExitCode> => {
  const { options, terminal } = invocation;
  const [url, key] = [urlOf(invocation), keyOf(invocation)];
  const model = modelOf(textOption(options, 'model'), await modelsOf(url, key));
  const facts = { url, key, model, now: new Date() };
  const earlier = kept.read(setup.name) ?? [];
  const files = plannedConnection(setup, facts, places, earlier);
  const isDry = options['dry-run'] === true;
  if (!isDry) {
    // What was there is kept before anything is changed.
    kept.keep(setup.name, keptWith(files, earlier));
    for (const { path, text, differs } of files) if (differs) writePrivately(path, text);
  }
  if (options['json'] === true) terminal.out(`${JSON.stringify(answerOf(setup, facts, files, isDry))}\n`);
  else {
    const end = isDry
      ? 'Nothing was written (--dry-run).'
      : `Try it:  ${setup.next(facts)}\nUndo it: archipel connect ${setup.name} --undo`;
    terminal.out(`${printableLines([...changeLines(files, key), '', end].join('\n'))}\n`);
  }
  return exitCodes.ok;
};

/** What came of undoing one file. */
type Undoing =
  | { readonly file: ChangedFile; readonly undone: UndoneFile | null }
  | { readonly file: ChangedFile; readonly problem: string };

/** One file that cannot be undone keeps no other from it. */
const undoFile = (file: ChangedFile, isDry: boolean): Undoing => {
  try {
    const undone = plannedUndo(file);
    if (undone !== null && undone.differs && !isDry) {
      if (undone.text === null) rmSync(undone.path);
      else writePrivately(undone.path, undone.text);
    }
    return { file, undone };
  } catch (error) {
    return { file, problem: errorMessage(error) };
  }
};

const undoLines = (one: Undoing): readonly string[] => {
  if ('problem' in one) return [`${one.file.path} is not undone: ${one.problem}`];
  if (one.undone === null) return [`${one.file.path} is gone already`];
  const { path, text, leftAlone } = one.undone;
  return [
    `${path} ${text === null ? 'goes' : leftAlone.length === 0 ? 'is as it was' : 'is as it was, but for'}`,
    ...leftAlone.map((at) => `  ${at.join('.')}, which was changed since and stays`),
  ];
};

const undoAnswer = (one: Undoing): object => {
  const { path } = one.file;
  if ('problem' in one) return { path, problem: one.problem };
  return { path, removed: one.undone?.text === null, leftAlone: one.undone?.leftAlone ?? [] };
};

const undoOne = (setup: ClientSetup, { options, terminal }: Invocation, kept: KeptConnections): ExitCode => {
  const earlier = kept.read(setup.name);
  if (earlier === null) throw new UsageError(`${setup.title} was not connected from here: there is nothing to undo`);
  const isDry = options['dry-run'] === true;
  const all = earlier.map((file) => undoFile(file, isDry));
  const left = all.flatMap((one) => ('problem' in one ? [one.file] : []));
  // What could not be undone can be tried again.
  if (!isDry && left.length > 0) kept.keep(setup.name, left);
  else if (!isDry) kept.forget(setup.name);
  if (options['json'] === true)
    terminal.out(`${JSON.stringify({ client: setup.name, written: !isDry, files: all.map(undoAnswer) })}\n`);
  else {
    const end = [
      ...(isDry ? ['Nothing was written (--dry-run).'] : []),
      ...(left.length > 0 ? ['Mend what is not undone, and run this again.'] : []),
    ];
    terminal.out(`${printableLines([...all.flatMap(undoLines), ...end].join('\n'))}\n`);
  }
  return left.length > 0 ? exitCodes.failed : exitCodes.ok;
};

export const connectClient: Command = {
  name: 'connect',
  summary: 'Point a program at this gateway, or undo that',
  arguments: '<client>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: {
    url: { type: 'string' },
    'key-file': { type: 'string' },
    model: { type: 'string' },
    'dry-run': { type: 'boolean' },
    undo: { type: 'boolean' },
    'data-dir': { type: 'string' },
    config: { type: 'string' },
  },
  optionHelp: {
    url: 'URL of the gateway (else ARCHIPEL_URL, else <data dir>/control.json)',
    'key-file': `file with the key that the client calls with (else ${keyVariable})`,
    model: 'model that it asks for (default the first of the key)',
    'dry-run': 'show what would be written, and write nothing',
    undo: 'put back what was there',
    'data-dir': 'data directory of the server',
    config: 'configuration file',
  },
  run: async (invocation) => {
    const { positionals, options, terminal } = invocation;
    const setup = setupOf(positionals[0]);
    const places = { home: terminal.env['HOME'] || homedir(), env: terminal.env };
    const kept = new KeptConnections(places.home);
    try {
      return options['undo'] === true
        ? undoOne(setup, invocation, kept)
        : await connectOne(setup, invocation, places, kept);
    } catch (error) {
      if (error instanceof UnreadableSettings)
        throw new UsageError(`the settings of ${setup.title} cannot be changed: ${error.message}`, { cause: error });
      throw error;
    }
  },
};
