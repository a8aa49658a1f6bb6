import { isRunning, readControlFile, startControlAlone } from '../app/index.ts';
import { LeanTransport } from '../egress/index.ts';
import { AdminClient, type AdminAnswer } from './AdminClient.ts';
import {
  exitCodes,
  textOption,
  UsageError,
  type ExitCode,
  type Invocation,
  type OptionValues,
  type Terminal,
} from './Command.ts';
import { record } from './record.ts';
import { printable, printableLines } from './text/printable.ts';

/** Options of every command that speaks to the control plane. */
export const connectOptions = {
  url: { type: 'string' },
  'admin-key': { type: 'string' },
  'data-dir': { type: 'string' },
  config: { type: 'string' },
} as const;

export const connectHelp: Readonly<Record<string, string>> = {
  url: 'URL of the control plane (else ARCHIPEL_ADMIN_URL, else <data dir>/control.json)',
  'admin-key': 'admin key (else ARCHIPEL_ADMIN_KEY, else <data dir>/control.json)',
  'data-dir': 'data directory of the server',
  config: 'configuration file',
};

/** No server runs where one was looked for. */
export class NoServerError extends UsageError {}

/** A connection to the control plane, and how to end it. */
export interface Connection {
  readonly client: AdminClient;
  close(): Promise<void>;
}

const keyOf = (options: OptionValues, terminal: Terminal): string | undefined =>
  textOption(options, 'admin-key') ?? terminal.env['ARCHIPEL_ADMIN_KEY'];

/**
 * Reaches the control plane: by option, by environment, or by the data directory's control file.
 * @param alone Whether the command also works on the database alone, where no server runs.
 * @throws NoServerError where it does not and none runs; UsageError where it is named wrongly.
 */
export const connect = async (invocation: Invocation, alone: boolean): Promise<Connection> => {
  const { options, terminal } = invocation;
  const url = textOption(options, 'url') ?? terminal.env['ARCHIPEL_ADMIN_URL'];
  const key = keyOf(options, terminal);
  if (url !== undefined) {
    if (!URL.canParse(url)) throw new UsageError(`${url} is no URL: write it as http://127.0.0.1:8788`);
    if (key === undefined) throw new UsageError('a URL was given without a key: add --admin-key or ARCHIPEL_ADMIN_KEY');
    return connectionTo(url, key);
  }
  const where = {
    config: textOption(options, 'config'),
    dataDir: textOption(options, 'data-dir'),
    env: terminal.env,
    cwd: terminal.cwd,
    tell: (text: string) => terminal.err(text),
  };
  const control = readControlFile(where);
  if (control && isRunning(control)) return connectionTo(control.adminUrl, key ?? control.adminKey);
  if (!alone) {
    throw new NoServerError(
      'no server runs on this data directory: start one with "archipel up", or name one with --data-dir, or with --url and --admin-key',
    );
  }
  const started = await startControlAlone(where);
  return connectionTo(started.adminUrl, started.adminKey, () => started.stop());
};

const connectionTo = (url: string, key: string, stop?: () => Promise<void>): Connection => {
  const transport = new LeanTransport();
  return {
    client: new AdminClient(transport, url, key),
    close: async () => {
      await transport.close();
      await stop?.();
    },
  };
};

/**
 * Asks, prints with `render` (or JSON), and turns what came into an exit code.
 * @param holds whether the answer says that what was asked about is so; where it is not, the command has failed.
 */
export const askAndPrint = async (
  invocation: Invocation,
  alone: boolean,
  ask: (client: AdminClient) => Promise<AdminAnswer>,
  render: (body: unknown) => string,
  holds: (body: unknown) => boolean = () => true,
): Promise<ExitCode> => {
  const connection = await connect(invocation, alone);
  try {
    const { status, body } = await ask(connection.client);
    const { terminal, options } = invocation;
    if (status >= 400) return tellFault(terminal, { status, body });
    terminal.out(`${options['json'] === true ? JSON.stringify(body) : render(printable(body))}\n`);
    return holds(body) ? exitCodes.ok : exitCodes.failed;
  } finally {
    await connection.close();
  }
};

/** Tells why the control plane did not do what it was asked. @returns what the command ends with. */
export const tellFault = (terminal: Terminal, { status, body }: AdminAnswer): ExitCode => {
  terminal.err(`archipel: ${printableLines(faultText(status, body))}\n`);
  return status === 401 || status === 403 ? exitCodes.authentication : exitCodes.failed;
};

/** What was wrong, and on a second line how to mend it. */
const faultText = (status: number, body: unknown): string => {
  const { message, mend } = record(record(body)['error']);
  if (typeof message !== 'string') return `the control plane answered ${status}`;
  const cure = status === 401 ? 'Give one with --admin-key or ARCHIPEL_ADMIN_KEY.' : mend;
  // What mends a wrong name or value stands in the message; the rest is about the shape of the API.
  return typeof cure !== 'string' || status === 400 || status === 404 ? message : `${message}\n${cure}`;
};
