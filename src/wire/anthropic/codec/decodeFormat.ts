import type { OutputFormat } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';

const membersOfConfig = new Set(['effort', 'format', 'task_budget']);

/** The form of the answer, from either of the two members that say it. */
export const decodeFormat = (request: ObjectReader): OutputFormat => {
  const config = request.nested('output_config');
  config?.nativeOthers(membersOfConfig, 'output_config');
  // A budget over several contexts, of which the model is told: advice.
  if (config !== null && config.nested('task_budget') !== null) request.notes.hint('output_config.task_budget');
  const format = config?.nested('format') ?? request.nested('output_format');
  if (format === null) return { type: 'text' };
  const type = format.requiredText('type');
  // This wire holds every answer to its schema.
  if (type === 'json_schema') {
    return {
      type: 'json-schema',
      name: null,
      description: null,
      schema: format.requiredObject('schema'),
      strict: true,
    };
  }
  request.notes.native(`${format.path}.${type}`);
  return { type: 'text' };
};
