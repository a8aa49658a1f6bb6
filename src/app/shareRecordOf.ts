import type { ShareRecord } from '../ledger/index.ts';
import type { AttemptTotal } from '../store/index.ts';

const readHosts = (text: string | null): Readonly<Record<string, number>> => {
  const parsed: unknown = text === null ? {} : JSON.parse(text);
  const hosts: Record<string, number> = {};
  for (const [name, share] of Object.entries(parsed ?? {})) if (typeof share === 'number') hosts[name] = share;
  return hosts;
};

/** What counts towards shares of many attempts at once, as if it were one of a moment. Unix milliseconds. */
export const shareRecordOf = ({ group, amountNanoUsd }: AttemptTotal, atMs: number): ShareRecord => ({
  vendor: group.vendor ?? '',
  hosts: readHosts(group.hosts ?? null),
  jurisdiction: group.jurisdiction ?? null,
  lab: group.lab ?? null,
  amountNanoUsd,
  startedAtMs: atMs,
});
