import type { GenerateRequest, Tool } from '../../vocabulary/index.ts';
import type { ObjectReader } from './ObjectReader.ts';

/**
 * `allowed_tools` narrows the list for one turn: to offer no others comes to the same.
 * @param namesOf Names that one of its entries stands for.
 */
export const allowedTools = (
  allowed: ObjectReader,
  tools: readonly Tool[],
  namesOf: (entry: ObjectReader) => readonly string[],
): Pick<GenerateRequest, 'tools' | 'toolChoice'> => {
  const names = new Set(allowed.objects('tools').flatMap(namesOf));
  const narrowed = tools.filter(({ name }) => names.has(name));
  const isOffered = names.size > 0 && new Set(narrowed.map(({ name }) => name)).size === names.size;
  if (!isOffered) allowed.refuse('tools', 'must name functions that are among the tools', null);
  const mode = allowed.requiredText('mode');
  const isMode = mode === 'auto' || mode === 'required';
  return {
    tools: narrowed,
    toolChoice: isMode ? { type: mode } : allowed.refuse('mode', 'must be auto or required', null),
  };
};
