import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What is loaded by a module and all that it imports at once. */
const loadedBy = (path: string): readonly string[] => {
  const program = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
    await import(${JSON.stringify(new URL(path, import.meta.url).href)});
    urls.push(...process.moduleLoadList.filter((name) => name.includes('deps/undici')));
    console.log(JSON.stringify(urls));`;
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  return JSON.parse(text);
};

const unwanted = /src[/]planner[/]|node_modules[/](?:highs|fastify)[/]|deps[/]undici/;

test('what serves for months loads neither the planner nor all of fetch, nor routes that nobody has asked for', () => {
  expect(loadedBy('./up.ts').filter((name) => unwanted.test(name))).toEqual([]);
  const byOthers = loadedBy('../allCommands.ts').filter((name) => unwanted.test(name));
  expect(byOthers.length).toBeGreaterThan(50);
});
