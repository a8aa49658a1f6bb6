import type { InspectedSpool } from '../../store/index.ts';
import { findingsOf, type Finding } from './Finding.ts';

/** Records that a database takes in well under a minute. */
const backlogUsual = 100_000;

const { ok, warn } = findingsOf('spool');

/** Says how much of the spool is not in the database yet, beside a server that runs. */
export const judgeBacklog = (records: number): Finding =>
  records < backlogUsual
    ? ok(`${records} records are on their way into the database`)
    : warn(
        `${records} records wait for the database`,
        'look at the database: what waits is safe on disk, up to the limit of the spool',
      );

/** The same where no server runs. */
export const judgeSpool = (spool: InspectedSpool | null): readonly Finding[] => {
  if (spool === null) return [ok('the spool is made at the first start')];
  const { backlog, tornBytes, bytes, segments } = spool;
  const findings = [
    ok(`${segments} segments, ${bytes} bytes; the next start brings ${backlog} records into the database`),
  ];
  if (tornBytes > 0)
    findings.push(
      ok(`the last ${tornBytes} bytes were cut off in the middle of a write; the next start cuts them, and says so`),
    );
  return findings;
};
