import { textOption, UsageError, type OptionValues } from './Command.ts';

/** An option such as "told=ours,told=ours"; empty where it was not given. @param takes What it takes, with an example. @throws UsageError for anything else. */
export const pairsOption = (options: OptionValues, name: string, takes: string): ReadonlyMap<string, string> => {
  const written = (textOption(options, name) ?? '').split(',').flatMap((pair) => pair.trim() || []);
  return new Map(
    written.map((pair) => {
      const at = pair.lastIndexOf('=');
      const [told, ours] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
      if (at < 1 || told === '' || ours === '') throw new UsageError(`--${name} takes ${takes}, not ${pair}`);
      return [told, ours] as const;
    }),
  );
};
