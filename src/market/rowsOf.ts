import { isModelOf } from '../vocabulary/index.ts';
import type { CapabilityRow } from './CapabilityRow.ts';

/** Where a model is sold, by which wire and under what name. */
export interface SoldModel {
  readonly wire: string;
  /** As the configuration names it. */
  readonly vendor: string;
  /** The vendor's own name of the model. */
  readonly model: string;
}

/** What sellers write around a lab's name: "eu.anthropic.", "openai/", "-v1:0", "@default". */
const decorations = /^(?:[a-z-]+[./])*(?=(?:o\d|gpt-|codex-|claude-))|(?:-v\d+)?(?::\d+)?$|@default$/g;
/** "-2025-12-11", "-20251211" or "@20251211": the same model, pinned to a day. */
const datedEnd = /(?:-\d{4}-\d{2}-\d{2}|[-@]20\d{6})$/;
/** Regions of an inference profile, before the name of what it is about. */
const regions = /^(?:[a-z]{2,6}(?:-gov)?\.)(?=[a-z0-9]+\.)/;

/**
 * The names under which a table may know a model: the one it is sold under, that without its place ("models/", an ARN, the regions of a profile), and the
 * lab's own, without dates.
 */
const namesOf = (model: string): readonly string[] => {
  const name = model.slice(model.lastIndexOf('/') + 1);
  const withoutRegions = name.replace(regions, '');
  return [model, name, withoutRegions, name.replace(decorations, '').replace(datedEnd, '')];
};

const isAbout = (pattern: string, names: readonly string[]): boolean => names.some((name) => isModelOf(pattern, name));

/** The rows of a table that are about a model. @param labModel The lab's own name of it, where that is known. */
export const rowsOf = <Row extends Pick<CapabilityRow, 'wires' | 'vendors' | 'models'>>(
  table: readonly Row[],
  { wire, vendor, model }: SoldModel,
  labModel: string | null = null,
): readonly Row[] => {
  const names = [...namesOf(model), ...(labModel === null ? [] : namesOf(labModel))];
  return table.filter(
    ({ wires, vendors, models }) =>
      (wires?.includes(wire) ?? true) &&
      (vendors?.includes(vendor) ?? true) &&
      models.some((pattern) => isAbout(pattern, names)),
  );
};
