import type { ObjectReader } from '../../codec/ObjectReader.ts';

/** Members that the vocabulary has a word for, and `context_management`, which is looked into. */
const translated: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'context_management',
]);

/**
 * Members that only tune or label: where the prompt is cached by default, how much priority and speed are paid for, what is told about
 * cache misses, and which of the vendor's models step in, with what credit, when one refuses (elsewhere the answer is the refusal).
 * Where the data may go (`inference_geo`) and who pays (`billing_policy`) are promises, so they are none of these.
 */
const hints: ReadonlySet<string> = new Set([
  'cache_control',
  'service_tier',
  'speed',
  'diagnostics',
  'fallbacks',
  'fallback_credit_token',
]);

/** Sorts the members that the vocabulary has no word for into hints and natives. What is not known is taken for something that shapes the answer. */
export const noteOtherMembers = (request: ObjectReader): void => {
  for (const name of request.others(translated)) {
    if (hints.has(name)) request.notes.hint(name);
    else request.notes.native(name);
  }
  noteContextEdits(request);
};

const membersOfManagement = new Set(['edits']);

/** Edits that clear old thinking or tool results away only save room; others (compaction) answer with blocks that must come back. */
const noteContextEdits = (request: ObjectReader): void => {
  const management = request.nested('context_management');
  if (management === null) return;
  request.notes.hint('context_management');
  management.nativeOthers(membersOfManagement, 'context_management');
  for (const edit of management.objects('edits')) {
    const type = edit.requiredText('type');
    if (!type.startsWith('clear_')) request.notes.native(`context_management.${type}`);
  }
};
