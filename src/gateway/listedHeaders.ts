import type { UpstreamHeaders } from '../egress/index.ts';
import { headerText } from './headerText.ts';
import { isForOneHop } from './isForOneHop.ts';

/** Those of one side's headers that the other is to see: the ones in a list that are there and are for nobody on the way. Names in lower case. */
export const listedHeaders = (headers: UpstreamHeaders, names: readonly string[]): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = headerText(headers, name);
    if (value !== '' && !isForOneHop(headers, name)) kept[name] = value;
  }
  return kept;
};
