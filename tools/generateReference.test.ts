import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conformanceReference } from './conformanceTable.ts';
import {
  configurationReference,
  conformancePath,
  errorsPath,
  errorsReference,
  portfolioPath,
  portfolioReference,
  referencePath,
} from './generateReference.ts';

test('the reference of the configuration is the schema that files are read by', () => {
  // When this fails, run `node tools/generateReference.ts` and read what changed.
  expect(readFileSync(referencePath, 'utf8')).toBe(configurationReference());
});

test('the reference of the portfolio is the schema that it is read by', () => {
  expect(readFileSync(portfolioPath, 'utf8')).toBe(portfolioReference());
  const schema = JSON.parse(portfolioReference()) as { required: string[] };
  expect(schema.required).toEqual(['version', 'horizon', 'vendors', 'classes', 'sources']);
});

test('the reference of errors is the tables that the program answers with', async () => {
  expect(readFileSync(errorsPath, 'utf8')).toBe(await errorsReference());
});

test('it names every section, and asks only for what has no default', () => {
  const schema = JSON.parse(configurationReference()) as { properties: object; required: string[] };
  expect(Object.keys(schema.properties)).toContain('contracts');
  expect(schema.required).toEqual(['version', 'providers', 'models']);
});

test('the table of conformance is what the suite plays and skips', () => {
  expect(readFileSync(conformancePath, 'utf8')).toBe(conformanceReference());
});
