import { listenOn } from './listenOn.ts';

// An import would bring all of fetch along.
const { createServer } = process.getBuiltinModule('node:http');

/** Why an address cannot be listened on now, by the system's code (EADDRINUSE, EACCES, EADDRNOTAVAIL), or null where it can. */
export const addressFault = async (host: string, port: number): Promise<string | null> => {
  const server = createServer();
  try {
    await listenOn(server, host, port);
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    server.close();
  }
};
