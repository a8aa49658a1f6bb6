import { assert, isUuidV7, parseNanoUsd } from '../../kernel/index.ts';
import { isUsage } from '../../vocabulary/index.ts';
import type { FinalRecord, SpoolRecord } from '../../vocabulary/index.ts';

const checkFinal = (record: FinalRecord): void => {
  assert(isUsage(record.usage), 'usage holds whole units in known buckets');
  const amount = parseNanoUsd(record.amountNanoUsd);
  const lines = record.lines.reduce((total, line) => total + parseNanoUsd(line.amountNanoUsd), 0n);
  assert(lines === amount, `the lines of ${record.attemptId} sum to its amount`);
  parseNanoUsd(record.listNanoUsd);
  const [low, high] = record.rangeNanoUsd.map(parseNanoUsd);
  assert(low !== undefined && high !== undefined && low <= high, 'a range goes from low to high');
  assert(record.basis !== 'reported' || (low === amount && high === amount), 'a reported amount has no range');
};

/** Asserts what the database will rely on, where the record is written: a bad record must not reach the disk. */
export const checkRecord = (record: SpoolRecord): void => {
  assert(isUuidV7(record.requestId), 'a request id is a UUIDv7');
  assert(Number.isFinite(record.startedAtMs), 'a record has its time');
  if (record.type === 'request') {
    assert(record.attemptIds.every(isUuidV7), 'attempt ids are UUIDv7');
    return;
  }
  assert(isUuidV7(record.attemptId), 'an attempt id is a UUIDv7');
  if (record.type === 'intent') parseNanoUsd(record.holdNanoUsd);
  else checkFinal(record);
};
