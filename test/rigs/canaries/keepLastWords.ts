import { AdminPlane } from '../AdminPlane.ts';
import { databaseText } from '../databaseText.ts';
import type { Server } from '../startServer.ts';
import type { OutputKeeper } from './OutputKeeper.ts';

interface Api {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Keeps what a server still answers before it ends: its metrics, and each route of the control plane that only reads and needs no id. */
export const keepLastWords = async (server: Server, keeper: OutputKeeper): Promise<void> => {
  if (!keeper.isKept) return;
  const answers = new AdminPlane(server);
  const ask = async (path: string): Promise<string> => {
    const text = await answers.text(path).catch((error: unknown) => String(error));
    keeper.keep('answers', `GET ${path}\n${text}\n`);
    return text;
  };
  try {
    const { paths }: Api = JSON.parse(await ask('/admin/v1/openapi.json'));
    const readable = Object.keys(paths).filter((path) => 'get' in (paths[path] ?? {}) && !path.includes('{'));
    for (const path of ['/healthz', '/readyz', '/metrics', ...readable]) await ask(path);
  } catch {
    // It does not answer any more.
  }
  keeper.keep('database', await databaseText(server.dataDir));
};
