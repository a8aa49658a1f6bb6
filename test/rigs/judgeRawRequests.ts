import { RawConnection } from './RawConnection.ts';
import { rawRequests, smuggledMark, type RawCall, type RawRequest } from './rawRequests.ts';

/** Longest that one exchange may take until its connection has ended. */
const exchangeMs = 8_000;

/** Clients at once, where nobody stands in between and where somebody does. */
const directClients = 16;
const proxiedClients = 4;

/** What came of one request on one way. */
interface Outcome {
  readonly request: RawRequest;
  readonly index: number;
  readonly prefix: string;
  /** Statuses of the final answers, in order. */
  readonly statuses: readonly number[];
  /** Whether the server ended the connection by itself. */
  readonly closedIt: boolean;
  /** What the next client was answered, who sent a call of its own. */
  readonly nextClient: string;
}

/** A way to what is judged. */
export interface Way {
  readonly name: string;
  readonly url: string;
  /** Nobody stands in between: then the verdict of each request holds. */
  readonly direct: boolean;
}

export interface Judged {
  /** What was read in two ways, or served though it was not to be; one line each. Empty where all is well. */
  readonly faults: readonly string[];
  readonly requests: number;
  /** How many requests came through to be served, by way. */
  readonly served: Readonly<Record<string, number>>;
}

const statusesIn = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status)).filter((status) => status >= 200);

const timeOut = (ms: number): { readonly over: Promise<'late'>; clear(): void } => {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), ms);
  return { over: promise, clear: () => clearTimeout(timer) };
};

/** Writes the bytes, waits for the answers that are due, then ends the own side where the other keeps the connection. */
const exchange = async (
  { url, direct }: Way,
  { bytes, verdict, intended }: RawRequest,
): Promise<Pick<Outcome, 'statuses' | 'closedIt'>> => {
  using connection = await RawConnection.open(url);
  const limit = timeOut(exchangeMs);
  await connection.write(bytes);
  const due = verdict === 'served' ? intended.length : 1;
  const answered = connection
    .until((text) => statusesIn(text).length >= due)
    .then(
      () => 'answered' as const,
      () => 'closed' as const,
    );
  let closedIt = (await Promise.race([answered, limit.over])) === 'closed';
  const closed = connection.closed().then(() => 'closed' as const);
  const isRefused = statusesIn(connection.text).every((status) => status >= 400);
  if (direct && verdict === 'refused' && isRefused && !closedIt)
    closedIt = (await Promise.race([closed, limit.over])) === 'closed';
  if (!closedIt) {
    connection.halfClose();
    await Promise.race([closed, limit.over]);
  }
  limit.clear();
  return { statuses: statusesIn(connection.text), closedIt };
};

/** Another client's call, which must be answered with what it asked. */
const nextClient = async (url: string, call: RawCall, mark: string): Promise<string> => {
  using connection = await RawConnection.open(url);
  await connection.write(call.nextClient(mark));
  const limit = timeOut(exchangeMs);
  await Promise.race([connection.closed(), limit.over]);
  limit.clear();
  return connection.text;
};

const nextMark = (prefix: string, index: number): string => `${prefix}-${index}-next`;

/** Sends the corpus on one way, each request with its next client behind it. */
const sendAll = async (way: Way, call: RawCall, prefix: string): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = [];
  const left = [...rawRequests(call, prefix).entries()];
  const sendNext = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, request] = next;
      const exchanged = await exchange(way, request);
      const text = await nextClient(way.url, call, nextMark(prefix, index));
      outcomes.push({ request, index, prefix, ...exchanged, nextClient: text });
    }
  };
  await Promise.all(Array.from({ length: way.direct ? directClients : proxiedClients }, sendNext));
  return outcomes;
};

const same = (one: readonly string[], other: readonly string[]): boolean => one.join() === other.join();

/** What is wrong with one outcome. @param seen Marks that were called, all of them. */
const faultsOf = (way: Way, outcome: Outcome, seen: readonly string[]): readonly string[] => {
  const { request, index, prefix, statuses, closedIt } = outcome;
  const faults: string[] = [];
  const own = request.intended.flatMap((mark) => seen.filter((one) => one === mark));
  const hidden = seen.filter((mark) => mark === smuggledMark(prefix, index));
  if (hidden.length > 0 && (way.direct || !request.hiddenBehind)) faults.push('the hidden request was read');
  if (!same(own, request.intended.slice(0, own.length))) faults.push(`was read as ${own.join(', ')}`);
  if (!outcome.nextClient.includes(nextMark(prefix, index)))
    faults.push(`the next client was told ${JSON.stringify(outcome.nextClient.slice(0, 80))}`);
  if (way.direct) {
    const { verdict } = request;
    if (verdict === 'served' && (own.length < request.intended.length || statuses.some((status) => status >= 300)))
      faults.push(`was not served: ${statuses.join(', ')}`);
    if ((verdict === 'refused' || verdict === 'answered') && own.length > 0) faults.push('was served');
    if (verdict === 'refused' && (statuses.length > 1 || statuses.some((status) => status < 400)))
      faults.push(`was answered with ${statuses.join(', ')}`);
    if (verdict === 'refused' && !closedIt) faults.push('the connection stayed open');
    if (statuses.length > request.intended.length) faults.push(`was answered ${statuses.length} times`);
  }
  return faults.map((fault) => `${way.name}: ${request.name}: ${fault}`);
};

/**
 * Sends each request of the corpus on each way, and each time a plain call of another client after it.
 * @param seenMarks All marks that were called behind what is judged, in order.
 */
export const judgeRawRequests = async (
  ways: readonly Way[],
  call: RawCall,
  seenMarks: () => Promise<readonly string[]>,
): Promise<Judged> => {
  const prefixOf = (way: Way): string => `raw-${way.name}`;
  const sent = await Promise.all(ways.map((way) => sendAll(way, call, prefixOf(way))));
  const seen = await seenMarks();
  const readings = new Map<string, Set<string>>();
  const served: Record<string, number> = {};
  const faults = ways.flatMap((way, at) =>
    (sent[at] ?? []).flatMap((outcome) => {
      const { name, intended } = outcome.request;
      const own = intended.filter((mark) => seen.includes(mark)).map((mark) => mark.slice(prefixOf(way).length));
      if (own.length > 0) {
        served[way.name] = (served[way.name] ?? 0) + 1;
        const known = readings.get(name) ?? new Set();
        readings.set(name, known.add(own.join()));
      }
      return faultsOf(way, outcome, seen);
    }),
  );
  const torn = [...readings].filter(([, those]) => those.size > 1).map(([name]) => `${name}: was read in two ways`);
  return { faults: [...faults, ...torn], requests: sent[0]?.length ?? 0, served };
};
