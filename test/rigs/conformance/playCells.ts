import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConformanceRig } from './ConformanceRig.ts';
import { clients, skipsOf, vendors } from './matrix.ts';
import { runCell, type Cell } from './runCell.ts';

/** Declares a test for each of these squares, which passes, or is skipped for a reason and fails. */
export const playCells = (cells: readonly Cell[]): void => {
  let rig: ConformanceRig;
  beforeAll(async () => {
    rig = await ConformanceRig.open();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  describe.each(clients)('a client of $name', (client) => {
    describe.each(vendors)('at a vendor of $name', (vendor) => {
      const own = cells.filter((cell) => cell.client === client && cell.vendor === vendor);

      it.each(own.map((cell) => [cell.scenario.name, cell.stream, cell] as const))(
        '%s, streamed: %s',
        async (_name, _stream, cell) => {
          const complaints = (await runCell(rig, cell)).join('\n');
          if (skipsOf(cell).length === 0) expect(complaints).toBe('');
          else expect(complaints, 'It passes: take it off the list of skips.').not.toBe('');
        },
      );
    });
  });
};
