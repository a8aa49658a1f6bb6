import type { AnswerPart } from '../../vocabulary/index.ts';
import type { StreamStep } from '../facts.ts';
import type { DecodedStep } from './Codec.ts';

/** What an event means, with the parts in it. Written member by member: to copy a step by its names takes each event as long as to read it. */
export const decodedStep = ({ kind, hide, failure }: StreamStep, parts: readonly AnswerPart[]): DecodedStep =>
  failure === undefined ? { kind, hide, parts } : { kind, hide, failure, parts };
