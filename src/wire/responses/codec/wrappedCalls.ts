import { isJsonObject, listIn, objectIn, parseJson, textIn } from '../../json/JsonObject.ts';

/** Tools that nobody offers: some models call several at once by calling one of these (test/fixtures/recordings/responses/parallel-tool-call-wrapper.1.chunks.txt). */
const wrapperNames: ReadonlySet<string> = new Set(['parallel', 'multi_tool_use.parallel']);

const recipient = /^functions\.(.+)$/;

export interface WrappedCall {
  readonly name: string;
  /** JSON text of its arguments. */
  readonly written: string;
}

/** Whether a call of this name may be several: what it is, its arguments tell. */
export const isWrapperName = (name: string): boolean => wrapperNames.has(name);

/** The calls that stand in one of a wrapper, or null where it is a call like any other: a tool that is really called so has other arguments. */
export const wrappedCalls = (name: string, written: string): readonly WrappedCall[] | null => {
  if (!wrapperNames.has(name)) return null;
  const value = parseJson(written);
  const uses = isJsonObject(value) && Object.keys(value).length === 1 ? listIn(value, 'tool_uses') : [];
  const calls = uses.flatMap((use): WrappedCall[] => {
    if (!isJsonObject(use)) return [];
    const called = recipient.exec(textIn(use, 'recipient_name') ?? '')?.[1];
    return called === undefined ? [] : [{ name: called, written: JSON.stringify(objectIn(use, 'parameters') ?? {}) }];
  });
  return calls.length > 0 && calls.length === uses.length ? calls : null;
};
