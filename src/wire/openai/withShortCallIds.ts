import { fittingCallId } from '../codec/CallIds.ts';
import { isJsonObject, type JsonObject } from '../json/JsonObject.ts';
import { shortCallIdRule } from './codec/callIdRule.ts';

/** A message whose calls have ids that every target takes, the same in a call and its result: itself where they have already. */
export const withShortCallIds = (message: JsonObject): JsonObject => {
  const answering = withShortId(message, 'tool_call_id');
  const calls = answering['tool_calls'];
  if (!Array.isArray(calls)) return answering;
  const fitted = calls.map((call: unknown) => (isJsonObject(call) ? withShortId(call, 'id') : call));
  return fitted.some((call, index) => call !== calls[index]) ? { ...answering, tool_calls: fitted } : answering;
};

const withShortId = (holder: JsonObject, name: string): JsonObject => {
  const id = holder[name];
  if (typeof id !== 'string' || shortCallIdRule.fits(id)) return holder;
  return { ...holder, [name]: fittingCallId(id, shortCallIdRule, id, 0) };
};
