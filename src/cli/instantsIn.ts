import { textOption, UsageError, type OptionValues } from './Command.ts';

/** The instants of `--from` and `--to` that were given, as a query has them. @throws UsageError for one that is none */
export const instantsIn = (options: OptionValues): Readonly<Record<string, string>> => {
  const instants: Record<string, string> = {};
  for (const name of ['from', 'to']) {
    const value = textOption(options, name);
    if (value === undefined) continue;
    if (Number.isNaN(Date.parse(value)))
      throw new UsageError(`--${name} takes an instant such as 2026-11-01T00:00:00Z, not ${value}`);
    instants[name] = new Date(value).toISOString();
  }
  return instants;
};
