import { NextTurns, PromptCaches } from '../../../src/router/index.ts';
import { cacheLifeS, market } from '../market/market.ts';
import type { ConversationCaches } from './ConversationCaches.ts';
import type { MonthRequest } from '../months/Month.ts';

/** What a policy thinks that targets' caches hold of the conversation of a request. */
export interface CacheForecast {
  /** Tokens of the input that a target will probably read from its cache. */
  predict(request: MonthRequest, target: number): number;
  /** How likely the conversation goes on while caches live, 0 to 1. Called once a request, before it goes anywhere. */
  nextTurnShare(request: MonthRequest): number;
  /** A target has served a request, and read so many tokens from its cache. */
  observe(request: MonthRequest, target: number, readTokens: number): void;
}

export type CacheSight = 'unknown' | 'sent' | "the router's";

/** A first guess of how likely a next turn is, and the weight of each request in what becomes of it. */
const nextTurnFirst = 0.1;
const nextTurnWeight = 0.001;

export const unknownCaches: CacheForecast = { predict: () => 0, nextTurnShare: () => 0, observe: () => {} };

/** Each target holds what it was last sent: the simulation's own table, which truth falls short of only where prompts changed. */
export const sentCaches = (caches: ConversationCaches): CacheForecast => {
  let share = nextTurnFirst;
  return {
    predict: ({ conversation, inputTokens, atS }, target) =>
      Math.min(inputTokens, caches.heldTokens(conversation, target, atS)),
    nextTurnShare: ({ conversation, atS }) => {
      share += nextTurnWeight * ((caches.isHeld(conversation, atS) ? 1 : 0) - share);
      return share;
    },
    observe: () => {},
  };
};

/** The program's own table, which learns how much of what it thinks is there is read, and its own guess of next turns. */
export const routerCaches = (): CacheForecast => {
  const caches = new PromptCaches<number>();
  const nextTurns = new NextTurns<number>();
  const heldBy = ({ conversation, inputTokens, atS }: MonthRequest, target: number): number =>
    Math.min(inputTokens, caches.heldAt(caches.placeOf(conversation), target, atS * 1_000));
  return {
    predict: ({ conversation, inputTokens, atS }, target) =>
      caches.predict(caches.placeOf(conversation), target, inputTokens, atS * 1_000),
    nextTurnShare: (request) => {
      const isWarm = [...market.keys()].some((target) => heldBy(request, target) > 0);
      nextTurns.observe(request.kind, isWarm);
      return nextTurns.shareOf(request.kind);
    },
    observe: (request, target, readTokens) => {
      caches.observe(target, heldBy(request, target), readTokens);
      caches.sent(request.conversation, target, request.inputTokens, (request.atS + cacheLifeS) * 1_000);
    },
  };
};
