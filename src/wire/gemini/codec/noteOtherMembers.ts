import type { ObjectReader } from '../../codec/ObjectReader.ts';

/** Members that the vocabulary has a word for, and the model, which the path says. */
const translated: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'safetySettings',
]);

/** Labels on bills, what is paid for speed, and whether the vendor keeps a copy. */
const hints: ReadonlySet<string> = new Set(['labels', 'serviceTier', 'store']);

const translatedOfConfig: ReadonlySet<string> = new Set([
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'stopSequences',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'thinkingConfig',
]);

/** A seed that is followed "best effort" only, and how closely media are looked at. */
const hintsOfConfig: ReadonlySet<string> = new Set(['seed', 'mediaResolution', 'enableEnhancedCivicAnswers']);

/** Whether a value says what is so without it. */
const saysNothing: Readonly<Record<string, (value: unknown) => boolean>> = {
  candidateCount: (value) => value === 1,
  presencePenalty: (value) => value === 0,
  frequencyPenalty: (value) => value === 0,
  responseLogprobs: (value) => value === false,
  audioTimestamp: (value) => value === false,
  responseModalities: (value) => Array.isArray(value) && value.every((one) => one === 'TEXT' || one === 'text'),
};

/** Sorts the members that the vocabulary has no word for into hints and natives. What is not known is taken for something that shapes the answer. */
export const noteOtherMembers = (request: ObjectReader, config: ObjectReader): void => {
  for (const name of request.others(translated)) {
    if (hints.has(name)) request.notes.hint(name);
    else request.notes.native(name);
  }
  for (const name of config.others(translatedOfConfig)) {
    if (Object.hasOwn(saysNothing, name) && saysNothing[name]?.(config.value(name)) === true) continue;
    if (hintsOfConfig.has(name)) config.notes.hint(`generationConfig.${name}`);
    else config.notes.native(`generationConfig.${name}`);
  }
  noteFilters(request);
};

const open: ReadonlySet<unknown> = new Set(['OFF', 'BLOCK_NONE', 'HARM_BLOCK_THRESHOLD_UNSPECIFIED', undefined]);

/** Filters of the vendor's: where all are switched off, a target that has none does the same; what one must hold back, no other can promise. */
const noteFilters = (request: ObjectReader): void => {
  const settings = request.objects('safetySettings');
  if (settings.length === 0) return;
  if (settings.every((setting) => open.has(setting.value('threshold')))) request.notes.hint('safetySettings');
  else request.notes.native('safetySettings');
};
