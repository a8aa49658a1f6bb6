import type { Command } from './Command.ts';
import { backup } from './commands/backup.ts';
import { check } from './commands/check.ts';
import { connectClient } from './commands/connectClient.ts';
import { contracts } from './commands/contracts.ts';
import { dependency } from './commands/dependency.ts';
import { doctor } from './commands/doctor.ts';
import { drillCompare, drillList, drillLive, drillReplay, drillShow, drillStop } from './commands/drill.ts';
import { exportContracts, exportCosts } from './commands/exports.ts';
import { health } from './commands/health.ts';
import { init } from './commands/init.ts';
import { jobsCancel, jobsExplain, jobsList, jobsShow } from './commands/jobs.ts';
import { jobsLogs } from './commands/jobsLogs.ts';
import { jobsSubmit } from './commands/jobsSubmit.ts';
import { jobsWait } from './commands/jobsWait.ts';
import { keysCreate, keysList, keysRevoke, keysRotate, keysRotateAdmin } from './commands/keys.ts';
import { ledgerAdopt } from './commands/ledgerAdopt.ts';
import { ledgerAccounts } from './commands/ledgerAccounts.ts';
import { ledgerVerify } from './commands/ledgerVerify.ts';
import { offersImport, offersList } from './commands/offers.ts';
import { plan } from './commands/plan.ts';
import { planCheck } from './commands/planCheck.ts';
import { planDiff } from './commands/planDiff.ts';
import { planFromUsage } from './commands/planFromUsage.ts';
import { planInit } from './commands/planInit.ts';
import { planSign } from './commands/planSign.ts';
import { planTrack } from './commands/planTrack.ts';
import { pricesExplain, pricesList } from './commands/prices.ts';
import { pricesDiff } from './commands/pricesDiff.ts';
import { pricesImport } from './commands/pricesImport.ts';
import { reconcile } from './commands/reconcile.ts';
import { reload } from './commands/reload.ts';
import { restore } from './commands/restore.ts';
import { sandboxFault, sandboxShow } from './commands/sandbox.ts';
import { sites } from './commands/sites.ts';
import { supportBundle } from './commands/supportBundle.ts';
import { up } from './commands/up.ts';
import { usage } from './commands/usage.ts';
import { why } from './commands/why.ts';

/** Every command, in the order of the overview. */
export const allCommands: readonly Command[] = [
  init,
  up,
  check,
  doctor,
  connectClient,
  why,
  usage,
  contracts,
  dependency,
  drillReplay,
  drillLive,
  drillStop,
  drillList,
  drillShow,
  drillCompare,
  health,
  exportCosts,
  exportContracts,
  reconcile,
  keysCreate,
  keysList,
  keysRotate,
  keysRevoke,
  keysRotateAdmin,
  ledgerVerify,
  ledgerAdopt,
  ledgerAccounts,
  pricesList,
  pricesExplain,
  pricesDiff,
  pricesImport,
  reload,
  backup,
  restore,
  supportBundle,
  plan,
  planCheck,
  planInit,
  planFromUsage,
  planDiff,
  planSign,
  planTrack,
  jobsSubmit,
  jobsList,
  jobsShow,
  jobsLogs,
  jobsCancel,
  jobsExplain,
  jobsWait,
  sites,
  offersImport,
  offersList,
  sandboxShow,
  sandboxFault,
];
