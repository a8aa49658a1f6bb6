import { isMap, isSeq, parseDocument, type Document } from 'yaml';
import { UnreadableSettings, type Setting, type SettingPath, type SettingsFormat } from './SettingsFormat.ts';

const documentOf = (text: string): Document => {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new UnreadableSettings('it is not YAML that can be read');
  if (document.contents !== null && !isMap(document.contents)) throw new UnreadableSettings('it is not a YAML map');
  return document;
};

/** Dates, bytes and the like are no settings of these files. */
const isSetting = (value: unknown): value is Setting => {
  if (typeof value !== 'object' || value === null)
    return ['string', 'number', 'boolean'].includes(typeof value) || value === null;
  if (Array.isArray(value)) return value.every(isSetting);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isSetting);
};

/** A list's entry by its name: "name=Archipel". */
const namedEntry = /^name=(.+)$/;

/** Position of the named entry in a list, or -1. */
const entryAt = (document: Document, list: SettingPath, name: string): number => {
  const found = document.getIn(list);
  if (found === undefined) return -1;
  if (!isSeq(found)) throw new UnreadableSettings(`"${list.join('.')}" in it is not a list`);
  return found.items.findIndex((item) => isMap(item) && item.get('name') === name);
};

const entryOf = (at: SettingPath): { readonly list: SettingPath; readonly name: string } | null => {
  const name = namedEntry.exec(at.at(-1) ?? '')?.[1];
  return name === undefined ? null : { list: at.slice(0, -1), name };
};

const plainOf = (document: Document): object => {
  const whole: unknown = document.toJS();
  return typeof whole === 'object' && whole !== null ? whole : {};
};

const plainAt = (document: Document, at: readonly (string | number)[]): Setting | undefined => {
  let value: unknown = plainOf(document);
  for (const name of at) value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  if (value === undefined || isSetting(value)) return value;
  throw new UnreadableSettings(`"${at.join('.')}" in it is nothing that could be put back`);
};

const removeEntry = (document: Document, list: SettingPath, position: number): void => {
  if (position < 0) return;
  document.deleteIn([...list, position]);
  const left = document.getIn(list);
  if (isSeq(left) && left.items.length === 0) document.deleteIn(list);
};

/** YAML; comments and the order of members stay. An entry of a list is named by its `name`: "name=Archipel". */
export const yamlSettings: SettingsFormat = {
  read: (text, at) => {
    const document = documentOf(text);
    const entry = entryOf(at);
    if (entry === null) return plainAt(document, at);
    const position = entryAt(document, entry.list, entry.name);
    return position < 0 ? undefined : plainAt(document, [...entry.list, position]);
  },
  write: (text, at, value) => {
    const document = documentOf(text);
    const entry = entryOf(at);
    if (entry === null) {
      if (value === undefined) document.deleteIn(at);
      else document.setIn(at, document.createNode(value));
    } else {
      const position = entryAt(document, entry.list, entry.name);
      if (value === undefined) removeEntry(document, entry.list, position);
      else if (position >= 0) document.setIn([...entry.list, position], document.createNode(value));
      else if (document.hasIn(entry.list)) document.addIn(entry.list, document.createNode(value));
      else document.setIn(entry.list, document.createNode([value]));
    }
    const after = document.toString();
    return after.trim() === '{}' ? '' : after;
  },
  take: (text, at) => yamlSettings.read(text, at),
  put: (text, at, taken) => yamlSettings.write(text, at, taken),
  isBare: (text) => text.trim() === '' || Object.keys(plainOf(documentOf(text))).length === 0,
};
