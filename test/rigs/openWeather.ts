import { removeServer } from './removeServer.ts';
import { openRivals, type Rivals } from './rivals.ts';
import { startServer, type Server } from './startServer.ts';

/** Half a second of a busy machine is not to look like a vendor that hangs. */
const patience = { firstByteMs: 2_000, idleMs: 2_000 };

/** Three vendors and a gateway in front of them, which never continues what was cut: each cut is to be seen. */
export const openWeather = async (
  seed: number,
  limits: Readonly<Record<string, number>>,
  onOpen: (end: () => Promise<void>) => void,
): Promise<[Server, Rivals]> => {
  const rivals = await openRivals({ seed });
  onOpen(() => rivals.close());
  const configuration = `${rivals.configuration({ limits: { ...patience, ...limits } })}policy: { midStream: never }\n`;
  const server = await startServer({ configuration, env: rivals.env });
  onOpen(() => removeServer(server));
  return [server, rivals];
};
