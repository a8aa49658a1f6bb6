import { loadOperating, type Finding } from '../../app/index.ts';
import { exitCodes, textOption, type Command } from '../Command.ts';
import { printableLines } from '../text/printable.ts';

const marks = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

const line = ({ level, check, subject, what, mend }: Finding, width: number): string => {
  const head = `${marks[level]}  ${check.padEnd(width)}  ${subject === null ? '' : `${subject}: `}${what}`;
  return mend === null ? head : `${head}\n${' '.repeat(width + 8)}${mend}`;
};

const said = (findings: readonly Finding[]): string => {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const failed = findings.filter(({ level }) => level === 'fail').length;
  const warned = findings.filter(({ level }) => level === 'warn').length;
  const end = failed + warned === 0 ? 'Nothing is wrong.' : `${failed} failed, ${warned} to look at.`;
  return `${findings.map((finding) => line(finding, width)).join('\n')}\n\n${end}\n`;
};

export const doctor: Command = {
  name: 'doctor',
  summary: 'Look at everything that a server needs, and say how to mend what is wrong',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: { config: { type: 'string' }, 'data-dir': { type: 'string' }, offline: { type: 'boolean' } },
  optionHelp: {
    config: 'configuration file (else ARCHIPEL_CONFIG, else ./archipel.yaml)',
    'data-dir': 'data directory of the server',
    offline: 'ask no provider',
  },
  run: async ({ options, terminal }) => {
    const { examine } = await loadOperating();
    const { healthy, findings } = await examine({
      config: textOption(options, 'config'),
      dataDir: textOption(options, 'data-dir'),
      env: terminal.env,
      cwd: terminal.cwd,
      tell: () => {},
      providers: options['offline'] !== true,
    });
    const text =
      options['json'] === true ? `${JSON.stringify({ healthy, findings })}\n` : printableLines(said(findings));
    terminal.out(text);
    return healthy ? exitCodes.ok : exitCodes.failed;
  },
};
