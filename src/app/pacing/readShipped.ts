import type { Shipper } from '../../store/index.ts';

/** How long a reading waits for records on their way: nothing hangs on it, and it is asked for again. */
const shippedWithinMs = 2_000;

/** The database, and what brings records there. */
interface ShippedLedger {
  readonly database: { readonly absence: { readonly message: string } | null };
  readonly shipper: Pick<Shipper, 'failure' | 'drain'>;
}

/**
 * What is read of the ledger once it has everything that was booked here before.
 * @throws Error where that does not come soon; whatever `read` rejects with
 */
export const readShipped = async <Value>(
  { database, shipper }: ShippedLedger,
  read: () => Promise<Value>,
): Promise<Value> => {
  // Nobody waits for what will not come.
  const failure = database.absence?.message ?? shipper.failure();
  if (failure !== null) throw new Error(`not all that was booked here is in the database: ${failure}`);
  await shipper.drain(AbortSignal.timeout(shippedWithinMs));
  return read();
};
