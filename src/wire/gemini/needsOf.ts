import { featureSet, hasFeature, needed, type Feature, type FeatureSet } from '../../vocabulary/index.ts';
import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import type { BodySearch } from '../request/BodySearch.ts';
import type { MemberReader } from '../request/MemberReader.ts';
import { needsOfEach, needsOfTurns, type TurnGrammar } from '../request/needsOfTurns.ts';
import type { RequestCeilings } from '../request/RequestCeilings.ts';
import { turnsEndWith } from '../request/turns.ts';
import { fileTypeOf } from './fileTypeOf.ts';
import { firstOf, nestedIn, spellings } from './spellings.ts';

/** Members that tell where a file stands. */
export const addressMembers = ['fileUri', 'file_uri'];

/** Members that tell the type of media. */
export const mediaMembers = ['mimeType', 'mime_type'];

/** What media need, by how their types begin. */
const media = Object.entries<Feature>({
  'image/': 'images',
  'application/pdf': 'documents',
  'audio/': 'audio',
  'video/': 'video',
});

/** What contents need of the model that goes on with them. @param config `generationConfig`. */
export const needsOf = (
  members: MemberReader,
  config: MemberReader | null,
  search: BodySearch,
  { tools }: RequestCeilings,
): FeatureSet => {
  const isHeld = config !== null && schemaMembers.some((name) => isIn(config, name));
  const modalities = config === null ? [] : modalitiesOf(config);
  return (
    needsOfTurns(members, search, searchMedia(search), turns) |
    needed(offersTools(members, tools), 'tools') |
    needed(isHeld || (config !== null && asksForForm(config)), 'structuredOutput') |
    needed(isHeld, 'schemas') |
    needed(turnsEndWith(members, search, 'contents', 'model'), 'prefill') |
    needed(hasPrompt(members), 'system') |
    needed(config !== null && thinks(config), 'reasoning') |
    needed(modalities.includes('IMAGE'), 'imageOutput') |
    needed(modalities.includes('AUDIO'), 'audioOutput')
  );
};

/** Encoders exist that write `\/` for a slash, as PHP's does. */
const searchMedia = (search: BodySearch): FeatureSet => {
  let found: FeatureSet = 0;
  for (const [start, feature] of media) {
    const spelt = [start, start.replace('/', String.raw`\/`)];
    const isShown = mediaMembers.some((name) => spelt.some((one) => search.hasTextStarting(name, one)));
    const isSo = (uri: string): boolean => fileTypeOf(uri.replaceAll('\\/', '/'), null).startsWith(start);
    found |= needed(isShown || addressMembers.some((name) => search.hasFittingText(name, isSo)), feature);
  }
  const isElsewhere = hasFeature(found, 'images') && addressMembers.some((name) => search.hasText(name));
  return found | needed(isElsewhere, 'imageAddresses');
};

/** The first of these members, in whichever spelling, that is an object. */
const objectOf = (holder: JsonObject, ...names: readonly string[]): JsonObject | null =>
  names
    .flatMap(spellings)
    .map((name) => objectIn(holder, name))
    .find((value) => value !== null) ?? null;

/** The first of these members that is a text. */
const textOf = (holder: JsonObject | null, names: readonly string[]): string | null =>
  names.map((name) => textIn(holder, name)).find((text) => text !== null) ?? null;

/** A part shows a blob or a file; what a function answered is data, but for parts of its own. */
const needsOfPart = (part: JsonObject): FeatureSet => {
  const shown = objectOf(part, 'inlineData', 'fileData');
  const told = textOf(shown, mediaMembers);
  const uri = textOf(shown, addressMembers);
  const type = uri === null ? (told ?? '') : fileTypeOf(uri, told);
  const kind = media.find(([start]) => type.startsWith(start))?.[1];
  const response = objectOf(part, 'functionResponse');
  return (
    featureSet(kind === undefined ? [] : [kind]) |
    needed(kind === 'images' && uri !== null, 'imageAddresses') |
    needsOfEach(listIn(response, 'parts'), needsOfPart)
  );
};

const turns: TurnGrammar = {
  list: 'contents',
  words: [...mediaMembers, ...addressMembers].map((name) => `"${name}"`),
  dataKeys: ['"args"', '"response"'],
  needsOfTurn: (turn) => needsOfEach(objectIn(turn, 'parts') ? [turn['parts']] : listIn(turn, 'parts'), needsOfPart),
};

const schemaMembers = ['responseSchema', 'responseJsonSchema'];

const isIn = (members: MemberReader, name: string): boolean =>
  spellings(name).some((spelling) => members.find(spelling) !== null);

/** Longest list of tools that is decoded to see whether there are any, in bytes. */
const emptyToolsBytesMax = 64;

/** A tool without functions, and without one of the vendor's own, offers nothing. */
const offersTools = (members: MemberReader, toolsMax: number): boolean => {
  const tools = members.find('tools');
  const isThere = members.isFilledList('tools', toolsMax, 'tools') || tools?.kind === 'object';
  if (tools === null || !isThere) return false;
  if (tools.end - tools.start > emptyToolsBytesMax) return true;
  return (members.list('tools') ?? []).some((tool) => isJsonObject(tool) && Object.entries(tool).some(offers));
};

const offers = ([name, value]: [string, unknown]): boolean =>
  !spellings('functionDeclarations').includes(name) || !Array.isArray(value) || value.length > 0;

/** A system instruction is a content, whose parts are text. */
const hasPrompt = (members: MemberReader): boolean =>
  spellings('systemInstruction').some((name) => members.nested(name)?.holdsText('parts') ?? members.holdsText(name));

const asksForForm = (config: MemberReader): boolean =>
  isIn(config, 'responseFormat') ||
  (firstOf('responseMimeType', (name) => config.word(name)) ?? 'text/plain') !== 'text/plain';

const modalitiesOf = (config: MemberReader): readonly string[] =>
  spellings('responseModalities').flatMap((name) => config.entries(name).map((entry) => String(entry).toUpperCase()));

/** A budget of 0 asks not to think. Thoughts can be shown only where there are some. */
const thinks = (config: MemberReader): boolean => {
  const thinking = nestedIn(config, 'thinkingConfig');
  if (thinking === null || has(thinking, 'thinkingBudget', 0)) return false;
  return hasLevel(thinking) || isIn(thinking, 'thinkingBudget') || has(thinking, 'includeThoughts', true);
};

const has = (members: MemberReader, name: string, value: boolean | number): boolean =>
  spellings(name).some((spelling) => members.is(spelling, value));

const hasLevel = (thinking: MemberReader): boolean =>
  (firstOf('thinkingLevel', (name) => thinking.word(name)) ?? unspecified).toUpperCase() !== unspecified;

const unspecified = 'THINKING_LEVEL_UNSPECIFIED';
