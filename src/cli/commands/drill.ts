import { resolve } from 'node:path';
import { formatFault, readConfigurationFile } from '../../config/index.ts';
import {
  missedBy,
  readRequirement,
  scenarioSchema,
  spanMsOf,
  type DrillReport,
  type Requirement,
} from '../../drills/index.ts';
import { isUuidV7 } from '../../kernel/index.ts';
import {
  exitCodes,
  listOption,
  textOption,
  UsageError,
  type Command,
  type ExitCode,
  type Invocation,
  type OptionValues,
  type Terminal,
} from '../Command.ts';
import type { AdminAnswer, AdminClient } from '../AdminClient.ts';
import { askAndPrint, connect, connectHelp, connectOptions, tellFault } from '../connect.ts';
import { cutShort } from '../cutShort.ts';
import { dayOptionMs } from '../dayOption.ts';
import { interruption } from '../interruption.ts';
import { pause } from '../pause.ts';
import { record } from '../record.ts';
import { distanceOf, distanceTable, drillsTable, drillText } from '../text/drillText.ts';
import { printable } from '../text/printable.ts';
import { writtenGrammar } from '../writtenGrammar.ts';

/** How long the replay of some months may take. */
const answerMs = 900_000;
/** What is replayed where nothing is said. */
const lastDefault = '7d';
/** How long a live drill lasts where nothing is said. */
const liveDefault = '10m';

/** A length of time of an option, "10m", in milliseconds. @throws UsageError */
const spanOption = (options: OptionValues, name: string, unlessGiven: string): number => {
  const written = textOption(options, name) ?? unlessGiven;
  const ms = spanMsOf(written);
  if (ms === null || ms === 0)
    throw new UsageError(`--${name} takes a length of time, such as 90s, 10m, 15h or 7d, not ${written}`);
  return ms;
};

/** Names of what is lost, by commas. */
const withoutOption = (options: OptionValues): readonly string[] =>
  listOption(options, 'without')
    .flatMap((part) => part.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** @throws UsageError for what nobody can require. */
const requirementsOf = (options: OptionValues): readonly Requirement[] =>
  listOption(options, 'require').map((written) => {
    const read = readRequirement(written);
    if (!read.ok) throw new UsageError(`--require: ${read.fault}`);
    return read.value;
  });

/** Tells which requirements a report misses. @returns what the command ends with. */
const judge = (terminal: Terminal, body: unknown, requirements: readonly Requirement[]): ExitCode => {
  // The server made it: what it lacks reads as not known.
  const report = record(body)['report'] as DrillReport;
  const missed = requirements.flatMap((one) => missedBy(one, report) ?? []);
  for (const why of missed) terminal.err(`archipel: ${why}\n`);
  return missed.length === 0 ? exitCodes.ok : exitCodes.limitMissed;
};

/** Asks for a drill and prints it. @returns its verdict, where there was an answer to judge. */
const askAndJudge = async (
  invocation: Invocation,
  alone: boolean,
  ask: (client: AdminClient) => Promise<AdminAnswer>,
  verdictOn: (body: unknown) => ExitCode,
): Promise<ExitCode> => {
  let verdict: ExitCode = exitCodes.ok;
  const code = await askAndPrint(invocation, alone, ask, drillText, (body) => {
    verdict = verdictOn(body);
    return true;
  });
  return code === exitCodes.ok ? verdict : code;
};

const scenarioOption = async (options: OptionValues, cwd: string): Promise<object | null> => {
  const file = textOption(options, 'scenario');
  if (file === undefined) return null;
  const reading = await readConfigurationFile(resolve(cwd, file), writtenGrammar(scenarioSchema));
  if (!reading.ok) throw new UsageError(reading.fault.map((fault) => formatFault({ ...fault, file })).join('\n'));
  return reading.value.value;
};

const stretchOption = (options: OptionValues): { readonly from: string; readonly to: string } => {
  const toMs = dayOptionMs(options, 'to') ?? Date.now();
  const fromMs = dayOptionMs(options, 'from') ?? toMs - spanOption(options, 'last', lastDefault);
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
};

export const drillReplay: Command = {
  name: 'drill replay',
  summary: "What the ledger's own requests would have met without a vendor, a host, a jurisdiction or a lab",
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    ...connectOptions,
    without: { type: 'string', multiple: true },
    last: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    scenario: { type: 'string' },
    require: { type: 'string', multiple: true },
  },
  optionHelp: {
    without: 'what is lost: VENDOR, host:NAME, jurisdiction:NAME, lab:NAME, provider:NAME, with commas between',
    last: `how much is replayed, up to now (default ${lastDefault})`,
    from: 'first day that is replayed, in place of --last',
    to: 'first day after (default now)',
    scenario: 'shape of the outage (default: out all the time)',
    require: 'end with 5 unless served=0.99, addedCost=0.2 or capsBroken=0 holds',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, terminal } = invocation;
    const requirements = requirementsOf(options);
    const without = withoutOption(options);
    const scenario = await scenarioOption(options, terminal.cwd);
    if (without.length === 0 && scenario === null)
      throw new UsageError('name what is lost with --without, such as --without aurora,host:north');
    const question = { without, ...stretchOption(options), ...(scenario === null ? {} : { scenario }) };
    const ask = (client: AdminClient): Promise<AdminAnswer> =>
      client.post('/admin/v1/drills/replay', question, { answerMs });
    return askAndJudge(invocation, true, ask, (body) => judge(terminal, body, requirements));
  },
};

export const drillList: Command = {
  name: 'drill list',
  summary: 'Drills whose reports are kept, the newest first',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, true, (client) => client.get('/admin/v1/drills'), drillsTable),
};

