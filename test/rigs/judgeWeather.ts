import { inBandError } from './clients/Reading.ts';
import { extraCallsFigure } from './figures.ts';
import type { Outcome } from './load.ts';
import type { BillLine } from './rivals.ts';

/** What clients had of a time in which one vendor after the other was in trouble, by what they read and what the vendors billed; the gateway is not asked. */
export interface WeatherVerdict {
  readonly requests: number;
  /** Requests that were not let in, because the machine has too much to do: they are not counted anywhere else. */
  readonly shed: number;
  /** Requests that ended in an error though nothing of their answer had come. */
  readonly errorsBeforeContent: number;
  /** Answers that broke off, and the client was told so. */
  readonly toldBreaks: number;
  /** Answers that broke off, and the client could take them for whole, or must guess. */
  readonly silentTruncations: number;
  /** Calls beyond one a request, as the vendors count those that reached them, or as clients are told, whichever is more. */
  readonly extraCalls: number;
}

const okStatus = 200;

const soldTokens = ({ tokens }: BillLine): number => (tokens['output'] ?? 0) + (tokens['reasoning'] ?? 0);

/** Whole answers of so many tokens that no vendor wrote to the end so often: what is missing of them was cut off. */
const unsoldWholes = (wholes: readonly Outcome[], bills: readonly BillLine[]): number => {
  const left = new Map<number, number>();
  for (const line of bills.filter(({ complete }) => complete))
    left.set(soldTokens(line), (left.get(soldTokens(line)) ?? 0) + 1);
  return wholes.filter(({ tokens }) => {
    const lines = left.get(tokens ?? 0) ?? 0;
    left.set(tokens ?? 0, lines - 1);
    return lines <= 0;
  }).length;
};

/** @param calls that reached the vendors, as they count them */
export const judgeWeather = (all: readonly Outcome[], bills: readonly BillLine[], calls: number): WeatherVerdict => {
  const outcomes = all.filter(({ errorCode }) => errorCode !== 'overloaded');
  const told = outcomes.filter((outcome) => outcome.fault?.startsWith(inBandError) === true);
  const toldBreaks = told.filter(({ began }) => began === true).length;
  const broken = outcomes.filter(
    ({ status, fault }) => status === okStatus && fault !== null && !fault.startsWith(inBandError),
  );
  const wholes = outcomes.filter(({ fault }) => fault === null);
  const refused = outcomes.filter(({ status, fault }) => status !== okStatus && fault !== null).length;
  return {
    requests: outcomes.length,
    shed: all.length - outcomes.length,
    errorsBeforeContent: refused + told.length - toldBreaks,
    toldBreaks,
    silentTruncations: broken.length + unsoldWholes(wholes, bills),
    extraCalls: Math.max(calls - outcomes.length, extraCallsFigure(outcomes)),
  };
};
