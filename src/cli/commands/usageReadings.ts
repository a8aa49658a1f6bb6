// What commands that read usage have in common: files and ledgers, and what to say of rows that cannot be read.
import { formatFault, type ConfigurationFault } from '../../config/index.ts';
import type { Result } from '../../kernel/index.ts';
import { vendorLabel, type UsageReading } from '../../planner/index.ts';
import type { AdminClient } from '../AdminClient.ts';
import { AuthenticationError, textOption, UsageError, type Invocation, type OptionValues } from '../Command.ts';
import { readNamedFile } from '../readNamedFile.ts';
import { record } from '../record.ts';

/** The name of who bills, where exports do not say. @throws UsageError when it is none. */
export const vendorOption = (options: OptionValues): string | null => {
  const written = textOption(options, 'vendor');
  if (written === undefined) return null;
  const vendor = vendorLabel(written);
  if (vendor === '' || vendor !== written)
    throw new UsageError(`--vendor takes a short name, such as north, not ${written}`);
  return vendor;
};

/** @throws UsageError where a file cannot be read. */
export const usageText = (cwd: string, file: string): string => readNamedFile(cwd, file).toString();

/** @throws UsageError where nothing can be made of a file. */
export const usableReading = (reading: Result<UsageReading, ConfigurationFault>): UsageReading => {
  if (!reading.ok) throw new UsageError(formatFault(reading.fault));
  return reading.value;
};

/** A report of usage from the control plane. @throws AuthenticationError or UsageError when it refuses. */
export const askUsage = async (client: AdminClient, query: Readonly<Record<string, string>>): Promise<unknown> => {
  const { status, body } = await client.get(`/admin/v1/usage?${new URLSearchParams(query).toString()}`);
  if (status < 400) return body;
  const { message } = record(record(body)['error']);
  const told = typeof message === 'string' ? message : `the control plane answered ${status}`;
  if (status === 401 || status === 403)
    throw new AuthenticationError(`${told}\nGive one with --admin-key or ARCHIPEL_ADMIN_KEY.`);
  throw status >= 500 ? new Error(told) : new UsageError(told);
};

/** Tells the bad rows. Nothing is made of a part of them unless that is asked for. @param undone What then did not happen. */
export const areReadable = (
  { options, terminal }: Invocation,
  readings: readonly UsageReading[],
  undone: string,
): boolean => {
  for (const { file, faults, badRows } of readings) {
    for (const fault of faults) terminal.err(`${formatFault(fault)}\n`);
    if (badRows > faults.length) terminal.err(`${file}: ${badRows - faults.length} more bad rows\n`);
  }
  if (readings.every(({ badRows }) => badRows === 0) || options['skip-bad-rows'] === true) return true;
  terminal.err(`${undone}: mend these rows, or leave them out with --skip-bad-rows\n`);
  return false;
};