const idOf = (id: string): string => {
  if (isUuidV7(id)) return id;
  throw new UsageError(`${id} is no id of a drill: "archipel drill list" shows them`);
};

export const drillShow: Command = {
  name: 'drill show',
  summary: 'The report of a drill; with --json to be taken elsewhere',
  arguments: '<drill id>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => {
    const id = idOf(invocation.positionals[0] ?? '');
    return askAndPrint(invocation, true, (client) => client.get(`/admin/v1/drills/${id}`), drillText);
  },
};

const shareOption = (options: OptionValues, name: string): number | null => {
  const written = textOption(options, name);
  if (written === undefined) return null;
  const value = Number(written);
  if (!/^\d(?:\.\d{1,9})?$/.test(written) || value > 1)
    throw new UsageError(`--${name} takes a share from 0 to 1, such as 0.02, not ${written}`);
  return value;
};

export const drillCompare: Command = {
  name: 'drill compare',
  summary: 'How far two drills are apart, such as one that was predicted and one that was run',
  arguments: '<drill id> <drill id>',
  positionalsMin: 2,
  positionalsMax: 2,
  options: { ...connectOptions, within: { type: 'string' } },
  optionHelp: { within: 'end with 5 unless served share and cost are no further apart: 0.02', ...connectHelp },
  run: async (invocation) => {
    const { options, terminal, positionals } = invocation;
    const within = shareOption(options, 'within');
    const ids = positionals.map(idOf);
    const connection = await connect(invocation, true);
    try {
      const drills: unknown[] = [];
      for (const id of ids) {
        const answer = await connection.client.get(`/admin/v1/drills/${id}`);
        if (answer.status >= 400) return tellFault(terminal, answer);
        drills.push(printable(answer.body));
      }
      const distance = distanceOf(drills[0], drills[1]);
      terminal.out(`${options['json'] === true ? JSON.stringify(distance) : distanceTable(distance)}\n`);
      const { servedApart, costApart } = distance;
      const isNear = within === null || (servedApart !== null && servedApart <= within && (costApart ?? 0) <= within);
      return isNear ? exitCodes.ok : exitCodes.limitMissed;
    } finally {
      await connection.close();
    }
  },
};

/** How often a live drill is asked how it stands. */
const lookMs = 1_000;

const idIn = (body: unknown): string => {
  const { id } = record(body);
  return typeof id === 'string' ? id : '';
};

const isRunning = (body: unknown): boolean => record(record(body)['report'])['state'] === 'running';

/** Waits for the end of a drill; whoever breaks off, by the signal, ends it. @returns the last that the server said. */
const untilEnded = async (client: AdminClient, started: AdminAnswer, signal: AbortSignal): Promise<AdminAnswer> => {
  const path = `/admin/v1/drills/${idIn(started.body)}`;
  let told = started;
  while (told.status < 400 && isRunning(told.body)) {
    if (signal.aborted) return client.delete('/admin/v1/drills/live');
    await pause(lookMs);
    told = await client.get(path);
  }
  return told;
};

export const drillLive: Command = {
  name: 'drill live',
  summary: 'Make a part of the supply fail for a share of the running requests, for a time; it ends by itself',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    ...connectOptions,
    without: { type: 'string', multiple: true },
    share: { type: 'string' },
    team: { type: 'string' },
    key: { type: 'string' },
    for: { type: 'string' },
    'error-budget': { type: 'string' },
    require: { type: 'string', multiple: true },
    detach: { type: 'boolean' },
  },
  optionHelp: {
    without: 'what fails: VENDOR, host:NAME, jurisdiction:NAME, lab:NAME, provider:NAME, with commas between',
    share: 'share of the requests that meet it (default 0.1)',
    team: 'only requests of this team',
    key: 'only requests of the key of this name',
    for: `how long, a day at most (default ${liveDefault})`,
    'error-budget': 'share of the requests that meet it which may fail before it ends (default 0.01)',
    require:
      'end with 5 unless served=0.99 holds at the end (it ends so, too, where more failed than may; with 1 where it was stopped)',
    detach: 'do not wait for its end; "drill show" tells of it, "drill stop" ends it',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, terminal } = invocation;
    const without = withoutOption(options);
    if (without.length === 0) throw new UsageError('name what fails with --without, such as --without aurora');
    const requirements = requirementsOf(options);
    const [share, errorBudget] = [shareOption(options, 'share'), shareOption(options, 'error-budget')];
    const [team, key] = [textOption(options, 'team'), textOption(options, 'key')];
    const question = {
      without,
      forSeconds: Math.ceil(spanOption(options, 'for', liveDefault) / 1_000),
      ...(share === null ? {} : { share }),
      ...(errorBudget === null ? {} : { errorBudget }),
      ...(team === undefined ? {} : { team }),
      ...(key === undefined ? {} : { key }),
    };
    const isDetached = options['detach'] === true;
    const { signal, forget } = interruption();
    const ask = async (client: AdminClient): Promise<AdminAnswer> => {
      const started = await client.post('/admin/v1/drills/live', question);
      return isDetached || started.status >= 400 ? started : untilEnded(client, started, signal);
    };
    try {
      return await askAndJudge(invocation, false, ask, (body) => {
        const verdict = isDetached ? exitCodes.ok : judge(terminal, body, requirements);
        const short = isDetached ? null : cutShort(body, signal.aborted);
        if (short === null) return verdict;
        terminal.err(`archipel: the drill ended before its time: ${short.why}\n`);
        return verdict === exitCodes.ok ? short.code : verdict;
      });
    } finally {
      forget();
    }
  },
};

export const drillStop: Command = {
  name: 'drill stop',
  summary: 'End the live drill that is under way',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, false, (client) => client.delete('/admin/v1/drills/live'), drillText),
};
