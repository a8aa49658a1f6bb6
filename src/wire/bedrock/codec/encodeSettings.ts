import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { encodeSampling } from '../../anthropic/codec/encodeSettings.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { isClaude, modelTraits } from '../modelTraits.ts';

export interface EncodedSettings {
  /** `inferenceConfig`. */
  readonly inference: JsonObject;
  /** Among the model's own parameters. */
  readonly own: JsonObject;
}

/** Writes what tunes the answer. @param thinks Whether the model is told to think. */
export const encodeSettings = (
  request: GenerateRequest,
  bound: number | null,
  thinks: boolean,
  notes: WritingNotes,
): EncodedSettings => {
  if (request.endUser !== null && request.endUser !== '') notes.drop('user');
  const { temperature, top_p: topP, top_k: topK } = samplingOf(request, thinks, notes);
  const stopSequences = stopsOf(request, notes);
  return {
    inference: {
      ...(bound === null ? {} : { maxTokens: bound }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { topP }),
      ...(stopSequences.length === 0 ? {} : { stopSequences }),
    },
    own: topK === undefined ? {} : nested(modelTraits(notes.target.model).topK ?? [], topK),
  };
};

/** How the answer is drawn, in the words of the Messages API, whose model has rules of its own. */
const samplingOf = (request: GenerateRequest, thinks: boolean, notes: WritingNotes): JsonObject => {
  if (isClaude(notes.target.model)) return encodeSampling(request, thinks, notes);
  const { temperature, topP, topK } = request;
  const hasTopK = modelTraits(notes.target.model).topK !== null;
  return {
    ...drawn('temperature', temperature === null ? null : Math.min(temperature, 1), temperature, notes),
    ...drawn('top_p', topP, topP, notes),
    ...drawn('top_k', hasTopK ? topK : null, topK, notes),
  };
};

/** A setting as it can be said. What the caller wished and does not get so is noted. */
const drawn = (name: string, value: number | null, wanted: number | null, notes: WritingNotes): JsonObject => {
  const said = notes.lacks(name) ? null : value;
  if (said !== wanted) notes.drop(name);
  return said === null ? {} : { [name]: said };
};

/** No sequence may be empty; Claude takes none without words either. */
const stopsOf = ({ stopSequences }: GenerateRequest, notes: WritingNotes): readonly string[] => {
  const blankAllowed = !isClaude(notes.target.model);
  const kept = stopSequences.filter((sequence) => sequence !== '' && (blankAllowed || sequence.trim() !== ''));
  if (kept.length < stopSequences.length) notes.drop('stop');
  return kept;
};

const nested = (path: readonly string[], value: unknown): JsonObject => {
  const [name, ...rest] = path;
  return name === undefined ? {} : { [name]: rest.length === 0 ? value : nested(rest, value) };
};
