import { UnreadableSettings, type Setting, type SettingPath, type SettingsFormat } from './SettingsFormat.ts';

interface Members {
  [name: string]: Setting | undefined;
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (text: string): Members => {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnreadableSettings('it is not plain JSON; it may have comments, which would be lost');
  }
  if (!isMembers(value)) throw new UnreadableSettings('it is not a JSON object');
  return value;
};

/** Own members only: a setting may be called like what every object inherits. */
const memberOf = (holder: Members, name: string): Setting | undefined =>
  Object.hasOwn(holder, name) ? holder[name] : undefined;

const indentOf = (text: string): string => /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';

/** Sets or removes within an object; objects that become empty on the way go, too. */
const changed = (holder: Members, [name = '', ...rest]: SettingPath, value: Setting | undefined): Members => {
  const inner = rest.length === 0 ? value : within(memberOf(holder, name), rest, value, name);
  const { [name]: _before, ...others } = holder;
  // In its place where it is there already.
  return inner === undefined ? others : { ...holder, [name]: inner };
};

const within = (
  holder: Setting | undefined,
  rest: SettingPath,
  value: Setting | undefined,
  name: string,
): Setting | undefined => {
  if (holder !== undefined && !isMembers(holder)) throw new UnreadableSettings(`"${name}" in it is not an object`);
  const after = changed(holder ?? {}, rest, value);
  return value === undefined && Object.keys(after).length === 0 ? undefined : after;
};

/** JSON objects. The order of members stays, and the width of indents. */
export const jsonSettings: SettingsFormat = {
  read: (text, at) => {
    let value: Setting | undefined = parsed(text);
    for (const name of at) value = isMembers(value) ? memberOf(value, name) : undefined;
    return value;
  },
  write: (text, at, value) => `${JSON.stringify(changed(parsed(text), at, value), null, indentOf(text))}\n`,
  take: (text, at) => jsonSettings.read(text, at),
  put: (text, at, taken) => jsonSettings.write(text, at, taken),
  isBare: (text) => Object.keys(parsed(text)).length === 0,
};
