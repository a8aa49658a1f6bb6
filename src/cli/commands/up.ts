import { startArchipel, type Running } from '../../app/index.ts';
import { LeanTransport } from '../../egress/index.ts';
import { errorMessage } from '../../kernel/index.ts';
import { AdminClient } from '../AdminClient.ts';
import { exitCodes, portOption, textOption, type Command, type OptionValues, type Terminal } from '../Command.ts';
import { firstScreen } from '../firstScreen.ts';

const announcement = (running: Running): string =>
  JSON.stringify({
    url: running.url,
    adminUrl: running.adminUrl,
    key: running.key,
    adminKey: running.adminKey,
    dataDir: running.dataDir,
    pid: process.pid,
    version: running.version,
  });

const quoted = (path: string): string =>
  /^[\w./~:@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;

/** What other commands must be told to find this server, where they would not look for it by themselves. */
const found = (options: OptionValues, running: Running): string => {
  if (textOption(options, 'data-dir') !== undefined) return ` --data-dir ${quoted(running.dataDir)}`;
  const named = textOption(options, 'config') !== undefined && running.configurationFile !== null;
  return named ? ` --config ${quoted(running.configurationFile)}` : '';
};

const showFirstScreen = async (running: Running, options: OptionValues, terminal: Terminal): Promise<void> => {
  const transport = new LeanTransport();
  try {
    const client = new AdminClient(transport, running.adminUrl, running.adminKey);
    const [contracts, dependency] = await Promise.all([
      client.get('/admin/v1/contracts'),
      client.get('/admin/v1/dependency'),
    ]);
    terminal.out(
      firstScreen({
        ...running,
        contracts: contracts.status === 200 ? contracts.body : null,
        dependency: dependency.body,
        found: found(options, running),
      }),
    );
  } finally {
    await transport.close();
  }
};

interface Signals {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly told: Promise<void>;
  /** What the second one does, in place of ending the process at once as a third does. */
  onSecond(act: () => void): void;
}

const listenToSignals = (): Signals => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const endAtOnce = (): void => process.exit(exitCodes.failed);
  let hurry = endAtOnce;
  const acts = [resolve, () => hurry()];
  const tell = (): void => (acts.shift() ?? endAtOnce)();
  process.on('SIGTERM', tell);
  process.on('SIGINT', tell);
  return {
    told: promise,
    onSecond: (act) => {
      hurry = act;
    },
  };
};

export const up: Command = {
  name: 'up',
  summary: 'Start the server; without a configuration, with simulated vendors',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    config: { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string' },
    'admin-port': { type: 'string' },
    'data-dir': { type: 'string' },
  },
  optionHelp: {
    config: 'configuration file (else ARCHIPEL_CONFIG, else ./archipel.yaml, else the sandbox)',
    host: 'address that clients call',
    port: 'port that clients call; 0 takes a free one',
    'admin-port': 'port of the control plane; 0 takes a free one',
    'data-dir': 'where the database and the spool live',
  },
  run: async ({ options, terminal }) => {
    const signals = listenToSignals();
    const running = await startArchipel({
      config: textOption(options, 'config'),
      host: textOption(options, 'host'),
      port: portOption(options, 'port'),
      adminPort: portOption(options, 'admin-port'),
      dataDir: textOption(options, 'data-dir'),
      env: terminal.env,
      cwd: terminal.cwd,
      tell: (text) => terminal.err(text),
    });
    signals.onSecond(() => running.hurry());
    try {
      if (options['json'] === true) terminal.out(`${announcement(running)}\n`);
      else {
        // Whatever the control plane has to say about it: who serves goes on serving, and ends when it is told to.
        const shown = showFirstScreen(running, options, terminal).catch((error: unknown) =>
          terminal.err(
            `Serving at ${running.url}. What belongs on this page could not be read: ${errorMessage(error)}. Ask again with archipel contracts and archipel dependency.\n`,
          ),
        );
        await Promise.race([shown, signals.told]);
      }
      await signals.told;
    } finally {
      await running.stop();
    }
    return exitCodes.ok;
  },
};
