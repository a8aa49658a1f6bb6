import type { ObjectReader } from '../../codec/ObjectReader.ts';

/** Members that each known block may have; what else a block has is a newer wire's word. */
const blockMembers: Readonly<Record<string, ReadonlySet<string>>> = {
  text: new Set(['type', 'text', 'cache_control', 'citations']),
  image: new Set(['type', 'source', 'cache_control', 'transformations']),
  document: new Set(['type', 'source', 'cache_control', 'citations', 'context', 'title']),
  search_result: new Set(['type', 'content', 'source', 'title', 'cache_control', 'citations']),
  tool_reference: new Set(['type', 'tool_name', 'cache_control']),
  thinking: new Set(['type', 'thinking', 'signature']),
  redacted_thinking: new Set(['type', 'data']),
  tool_use: new Set(['type', 'id', 'name', 'input', 'cache_control', 'caller']),
  tool_result: new Set(['type', 'tool_use_id', 'content', 'cache_control', 'is_error']),
};

/** Notes the members of a known block that are a newer wire's. */
export const noteMembers = (block: ObjectReader): void => {
  const type = String(block.value('type'));
  const known = Object.hasOwn(blockMembers, type) ? blockMembers[type] : undefined;
  if (known !== undefined) block.nativeOthers(known, type);
};

/** A block that only this wire can say: one of the vendor's own tools, servers and machines, or of the future. */
export const nativeBlock = (block: ObjectReader): readonly never[] => {
  block.notes.native(block.requiredText('type'));
  return [];
};
