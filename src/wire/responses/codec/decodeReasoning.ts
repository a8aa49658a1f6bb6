import type { Reasoning } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { encryptedReasoning } from './noteOtherMembers.ts';

const membersOfReasoning = new Set(['effort', 'summary', 'generate_summary']);

const off: Reasoning = { mode: 'off', budgetTokens: null, effort: null, show: false };

/**
 * How hard to think. Without an effort it is the model's to say. A client that asks for summaries, or for what it must bring back so that the next turn knows
 * what was thought, wants to see it.
 */
export const decodeReasoning = (request: ObjectReader): Reasoning | null => {
  const reasoning = request.nested('reasoning');
  if (reasoning === null) return null;
  reasoning.hintOthers(membersOfReasoning, 'reasoning');
  const effort = reasoning.text('effort');
  if (effort === 'none') return off;
  const isKept = request.texts('include').includes(encryptedReasoning);
  const show = isKept || reasoning.has('summary') || reasoning.has('generate_summary');
  return { mode: effort === null ? 'adaptive' : 'on', budgetTokens: null, effort, show };
};
