import { isAbsolute } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { applySettings, restoreSettings } from './applySettings.ts';
import { clientSetups } from './clientSetups.ts';
import { envSettings } from './envSettings.ts';
import { formatOf } from './formatOf.ts';
import { jsonSettings } from './jsonSettings.ts';
import { UnreadableSettings, type SettingsFormat } from './SettingsFormat.ts';
import { tomlSettings } from './tomlSettings.ts';
import { yamlSettings } from './yamlSettings.ts';

const facts = { url: 'http://127.0.0.1:8787', key: 'sk-archipel-demo', model: 'chat-large', now: new Date(0) };
const places = { home: '/home/ada', env: {} };

/** What people have in these files already, with whatever a careless writer would lose. */
const existing: Readonly<Record<string, readonly string[]>> = {
  'settings.json': [
    '{}',
    '{\n    "permissions": { "allow": ["Bash(ls:*)"] },\n    "env": { "FOO": "1", "ANTHROPIC_MODEL": "opus" },\n    "security": { "auth": { "selectedType": "oauth" } }\n}\n',
    '{"constructor": {"prototype": 1}, "env": {"toString": "x"}}\n',
  ],
  'providers.json': [
    '{"version":1,"providers":{"cline":{"settings":{"provider":"cline"},"updatedAt":"x","tokenSource":"manual"}}}\n',
  ],
  'opencode.json': [
    '{"$schema":"https://opencode.ai/config.json","provider":{"other":{"models":{}}},"model":"other/one"}\n',
  ],
  '.env': ['FOO=bar\n', '# mine\nexport OPENAI_API_KEY="sk-mine"\nGEMINI_API_KEY=sk-mine\nFOO=bar'],
  'config.toml': [
    'model = "gpt-5.2" # the best\napproval_policy = "never"\n\n[projects."/srv/a"]\ntrust_level = "trusted"\nmodel = "not this one"\n',
    '[model_providers.archipel]\nname = "Old"\nbase_url = "http://old/v1"\n\n[features]\nx = true\n',
    "model_provider = 'mine'\n",
  ],
  'config.yaml': [
    '# mine\nname: My config\nversion: 0.0.1\nschema: v1\nmodels:\n  # the one at home\n  - name: Home\n    provider: ollama\n    model: llama\n',
    'models:\n  - { name: Archipel, provider: openai, model: old }\n',
  ],
};

const parsed = (format: SettingsFormat, text: string): unknown =>
  format === jsonSettings ? JSON.parse(text) : format === yamlSettings ? parseYaml(text) : text;

const files = clientSetups.flatMap((setup) =>
  setup.files(facts, places).flatMap((file) => {
    const name = file.path.split('/').at(-1) ?? '';
    return (existing[name] ?? []).map((text, index) => ({ name: `${setup.name} ${name} ${index}`, file, text }));
  }),
);

