import { AdminPlane } from './AdminPlane.ts';
import type { Outcome } from './load.ts';
import type { Server } from './startServer.ts';

const stderrLines = 25;

const fromLedger = async (server: Server, requestId: string | null): Promise<string> => {
  if (requestId === null) return 'no request id';
  try {
    return JSON.stringify(await new AdminPlane(server).ask('GET', `/admin/v1/requests/${requestId}`), null, 1);
  } catch (error) {
    return String(error);
  }
};

/** The end of what a server wrote to stderr. */
export const stderrTail = (server: Server): string =>
  server.stderr().trimEnd().split('\n').slice(-stderrLines).join('\n');

const explain = async (server: Server, seed: number, what: string, first: Outcome): Promise<string> =>
  [
    `ARCHIPEL_SEED=${seed}: ${what}; the first:`,
    JSON.stringify(first),
    await fromLedger(server, first.requestId),
    'stderr:',
    stderrTail(server),
  ].join('\n');

/** What no request gives cause to explain. */
export const nothingToExplain = (seed: number): string => `ARCHIPEL_SEED=${seed}`;

/** What a failing test needs to be understood: the first request that went wrong, its decisions, and the end of the log. */
export const explainFault = async (server: Server, outcomes: readonly Outcome[], seed: number): Promise<string> => {
  const faulty = outcomes.filter(({ fault }) => fault !== null);
  const [first] = faulty;
  if (first === undefined) return nothingToExplain(seed);
  return explain(server, seed, `${faulty.length} of ${outcomes.length} requests went wrong`, first);
};

/** The same for what is wrong with the records of requests. @param faults as `faultsOfAnswers` words them */
export const explainRecords = async (
  server: Server,
  faults: readonly string[],
  outcomes: readonly Outcome[],
  seed: number,
): Promise<string> => {
  const first = outcomes.find(
    ({ requestId }) => requestId !== null && faults.some((fault) => fault.includes(requestId)),
  );
  if (first === undefined) return nothingToExplain(seed);
  return explain(server, seed, `${faults.length} or more records are wrong`, first);
};
