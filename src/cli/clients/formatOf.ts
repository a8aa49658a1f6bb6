import { extname } from 'node:path';
import { envSettings } from './envSettings.ts';
import { jsonSettings } from './jsonSettings.ts';
import { UnreadableSettings, type SettingsFormat } from './SettingsFormat.ts';
import { tomlSettings } from './tomlSettings.ts';
import { yamlSettings } from './yamlSettings.ts';

const formats = new Map<string, SettingsFormat>([
  ['.json', jsonSettings],
  ['.toml', tomlSettings],
  ['.yaml', yamlSettings],
  ['.env', envSettings],
]);

/** How a settings file is read, by its name's ending: so it is known where a client keeps its settings elsewhere by now. @throws UnreadableSettings */
export const formatOf = (path: string): SettingsFormat => {
  // A name that is all ending has none by the rules of paths.
  const format = formats.get(path.endsWith('/.env') ? '.env' : extname(path));
  if (format === undefined) throw new UnreadableSettings(`nobody knows how to read ${path}`);
  return format;
};
