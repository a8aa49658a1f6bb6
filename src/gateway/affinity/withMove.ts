import type { Choice } from '../../router/index.ts';
import { targetName, type DecisionMove } from '../../vocabulary/index.ts';
import type { Weighed } from '../weigh.ts';

/** The choice, with what it costs that the conversation leaves a prompt cache behind, where it does. */
export const withMove = (choice: Choice, all: readonly Weighed[], chosen: Weighed): Choice => {
  const move = moveTo(all, chosen);
  return move === null ? choice : { ...choice, decision: { ...choice.decision, move } };
};

/** From the target whose cache would have saved most now; null where none holds anything of the conversation, or the chosen one does. */
const moveTo = (all: readonly Weighed[], { prompt }: Weighed): DecisionMove | null => {
  if (isHeld(prompt)) return null;
  let move: DecisionMove | null = null;
  for (const { prompt: left, candidate } of all) {
    if (!isHeld(left) || candidate.next === null) continue;
    const usd = candidate.next.fullUsd - candidate.expectedUsd;
    if (move === null || usd > move.usd) move = { from: targetName(candidate.target), usd };
  }
  return move;
};

const isHeld = (prompt: Weighed['prompt']): boolean => prompt !== null && prompt.heldTokens > 0;
