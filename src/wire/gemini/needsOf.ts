import { needed, type FeatureSet } from '../../vocabulary/index.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import type { RequestCeilings } from '../request/RequestCeilings.ts';
import { turnsEndWith } from '../request/turns.ts';
import { firstOf, nestedIn, spellings } from './spellings.ts';

/** Members that tell the type of media. */
export const mediaMembers = ['mimeType', 'mime_type'];

/** What contents need of the model that goes on with them. @param config `generationConfig`. */
export const needsOf = (
  members: MemberReader,
  config: MemberReader | null,
  search: BodySearch,
  { tools }: RequestCeilings,
): FeatureSet => {
  const has = (start: string): boolean => mediaMembers.some((name) => search.hasTextStarting(name, start));
  const isHeld = config !== null && schemaMembers.some((name) => isIn(config, name));
  const modalities = config === null ? [] : modalitiesOf(config);
  return (
    needed(members.find('tools')?.kind === 'object' || members.isFilledList('tools', tools, 'tools'), 'tools') |
    needed(has('image/'), 'images') |
    needed(has('application/pdf'), 'documents') |
    needed(has('audio/'), 'audio') |
    needed(has('video/'), 'video') |
    needed(isHeld || (config !== null && asksForForm(config)), 'structuredOutput') |
    needed(isHeld, 'schemas') |
    needed(turnsEndWith(members, search, 'contents', 'model'), 'prefill') |
    needed(isIn(members, 'systemInstruction'), 'system') |
    needed(config !== null && thinks(config), 'reasoning') |
    needed(modalities.includes('IMAGE'), 'imageOutput') |
    needed(modalities.includes('AUDIO'), 'audioOutput')
  );
};

const schemaMembers = ['responseSchema', 'responseJsonSchema'];

const isIn = (members: MemberReader, name: string): boolean =>
  spellings(name).some((spelling) => members.find(spelling) !== null);

const asksForForm = (config: MemberReader): boolean =>
  isIn(config, 'responseFormat') ||
  (firstOf('responseMimeType', (name) => config.text(name)) ?? 'text/plain') !== 'text/plain';

const modalitiesOf = (config: MemberReader): readonly string[] =>
  spellings('responseModalities').flatMap((name) => config.entries(name).map((entry) => String(entry).toUpperCase()));

/** A budget of 0 asks not to think. */
const thinks = (config: MemberReader): boolean => {
  const thinking = nestedIn(config, 'thinkingConfig');
  return thinking !== null && (isIn(thinking, 'thinkingLevel') || isBudgeted(thinking));
};

const isBudgeted = (thinking: MemberReader): boolean =>
  isIn(thinking, 'thinkingBudget') && !spellings('thinkingBudget').some((name) => thinking.isZero(name));
