import type { GenerateRequest } from '../../../vocabulary/index.ts';
import type { RequestWriting, Written } from './RequestWriting.ts';

/** The vendor's scale ends here; others go to 2. */
const temperatureMax = 1;

/**
 * How the answer is drawn. While it thinks, the target draws as it will ("`temperature` may only be set to 1 when thinking is enabled"); and newer models
 * refuse two of these at once ("`temperature` and `top_p` cannot both be specified"), so that of both the temperature stays.
 */
export const encodeSampling = (
  writing: RequestWriting,
  { temperature, topP, topK }: GenerateRequest,
  thinks: boolean,
): Written => {
  const written: Written = {};
  const allows = (name: string): boolean => !thinks && !writing.lacks(name);
  if (temperature !== null) {
    if (temperature > temperatureMax) writing.drop('temperature');
    if (allows('temperature')) written['temperature'] = Math.min(temperature, temperatureMax);
    else if (temperature !== 1) writing.drop('temperature');
  }
  // A share of 1 leaves nothing out, which is how the target draws anyway.
  if (topP !== null && topP !== 1) {
    if (allows('top_p') && written['temperature'] === undefined) written['top_p'] = topP;
    else writing.drop('top_p');
  }
  if (topK !== null) {
    if (allows('top_k')) written['top_k'] = topK;
    else writing.drop('top_k');
  }
  return written;
};
