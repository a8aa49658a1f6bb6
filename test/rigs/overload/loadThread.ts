// A generator in a thread of its own. Open loop: a request is due when it is due, whatever became of those before it, and its latency counts from then.
import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Chance } from '../Chance.ts';
import type { LoadPlan, LoadReport, TenantReport } from './openLoad.ts';

const { port, tenants, ratePerS, concurrency, seconds, warmUpS, deadlineMs, seed }: LoadPlan = workerData;

const chance = new Chance(seed);
/** Connections that clients keep, all opened at the start; a request that finds none free is as good as lost. */
const connectionsMax = 2_000;

interface Report {
  asked: number;
  good: number;
  late: number;
  shed: number;
  failed: number;
  readonly goodMs: number[];
  readonly shedMs: number[];
  readonly retryAfterS: number[];
  readonly faults: Set<string>;
}

const reports: Report[] = tenants.map(() => ({
  asked: 0,
  good: 0,
  late: 0,
  shed: 0,
  failed: 0,
  goodMs: [],
  shedMs: [],
  retryAfterS: [],
  faults: new Set(),
}));

const requestBytes = tenants.map(({ requests }) =>
  requests.map(({ path, key, body }) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n` +
        `anthropic-version: 2023-06-01\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  ),
);

const totalShare = tenants.reduce((sum, { share }) => sum + share, 0);

const drawTenant = (): number => {
  let left = chance.next() * totalShare;
  const found = tenants.findIndex(({ share }) => (left -= share) < 0);
  return found < 0 ? tenants.length - 1 : found;
};

/** What is wanted of an answer: that it ends as such an answer must. */
interface Pending {
  readonly tenant: number;
  readonly end: string;
  readonly dueMs: number;
  readonly isCounted: boolean;
  readonly over: () => void;
}

/** Whether an answer is all there, how long it is, and what it says. */
const readAnswer = (
  text: string,
): { readonly length: number; readonly status: number; readonly head: string } | null => {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = text.slice(0, headEnd).toLowerCase();
  const status = Number(text.slice(9, 12));
  const announced = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (announced !== undefined) {
    const length = headEnd + 4 + Number(announced);
    return text.length < length ? null : { length, status, head };
  }
  return text.endsWith('0\r\n\r\n') ? { length: text.length, status, head } : null;
};

class Connection {
  readonly #socket: Socket;
  #text = '';
  #pending: Pending | null = null;
  #isGone = false;
  isOpen = true;
  /** Resolves when it stands, or when it cannot be had. */
  readonly opened: Promise<void>;

  constructor() {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.opened = new Promise((resolve) => {
      this.#socket.once('connect', () => resolve());
      this.#socket.once('close', () => resolve());
    });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (piece: string) => this.#take(piece));
    this.#socket.on('error', (error) => this.#broken(error.message));
    this.#socket.on('close', () => this.#broken('closed'));
  }

