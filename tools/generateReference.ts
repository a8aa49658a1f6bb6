// `node tools/generateReference.ts`: writes docs/reference/archipel.schema.json from the schema that the program itself reads files by.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { configurationSchema } from '../src/app/index.ts';

/** Where the reference stands. */
export const referencePath = resolve(import.meta.dirname, '../docs/reference/archipel.schema.json');

/** The file's format as JSON Schema (draft 2020-12), for editors: what may be written, before defaults are filled in. Ends in a line end. */
export const configurationReference = (): string => {
  const { $schema, ...schema } = z.toJSONSchema(configurationSchema, { io: 'input' });
  return `${JSON.stringify({ $schema, title: 'archipel.yaml', ...schema }, null, 2)}\n`;
};

if (import.meta.main) {
  writeFileSync(referencePath, configurationReference());
  console.log(`wrote ${referencePath}`);
}
