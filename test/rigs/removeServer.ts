import { existsSync } from 'node:fs';
import { endPostmaster } from './postmaster.ts';
import { removeFolder, type Server } from './startServer.ts';

/** Ends whatever is left of a server, its database too, and removes all that it wrote. */
export const removeServer = async (server: Server): Promise<void> => {
  await server.kill();
  await endPostmaster(server.dataDir);
  removeFolder(server.dataDir);
  if (server.configurationPath !== null && existsSync(server.configurationPath)) removeFolder(server.configurationPath);
};