  ask(bytes: Buffer, pending: Pending): void {
    this.#pending = pending;
    this.#text = '';
    this.#socket.write(bytes);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(piece: string): void {
    this.#text += piece;
    const answer = readAnswer(this.#text);
    const pending = this.#pending;
    if (answer === null || pending === null) return;
    this.#pending = null;
    const closes = answer.head.includes('\r\nconnection: close');
    if (closes) this.isOpen = false;
    settle(pending, answer.status, answer.head, this.#text);
    if (this.isOpen) idle.push(this);
    pending.over();
  }

  #broken(why: string): void {
    if (!this.#isGone) opened -= 1;
    this.#isGone = true;
    this.isOpen = false;
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    if (pending.isCounted) fail(pending.tenant, why);
    pending.over();
  }
}

const idle: Connection[] = [];
let opened = 0;
const all: Connection[] = [];

const connection = (): Connection | null => {
  for (let one = idle.pop(); one !== undefined; one = idle.pop()) if (one.isOpen) return one;
  if (opened >= connectionsMax) return null;
  opened += 1;
  const made = new Connection();
  all.push(made);
  return made;
};

const fail = (tenant: number, why: string): void => {
  const report = reports[tenant]!;
  report.failed += 1;
  if (report.faults.size < 5) report.faults.add(why);
};

const settle = ({ tenant, end, dueMs, isCounted }: Pending, status: number, head: string, text: string): void => {
  const report = reports[tenant]!;
  const tookMs = performance.now() - dueMs;
  if (status === 200 && tookMs <= deadlineMs) goodInAll += 1;
  if (!isCounted) return;
  if (status === 503) {
    report.shed += 1;
    report.shedMs.push(tookMs);
    report.retryAfterS.push(Number(/\r\nretry-after: (\d+)/.exec(head)?.[1] ?? 'NaN'));
  } else if (status !== 200 || !text.includes(end)) fail(tenant, `${status}: ${text.slice(-200)}`);
  else if (tookMs > deadlineMs) report.late += 1;
  else {
    report.good += 1;
    report.goodMs.push(tookMs);
  }
};

// A server that is slow to accept connections would be protected by that alone: they stand before the load begins.
const first = Array.from({ length: connectionsMax }, () => connection()).filter((one) => one !== null);
await Promise.all(first.map((one) => one.opened));
for (const one of first) if (one.isOpen) idle.push(one);

const startedMs = performance.now();
const countedFromMs = startedMs + warmUpS * 1_000;
const endMs = countedFromMs + seconds * 1_000;
let pendingCount = 0;
let goodInAll = 0;

const ask = (dueMs: number, over: () => void): void => {
  const tenant = drawTenant();
  const isCounted = dueMs >= countedFromMs;
  const kinds = requestBytes[tenant]!;
  const kind = chance.below(kinds.length);
  if (isCounted) reports[tenant]!.asked += 1;
  const on = connection();
  if (on === null) {
    // As many are waited for as there may be: this one would be the last of them.
    if (isCounted) reports[tenant]!.late += 1;
    over();
    return;
  }
  pendingCount += 1;
  const pending = { tenant, end: tenants[tenant]!.requests[kind]!.end, dueMs, isCounted };
  on.ask(kinds[kind]!, {
    ...pending,
    over: () => {
      pendingCount -= 1;
      over();
    },
  });
};

const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

const reportOf = ({ goodMs, shedMs, retryAfterS, faults, ...counts }: Report): TenantReport => ({
  ...counts,
  goodMsP50: percentile(goodMs, 0.5),
  goodMsP99: percentile(goodMs, 0.99),
  shedMsP50: percentile(shedMs, 0.5),
  shedMsP99: percentile(shedMs, 0.99),
  retryAfterSMin: Math.min(...retryAfterS),
  retryAfterSMax: Math.max(...retryAfterS),
  faults: [...faults],
});

const finish = (): void => {
  for (const one of all) one.destroy();
  const merged: Report = {
    asked: 0,
    good: 0,
    late: 0,
    shed: 0,
    failed: 0,
    goodMs: reports.flatMap(({ goodMs }) => goodMs),
    shedMs: reports.flatMap(({ shedMs }) => shedMs),
    retryAfterS: reports.flatMap(({ retryAfterS }) => retryAfterS),
    faults: new Set(reports.flatMap(({ faults }) => [...faults])),
  };
  for (const { asked, good, late, shed, failed } of reports) {
    merged.asked += asked;
    merged.good += good;
    merged.late += late;
    merged.shed += shed;
    merged.failed += failed;
  }
  const report: LoadReport = { seconds, goodInAll, all: reportOf(merged), tenants: reports.map(reportOf) };
  parentPort?.postMessage(report);
};

/** What still runs at the end is waited for as long as it could be good. */
const drain = (): void => {
  if (pendingCount === 0 || performance.now() > endMs + deadlineMs + 500) finish();
  else setTimeout(drain, 20);
};

const openLoop = (rate: number): void => {
  let dueMs = startedMs;
  const tick = (): void => {
    const nowMs = performance.now();
    while (dueMs <= nowMs && dueMs < endMs) {
      ask(dueMs, () => {});
      dueMs += (-Math.log(1 - chance.next()) * 1_000) / rate;
    }
    if (dueMs >= endMs) drain();
    else setTimeout(tick, Math.max(1, dueMs - performance.now()));
  };
  tick();
};

const closedLoop = (clients: number): void => {
  let running = clients;
  const again = (): void => {
    const nowMs = performance.now();
    if (nowMs < endMs) return ask(nowMs, () => void setImmediate(again));
    running -= 1;
    if (running === 0) drain();
  };
  for (let client = 0; client < clients; client += 1) again();
};

if (concurrency === null) openLoop(ratePerS ?? 1);
else closedLoop(concurrency);
