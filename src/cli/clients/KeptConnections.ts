import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { ChangedFile } from './applySettings.ts';
import { UnreadableSettings, type Setting } from './SettingsFormat.ts';
import { writePrivately } from './writePrivately.ts';

const settingSchema: z.ZodType<Setting> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(settingSchema),
    z.record(z.string(), settingSchema.optional()),
  ]),
);

const keptSchema = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      created: z.boolean(),
      settings: z.array(
        // Strict, so that nothing that was kept is ever passed over.
        z.strictObject({
          at: z.array(z.string()),
          taken: settingSchema.exactOptional(),
          after: settingSchema,
          changes: z.literal(true).exactOptional(),
        }),
      ),
    }),
  ),
});

/** What was changed for each client, so that it can be undone: one file each, for its owner alone, since it holds the key. */
export class KeptConnections {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, '.archipel', 'connected');
  }

  /** Null where the client was not connected from here. @throws UnreadableSettings */
  read(client: string): readonly ChangedFile[] | null {
    let text: string;
    try {
      text = readFileSync(this.#path(client), 'utf8');
    } catch {
      return null;
    }
    try {
      return keptSchema.parse(JSON.parse(text)).files;
    } catch {
      throw new UnreadableSettings(`${this.#path(client)} is not what this program wrote`);
    }
  }

  keep(client: string, files: readonly ChangedFile[]): void {
    mkdirSync(dirname(this.#path(client)), { recursive: true, mode: 0o700 });
    writePrivately(this.#path(client), `${JSON.stringify({ files }, null, 2)}\n`);
  }

  forget(client: string): void {
    rmSync(this.#path(client), { force: true });
  }

  #path(client: string): string {
    return join(this.#folder, `${client}.json`);
  }
}
