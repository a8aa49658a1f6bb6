import type { Principal } from '../../src/access/index.ts';
import { noRates } from '../../src/vocabulary/index.ts';

/** A key of the file that may do whatever its team may. */
export const examplePrincipal: Principal = {
  hash: 'f'.repeat(64),
  organisation: 'default',
  team: 'research',
  key: 'tester',
  models: null,
  expiresAtMs: null,
  revokedAtMs: null,
  orphaned: false,
  budget: null,
  limits: noRates,
  managedBy: 'file',
  role: null,
  onlyTeams: null,
};
