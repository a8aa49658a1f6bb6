import { answer, answerStream, type Script } from '../ScriptedUpstream.ts';
import type { ConformanceRig } from './ConformanceRig.ts';
import { judgeAnswer, judgeBroken, judgeError, judgeRefused } from './judges.ts';
import { longAnswer, type AnswerScenario, type Scenario } from './scenarios.ts';
import type { Instead } from './skips.ts';
import { Unsayable, type Ask, type Client, type Said, type Vendor } from './Words.ts';

/** One square of the matrix. */
export interface Cell {
  readonly client: Client;
  readonly vendor: Vendor;
  readonly stream: boolean;
  readonly scenario: Scenario;
}

const words = 'the vendor says why';
const failed = { codes: ['all_targets_failed', 'rate_limited'] } as const;

export const streamOf = ({ streamType }: Vendor, events: readonly Uint8Array[]): Script =>
  answerStream(Buffer.concat(events), 'end', { 'content-type': streamType });

const answerOf = (vendor: Vendor, said: Said, stream: boolean): Script =>
  stream ? streamOf(vendor, vendor.saysStream(said)) : answer(200, vendor.says(said));

/** What is asked and said instead of what the scenario has, as by a gateway that does not pass it on as it was: for those who test the judges. */
export interface Damage {
  readonly ask?: (ask: Ask) => Ask;
  readonly said?: (said: Said) => Said;
}

const answered = async (
  rig: ConformanceRig,
  { client, vendor, stream }: Cell,
  scenario: AnswerScenario,
  { ask = (asked) => asked, said = (told) => told }: Damage,
): Promise<readonly string[]> => {
  const script = answerOf(vendor, said(scenario.said), stream);
  const exchanged = await rig.exchange(client, vendor, ask(scenario.ask), stream, script);
  return judgeAnswer(client, vendor, scenario, stream, exchanged);
};

/** A stream of these events alone: before the content its end is an error, afterwards an error within it. */
const broken = async (
  rig: ConformanceRig,
  { client, vendor }: Cell,
  events: readonly Uint8Array[],
): Promise<readonly string[]> => {
  const exchanged = await rig.exchange(client, vendor, longAnswer.ask, true, streamOf(vendor, events));
  return exchanged.status === 200
    ? judgeBroken(client, longAnswer, exchanged)
    : judgeError(client, failed, words, exchanged);
};

const cut = async (rig: ConformanceRig, cell: Cell): Promise<readonly string[]> => {
  const { client, vendor, stream } = cell;
  if (!stream) {
    const whole = JSON.stringify(vendor.says(longAnswer.said));
    const script = answer(200, whole.slice(0, whole.length / 2));
    return judgeError(client, failed, words, await rig.exchange(client, vendor, longAnswer.ask, false, script));
  }
  const events = vendor.saysStream(longAnswer.said);
  const complaints: string[] = [];
  for (let count = 1; count < vendor.wholeAfter(events); count++) {
    const found = await broken(rig, cell, events.slice(0, count));
    complaints.push(...found.map((one) => `after ${count} events, ${one}`));
  }
  return complaints;
};

/** Where the content of the long answer has begun, and is far from its end. */
const faulty = async (
  rig: ConformanceRig,
  cell: Cell,
  at: 'before content' | 'after content',
): Promise<readonly string[]> => {
  const { client, vendor } = cell;
  const events = vendor.saysStream(longAnswer.said);
  const begun = at === 'before content' ? [] : events.slice(0, Math.floor(events.length / 2));
  const exchanged = await rig.exchange(
    client,
    vendor,
    longAnswer.ask,
    true,
    streamOf(vendor, [...begun, vendor.saysFault(words)]),
  );
  return at === 'before content'
    ? judgeError(client, failed, words, exchanged)
    : judgeBroken(client, longAnswer, exchanged);
};

/** Plays a scenario and says what is wrong with what came of it. @throws {Unsayable} where one of the two has no word for it. */
export const runCell = async (rig: ConformanceRig, cell: Cell, damage: Damage = {}): Promise<readonly string[]> => {
  const { client, vendor, stream, scenario } = cell;
  switch (scenario.kind) {
    case 'answer':
      return answered(rig, cell, scenario, damage);
    case 'error': {
      const { body, headers } = vendor.saysError(scenario.status, words);
      const script = answer(scenario.status, body, headers);
      const exchanged = await rig.exchange(client, vendor, longAnswer.ask, stream, script);
      return judgeError(client, scenario.expected, words, exchanged);
    }
    case 'fault':
      return faulty(rig, cell, scenario.at);
    case 'cut':
      return cut(rig, cell);
  }
};

const isUnsayable = (say: () => unknown): boolean => {
  try {
    say();
    return false;
  } catch (error) {
    if (error instanceof Unsayable) return true;
    throw error;
  }
};

/** Whether what stands in place of a skipped scenario holds: that nobody can say it, or that the client is told why it is refused. */
export const runSkipped = async (
  rig: ConformanceRig,
  { client, vendor, stream, scenario }: Cell,
  instead: Instead,
): Promise<readonly string[]> => {
  if (scenario.kind !== 'answer') return ['only questions and answers can be left out'];
  const { ask, said } = scenario;
  if (instead.kind === 'refused') {
    const exchanged = await rig.exchange(client, vendor, ask, stream, answerOf(vendor, said, stream));
    return judgeRefused(client, instead.naming, exchanged);
  }
  if (instead.kind === 'vendor refuses') {
    const { body, headers } = vendor.saysError(400, words);
    const exchanged = await rig.exchange(client, vendor, ask, stream, answer(400, body, headers));
    return judgeError(client, { status: 400 }, words, exchanged);
  }
  const say =
    instead.by === 'client'
      ? () => client.says(ask, stream, vendor.model, '')
      : () => (stream ? vendor.saysStream(said) : vendor.says(said));
  return isUnsayable(say) ? [] : [`the ${instead.by} can say it: take it off the list of skips`];
};