describe('settings of a client', () => {
  test('are looked at for every file that any client has', () => {
    expect(files.length).toBeGreaterThanOrEqual(16);
    const names = clientSetups.flatMap((setup) => setup.files(facts, places).map(({ path }) => path.split('/').at(-1)));
    expect(new Set(names)).toEqual(new Set(Object.keys(existing)));
  });

  test.each(files)('are set beside what is there, and gone again: $name', ({ file, text }) => {
    const applied = applySettings(file, text);
    for (const { at, value, unlessSet } of file.settings)
      if (!unlessSet) expect(file.format.read(applied.text, at)).toEqual(value);
    // Nothing is left to do.
    expect(applySettings(file, applied.text).settings).toEqual([]);
    const restored = restoreSettings(applied, file.format, applied.text);
    expect(restored.leftAlone).toEqual([]);
    expect(restored.text).not.toBeNull();
    const was = parsed(file.format, text);
    expect(parsed(file.format, restored.text ?? '')).toEqual(was);
  });

  test.each(clientSetups)('make the files that $name lacks, which an undo takes away', (setup) => {
    for (const file of setup.files(facts, places)) {
      const applied = applySettings(file, null);
      expect(applied).toMatchObject({ created: true, path: file.path });
      expect(restoreSettings(applied, file.format, applied.text)).toEqual({ text: null, leftAlone: [] });
    }
  });

  test.each(clientSetups)('that somebody has changed since stay: $name', (setup) => {
    for (const file of setup.files(facts, places)) {
      const applied = applySettings(file, null);
      const [first] = file.settings;
      const changed = file.format.write(applied.text, first!.at, 'mine');
      const restored = restoreSettings(applied, file.format, changed);
      expect(restored.leftAlone).toEqual([first!.at]);
      expect(file.format.read(restored.text ?? '', first!.at)).toBe('mine');
    }
  });

  test('keep what stands around them: comments, order, other names', () => {
    const [toml = ''] = existing['config.toml'] ?? [];
    const written = tomlSettings.write(tomlSettings.write(toml, ['model'], 'm'), ['model_providers', 'archipel'], {
      name: 'A',
    });
    expect(written).toBe(
      'model = "m"\napproval_policy = "never"\n\n[projects."/srv/a"]\ntrust_level = "trusted"\nmodel = "not this one"\n\n[model_providers.archipel]\nname = "A"\n',
    );
    expect(tomlSettings.write('[features]\nx = true\n', ['model'], 'm')).toBe('model = "m"\n\n[features]\nx = true\n');
    const [yaml = ''] = existing['config.yaml'] ?? [];
    expect(yamlSettings.write(yaml, ['models', 'name=Archipel'], { name: 'Archipel' })).toBe(
      `${yaml}  - name: Archipel\n`,
    );
    expect(envSettings.write('# mine\nA=1\nB=2\nA=3\n', ['A'], 'x')).toBe('# mine\nA=1\nB=2\nA=x\n');
    expect(envSettings.read(envSettings.write('', ['A'], 'x "y" $z'), ['A'])).toBe('x "y" $z');
  });

  test.each<[string, SettingsFormat, string]>([
    ['comments in JSON', jsonSettings, '{ // mine\n "a": 1 }'],
    ['a list', jsonSettings, '[]'],
    ['a text where an object must be', jsonSettings, '{"env":"x"}'],
    ['texts of several lines', tomlSettings, 'a = """\nmodel = "x"\n"""\n'],
    ['a line that is no TOML', tomlSettings, 'what is this\n'],
    ['an array without an end', tomlSettings, 'a = [\n1,\n'],
    ['a text without an end', tomlSettings, 'a = "x\n'],
    ['a setting without a value', tomlSettings, 'model = # mine\n'],
    ['a setting that is there twice', tomlSettings, 'model = 1\n"model" = 2\n'],
    ['a dotted name', tomlSettings, 'model.name = "x"\n'],
    ['a table where a text must be', tomlSettings, '[model]\nx = 1\n'],
    ['a byte order mark', tomlSettings, '\uFEFFa = 1\n'],
    ['a text of several lines in an .env file', envSettings, 'A="x\nmodel=y\n"\n'],
    ['broken YAML', yamlSettings, 'a: [\n'],
    ['a list in YAML', yamlSettings, '- a\n'],
  ])('are left alone where they could be broken: %s', (_, format, text) => {
    const at = format === jsonSettings ? ['env', 'A'] : ['model'];
    expect(() => format.write(text, at, 'x')).toThrow(UnreadableSettings);
  });

  test.each([
    'model_providers.archipel.name = "x"\n',
    'model_providers.other.name = "x"\n',
    'model_providers = { archipel = { name = "x" } }\n',
    '[model_providers]\narchipel = { name = "x" }\n',
    '[model_providers]\n"archipel".name = "x"\n',
    '[[model_providers]]\nname = "x"\n',
    '[[model_providers.archipel]]\nname = "x"\n',
    '[model_providers.archipel.http_headers]\nx = "y"\n',
    '[model_providers.archipel]\n[model_providers."archipel"]\n',
  ])('are left alone where a table is there in another form: %j', (text) => {
    expect(() => tomlSettings.write(text, ['model_providers', 'archipel'], { name: 'A' })).toThrow(UnreadableSettings);
  });

  test('are read as the programs read them, with comments and in quotes', () => {
    expect(envSettings.read('A=v # mine\n', ['A'])).toBe('v');
    expect(envSettings.read('export A="v # w" # x\r\n', ['A'])).toBe('v # w');
    expect(tomlSettings.read("\"model\" = 'x' # it's\n", ['model'])).toBe('x');
    expect(tomlSettings.read('model = 1_0\n', ['model'])).toEqual({ toml: '1_0' });
    expect(tomlSettings.read('a = [\n  ["x"],\n]\nmodel = "m"\n', ['model'])).toBe('m');
  });

  test('are at absolute paths, also where a variable is empty or leads from the current folder', () => {
    const env = { CODEX_HOME: '', CLAUDE_CONFIG_DIR: '', XDG_CONFIG_HOME: 'config' };
    const paths = clientSetups.flatMap((setup) =>
      setup.files(facts, { home: '/home/ada', env }).map(({ path }) => path),
    );
    expect(paths).toContain('/home/ada/.codex/config.toml');
    expect(paths).toContain('/home/ada/.claude/settings.json');
    expect(paths.filter((path) => !isAbsolute(path))).toEqual([]);
  });

  test('of a kind that could not be put back are not replaced', () => {
    expect(() => yamlSettings.take('name: !!binary aGk=\n', ['name'])).toThrow(UnreadableSettings);
    expect(() => envSettings.put('A=1\n', ['A'], 1)).toThrow(UnreadableSettings);
    expect(() => tomlSettings.put('a = 1\n', ['a'], 1)).toThrow(UnreadableSettings);
  });

  test.each(clientSetups)('of $name are read by the ending of their names as the client has them', (setup) => {
    for (const { path, format } of setup.files(facts, places)) expect(formatOf(path)).toBe(format);
    expect(() => formatOf('/home/ada/settings.ini')).toThrow(UnreadableSettings);
  });

  test('of a TOML file with line ends of another system get the same', () => {
    const written = tomlSettings.write('a = 1\r\n\r\n[b]\r\nc = 2\r\n', ['model'], 'm');
    expect(written).toBe('a = 1\r\nmodel = "m"\r\n\r\n[b]\r\nc = 2\r\n');
  });

  test('of any TOML file are set once, in their place, and go again byte for byte', () => {
    const codex = clientSetups.find(({ name }) => name === 'codex')?.files(facts, places)[0];
    const line = fc.constantFrom(
      'a = 1',
      '',
      '# it\'s "mine',
      'b = [\n  ["x"],\n  # ]\n]',
      '[t]',
      '[[l]]',
      '["t".\'x\'] # y',
      '[model_providers]',
      '[model_providers.mine]',
    );
    const own = fc.constantFrom([], ["\"model\" = 'x' # it's"], ['model = [\n 1\n]', 'model_provider="y"']);
    const table = fc.constantFrom(
      [],
      ['[ model_providers . "archipel" ] # it\'s', 'name = "x" # y', '# mine', 'z = [\n  [1]\n]', '# end', ''],
    );
    fc.assert(
      fc.property(
        own,
        fc.array(line),
        table,
        fc.array(line),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (...[top, some, mine, more, end, isEnded]) => {
          const lines = [...top, ...some, ...mine, ...more].join('\n').replaceAll('\n', end);
          const text = lines === '' || !isEnded ? lines : lines + end;
          const applied = applySettings(codex!, text);
          for (const { at, value } of codex!.settings) expect(tomlSettings.read(applied.text, at)).toEqual(value);
          if (text.includes(end)) expect(applied.text.replaceAll(end, '')).not.toMatch(/[\r\n]/);
          expect(restoreSettings(applied, tomlSettings, applied.text)).toEqual({ text, leftAlone: [] });
        },
      ),
    );
  });

  test('of any JSON go where they are put, and leave no trace', () => {
    const name = fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString', '');
    const path = fc.array(name, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('x', 'y', 'a'), fc.constantFrom('1', '2')), path, (other, at) => {
        fc.pre(!Object.hasOwn(other, at[0] ?? ''));
        const text = JSON.stringify(other);
        const written = jsonSettings.write(text, at, 'value');
        expect(jsonSettings.read(written, at)).toBe('value');
        expect(JSON.parse(jsonSettings.write(written, at, undefined))).toEqual({ ...other });
      }),
    );
  });

  test('of any .env file likewise', () => {
    const line = fc.constantFrom('A=1 # x', '# A=2', 'export A=3\r', 'B=4', '', 'AB=5', ' A = "6" # it\'s', 'A: 7');
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\n');
        const written = envSettings.write(text, ['A'], 'value');
        expect(envSettings.read(written, ['A'])).toBe('value');
        expect(envSettings.put(written, ['A'], envSettings.take(text, ['A']))).toBe(text);
      }),
    );
  });
});
