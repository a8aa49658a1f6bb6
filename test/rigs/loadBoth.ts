import { clientWires, load, type LoadOptions, type Outcome } from './load.ts';
import { clientKey } from './rivals.ts';
import type { Server } from './startServer.ts';

export interface LoadBothOptions extends Omit<LoadOptions, 'url' | 'key' | 'wire' | 'model'> {
  /** Absent: the one that has no budget. */
  readonly key?: string;
  /** Absent: one that is sold by two vendors, of whom each speaks one of the wires. */
  readonly model?: string;
}

/** Loads a server that rivals stand behind by clients of both wires, who share the places and the rate between them. */
export const loadBoth = async (
  { url }: Pick<Server, 'url'>,
  { key = clientKey, model = 'aurora-across', name, concurrency, perSecond = Infinity, ...more }: LoadBothOptions,
): Promise<readonly Outcome[]> => {
  const each = clientWires.map((wire) =>
    load({
      ...more,
      url,
      key,
      model,
      wire,
      name: `${name} ${wire}`,
      concurrency: concurrency / clientWires.length,
      perSecond: perSecond / clientWires.length,
    }),
  );
  return (await Promise.all(each)).flat();
};
