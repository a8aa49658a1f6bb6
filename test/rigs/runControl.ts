import { expect } from 'vitest';
import { explainFault } from './explainFault.ts';
import { clientWires, load, type ClientWire, type Outcome } from './load.ts';
import { openOutages, type Outages } from './openOutages.ts';
import { outages, vendorWords, type Outage } from './outage.ts';
import { removeServer } from './removeServer.ts';
import { clientKey } from './rivals.ts';
import { startServer, type Server } from './startServer.ts';

export interface ControlOptions {
  /** Of a cell. */
  readonly requests: number;
  readonly seed: number;
  /** Given what ends and removes a thing that was opened. */
  readonly onOpen: (end: () => Promise<void>) => void;
}

/** A cell of the matrix whose requests have one attempt each. */
export interface ControlCell {
  readonly vendor: string;
  readonly fault: Outage | 'none';
  readonly wire: ClientWire;
  readonly stream: boolean;
  readonly errors: number;
}

type Question = Omit<ControlCell, 'errors'>;

const kinds = clientWires.flatMap((wire) => [false, true].map((stream) => ({ wire, stream })));

/** A vendor that is only slow answers in time. */
const isHarmless = (fault: ControlCell['fault']): boolean => fault === 'none' || fault === 'slow';

const nameOf = ({ vendor, fault, wire, stream }: Question): string =>
  `${vendor}-${fault}-${wire}-${stream ? 'stream' : 'whole'}`;

/** Whether the vendor says that it has too much to do. All wires but one tell an overload so too, and on one of them it is what breaks streams. */
const asksForTime = ({ fault, vendor, stream }: Question): boolean => {
  if (fault === 'rate-limit') return true;
  if (fault === 'overload') return vendor !== 'aurora';
  return vendor === 'borealis' && fault === 'error-in-stream' && stream;
};

/** A single attempt that fails shows: these are our words for it and our status, whatever the vendor's were. */
const expectOwnWords = (question: Question, faulty: readonly Outcome[]): void => {
  const expected = asksForTime(question) ? '429 rate_limited' : '502 all_targets_failed';
  for (const { status, errorCode, fault, target } of faulty) {
    expect(target).toBe(`${nameOf(question)}/chat-small`);
    expect(`${status} ${errorCode}`, `${nameOf(question)}: ${fault}`).toBe(expected);
  }
};

const runCell = async (server: Server, question: Question, options: ControlOptions): Promise<ControlCell> => {
  const { requests, seed } = options;
  const name = nameOf(question);
  const outcomes = await load({
    url: server.url,
    key: clientKey,
    wire: question.wire,
    model: `${name}-first`,
    requests,
    concurrency: requests,
    seed,
    name: `control ${name}`,
    streamShare: question.stream ? 1 : 0,
  });
  const faulty = outcomes.filter(({ fault }) => fault !== null);
  expectOwnWords(question, faulty);
  expect(faulty.filter(({ fault }) => vendorWords.test(fault ?? ''))).toEqual([]);
  const harmless = isHarmless(question.fault);
  const why = harmless ? await explainFault(server, outcomes, seed) : name;
  expect(faulty.length > 0, why).toBe(!harmless);
  return { ...question, errors: faulty.length };
};

const startControl = async (world: Outages, questions: readonly Question[], onOpen: ControlOptions['onOpen']) => {
  const apart = questions.map((question) => ({
    name: nameOf(question),
    vendor: (question.fault === 'none' ? world.well : world.out(question.fault)).vendor(question.vendor),
  }));
  const configuration = world.well.configuration({ limits: { attempts: 1 }, apart });
  const server = await startServer({ configuration, env: world.well.env });
  onOpen(() => removeServer(server));
  return server;
};

/** The matrix again, without a second attempt: what it proves is that each of its faults bites. */
export const runControl = async (options: ControlOptions): Promise<readonly ControlCell[]> => {
  const world = await openOutages(options.seed);
  options.onOpen(() => world.close());
  const vendors = world.well.sandbox.vendors.map(({ name }) => name);
  const faults = (['none', ...outages] as const).flatMap((fault) => vendors.map((vendor) => ({ fault, vendor })));
  const questions = faults.flatMap((outage) => kinds.map((kind) => ({ ...outage, ...kind })));
  const server = await startControl(world, questions, options.onOpen);
  const cells: ControlCell[] = [];
  for (const outage of faults) {
    const four = questions.filter(({ fault, vendor }) => fault === outage.fault && vendor === outage.vendor);
    // The four kinds of clients at a time, since each has its own endpoint; but where nothing may go wrong one after the other.
    if (!isHarmless(outage.fault))
      cells.push(...(await Promise.all(four.map((each) => runCell(server, each, options)))));
    else for (const question of four) cells.push(await runCell(server, question, options));
  }
  return cells;
};
