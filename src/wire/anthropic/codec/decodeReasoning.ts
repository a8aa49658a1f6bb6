import type { OutputFormat, Reasoning } from '../../../vocabulary/index.ts';
import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import type { RequestReading } from './RequestReading.ts';

const thinkingMembers = new Set(['type', 'budget_tokens', 'display', 'block_binding']);
const configMembers = new Set(['effort', 'format', 'task_budget']);

/** How hard to think: `thinking` says whether and how much, `output_config.effort` how hard, for all or for the latest turn that says so. */
export const decodeReasoning = (reading: RequestReading, body: JsonObject): Reasoning | null => {
  const thinking = reading.object(body, 'thinking', '');
  const effort = decodeEffort(reading, body);
  if (thinking === null) {
    // Without a word on thinking it depends on the model whether it thinks; the effort holds for the whole answer.
    return effort === null ? null : { mode: 'adaptive', budgetTokens: null, effort, show: false };
  }
  reading.unknownMembers(thinking, thinkingMembers, 'thinking');
  // What becomes of thinking that is sent back into another conversation; none of it leaves this wire.
  if (reading.object(thinking, 'block_binding', 'thinking') !== null) reading.hint('thinking.block_binding');
  const show = reading.optionalText(thinking, 'display', 'thinking') !== 'omitted';
  switch (thinking['type']) {
    case 'enabled':
      return { mode: 'on', budgetTokens: reading.count(thinking, 'budget_tokens', 'thinking'), effort, show };
    case 'adaptive':
      return { mode: 'adaptive', budgetTokens: null, effort, show };
    case 'between_tools':
      reading.hint('thinking.between_tools');
      return { mode: 'adaptive', budgetTokens: null, effort, show };
    case 'disabled':
      return { mode: 'off', budgetTokens: null, effort, show: false };
    default:
      reading.native(`thinking.${reading.text(thinking, 'type', 'thinking')}`);
      return null;
  }
};

const decodeEffort = (reading: RequestReading, body: JsonObject): string | null => {
  const config = reading.object(body, 'output_config', '');
  const general = config === null ? null : reading.optionalText(config, 'effort', 'output_config');
  const ofTurns = listIn(body, 'messages')
    .filter(isJsonObject)
    .map((turn) => textIn(objectIn(turn, 'output_config'), 'effort'));
  return ofTurns.findLast((effort) => effort !== null) ?? general;
};

/** The form of the answer, from either of the two members that say it. */
export const decodeOutputFormat = (reading: RequestReading, body: JsonObject): OutputFormat => {
  const config = reading.object(body, 'output_config', '');
  if (config !== null) reading.unknownMembers(config, configMembers, 'output_config');
  // A budget over several contexts, of which the model is told: advice.
  if (config !== null && reading.object(config, 'task_budget', 'output_config') !== null)
    reading.hint('output_config.task_budget');
  const inConfig = config === null ? null : reading.object(config, 'format', 'output_config');
  const format = inConfig ?? reading.object(body, 'output_format', '');
  const path = inConfig === null ? 'output_format' : 'output_config.format';
  if (format === null) return { type: 'text' };
  if (format['type'] !== 'json_schema') {
    reading.native(`${path}.${reading.text(format, 'type', path)}`);
    return { type: 'text' };
  }
  const schema = reading.object(format, 'schema', path) ?? reading.refuse(`${path}.schema`, 'an object', {});
  // This wire holds every answer to its schema.
  return { type: 'json-schema', name: null, description: null, schema, strict: true };
};
