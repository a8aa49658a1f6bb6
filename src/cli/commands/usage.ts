import { readUsageGroups, usageGroups, usageGroupsMax } from '../../http/index.ts';
import { inputBuckets, outputBuckets, type UsageBucket } from '../../vocabulary/index.ts';
import { textOption, UsageError, type Command, type OptionValues } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { instantsIn } from '../instantsIn.ts';
import { record, records, text } from '../record.ts';
import { count } from '../text/count.ts';
import { dollars } from '../text/dollars.ts';
import { hours } from '../text/hours.ts';
import { percent } from '../text/percent.ts';
import { table } from '../text/table.ts';

const unitsIn = (row: ReturnType<typeof record>, buckets: readonly UsageBucket[]): number => {
  const usage = record(row['usage']);
  return buckets.reduce((sum, bucket) => sum + Number(usage[bucket] ?? 0), 0);
};

const acceleratorHours = (row: ReturnType<typeof record>): number => unitsIn(row, ['acceleratorSeconds']) / 3_600;

/** Usage of the API as a table; hours of accelerators, and the share of input that was read from prompt caches, have a column where there are any. */
export const usageTable = (body: unknown): string => {
  const answer = record(body);
  const rows = records(answer['rows']);
  const hasHours = rows.some((row) => acceleratorHours(row) > 0);
  const hasCached = rows.some((row) => Number(row['cacheReadShare'] ?? 0) > 0);
  return table(
    [
      { head: text(answer['groupBy']).toUpperCase() },
      { head: 'ATTEMPTS', right: true },
      { head: 'TOKENS IN', right: true },
      ...(hasCached ? [{ head: 'FROM CACHE', right: true }] : []),
      { head: 'TOKENS OUT', right: true },
      ...(hasHours ? [{ head: 'ACCELERATOR HOURS', right: true }] : []),
      { head: 'COST', right: true },
      { head: 'AT LIST', right: true },
      { head: 'UNKNOWN UP TO', right: true },
    ],
    rows.map((row) => [
      text(row['group']),
      count(row['attempts']),
      count(unitsIn(row, inputBuckets)),
      ...(hasCached ? [percent(row['cacheReadShare'])] : []),
      count(unitsIn(row, outputBuckets)),
      ...(hasHours ? [hours(acceleratorHours(row))] : []),
      dollars(row['amountNanoUsd']),
      dollars(row['listNanoUsd']),
      dollars(row['unknownUpToNanoUsd']),
    ]),
  );
};

const groupsOption = (options: OptionValues): string => {
  const written = textOption(options, 'by') ?? 'vendor';
  if (readUsageGroups(written) === null)
    throw new UsageError(
      `--by takes one of ${usageGroups.join(', ')}, not ${written}; or two or ${usageGroupsMax} of them but host, such as vendor,model`,
    );
  return written;
};

export const usage: Command = {
  name: 'usage',
  summary: 'What was used and what it cost',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    ...connectOptions,
    by: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    fresh: { type: 'boolean' },
  },
  optionHelp: {
    by: `group by ${usageGroups.join(', ')} (default vendor), or by several: vendor,model`,
    from: 'first instant, such as 2026-11-01T00:00:00Z',
    to: 'first instant after',
    fresh: 'wait until every record so far is counted',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options } = invocation;
    const query = new URLSearchParams({ groupBy: groupsOption(options), ...instantsIn(options) });
    if (options['fresh'] === true) query.set('fresh', 'true');
    return askAndPrint(invocation, true, (client) => client.get(`/admin/v1/usage?${query.toString()}`), usageTable);
  },
};
