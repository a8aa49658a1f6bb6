// What the vendor refuses of a written body.
import { isJsonObject, listIn, objectIn, type JsonObject } from '../../json/JsonObject.ts';

const partsOf = (content: JsonObject | undefined): JsonObject[] => listIn(content ?? {}, 'parts').filter(isJsonObject);

const idsIn = (content: JsonObject | undefined, member: string): string[] =>
  partsOf(content).flatMap((part) => {
    const inner = objectIn(part, member);
    return inner === null ? [] : [`${String(inner['id'])} ${String(inner['name'])}`];
  });

/** What the vendor would refuse of a body, as its error messages and its documents tell its rules. @param checksCalls Whether its model wants signatures. */
export const refusalsOf = (body: JsonObject, checksCalls: boolean): string[] => {
  const contents = listIn(body, 'contents').filter(isJsonObject);
  const running = contents.findLastIndex(
    (content) => content['role'] === 'user' && partsOf(content).some((part) => part['functionResponse'] === undefined),
  );
  const rules: Record<string, boolean> = {
    'there are contents, and the user’s is the first': contents[0]?.['role'] === 'user',
    'the last content is the user’s': contents.at(-1)?.['role'] === 'user',
    'roles alternate': contents.every(({ role }, at) => role !== contents[at - 1]?.['role']),
    'no content is empty': contents.every((content) => partsOf(content).length > 0),
    'each call has its result in the very next turn, and no result is alone': contents.every((content, at) => {
      const answered = idsIn(contents[at + 1], 'functionResponse');
      const stray = at === 0 && idsIn(content, 'functionResponse').length > 0;
      return content['role'] === 'user'
        ? !stray
        : JSON.stringify(idsIn(content, 'functionCall').toSorted()) === JSON.stringify(answered.toSorted());
    }),
    'results come first': contents.every((content) => {
      const kinds = partsOf(content).map((part) => part['functionResponse'] !== undefined);
      return kinds.lastIndexOf(true) === kinds.filter(Boolean).length - 1;
    }),
    'the first call of each step of the running turn is signed':
      !checksCalls ||
      contents.slice(Math.max(0, running)).every((content) => {
        const first = partsOf(content).find((part) => part['functionCall'] !== undefined);
        return first === undefined || typeof first['thoughtSignature'] === 'string';
      }),
    'a budget or a level, and not both': (() => {
      const thinking = objectIn(objectIn(body, 'generationConfig'), 'thinkingConfig');
      return thinking?.['thinkingBudget'] === undefined || thinking['thinkingLevel'] === undefined;
    })(),
  };
  return Object.keys(rules).filter((name) => rules[name] === false);
};
