import { existsSync } from 'node:fs';
import { keepLastWords } from './canaries/keepLastWords.ts';
import { endPostmaster } from './postmaster.ts';
import { removeFolder, type Server } from './startServer.ts';

/** Ends whatever is left of a server, its database too, and removes all that it wrote. */
export const removeServer = async (server: Server): Promise<void> => {
  await keepLastWords(server, server.keeper);
  await server.kill();
  await endPostmaster(server.dataDir);
  server.keeper.keepFiles(server.dataDir);
  removeFolder(server.dataDir);
  if (server.configurationPath !== null && existsSync(server.configurationPath)) removeFolder(server.configurationPath);
};
