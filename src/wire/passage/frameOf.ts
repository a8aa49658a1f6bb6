import type { GenerateRequest, Tool } from '../../vocabulary/index.ts';
import type { AnswerFrame, FramedTool } from '../codec/Codec.ts';

/** What of a frame the gateway knows without reading the request whole. */
export type FrameGiven = Pick<
  AnswerFrame,
  'requestId' | 'createdAtS' | 'inputEstimateTokens' | 'usageAsked' | 'sealedAt' | 'kept'
>;

/** How the answer to a request is shown. */
export const frameOf = ({ model, reasoning, tools }: GenerateRequest, given: FrameGiven): AnswerFrame => ({
  ...given,
  model,
  showThinking: reasoning?.show ?? false,
  tools: tools.flatMap(framed),
});

const framed = ({ name, place, form }: Tool): readonly FramedTool[] =>
  place === undefined && form === undefined
    ? []
    : [{ name, ...(place === undefined ? {} : { place }), ...(form === undefined ? {} : { form }) }];
