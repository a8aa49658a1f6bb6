import { AdminPlane } from './AdminPlane.ts';
import { listOf, membersOf } from './clients/Reading.ts';
import type { Outcome } from './load.ts';
import type { Server } from './startServer.ts';

const timeouts: ReadonlySet<unknown> = new Set(['first_byte_timeout', 'idle_timeout']);

/**
 * Whether a request went wrong because a vendor that is well came too late, which half a second of a busy machine is enough for. Then two were
 * out, one of them by the rig's own fault, and no failover can be expected to hide that.
 * @param well names of the providers that are
 */
const metLateVendor = async (server: Server, { requestId }: Outcome, well: ReadonlySet<string>): Promise<boolean> => {
  if (requestId === null) return false;
  const { attempts } = await new AdminPlane(server).ask('GET', `/admin/v1/requests/${requestId}`);
  return listOf(attempts).some(({ provider, outcome }) => {
    const cause = membersOf(membersOf(outcome)?.['failure'])?.['cause'];
    return typeof provider === 'string' && well.has(provider) && timeouts.has(cause);
  });
};

/** The requests that went wrong, but for those that met a vendor that is well and late. */
export const wrongByOurs = async (
  server: Server,
  outcomes: readonly Outcome[],
  well: ReadonlySet<string>,
): Promise<readonly Outcome[]> => {
  const wrong: Outcome[] = [];
  for (const outcome of outcomes) {
    if (outcome.fault !== null && !(await metLateVendor(server, outcome, well))) wrong.push(outcome);
  }
  return wrong;
};
