import type { z } from 'zod';
import type { ConfigurationPath } from './ConfigurationFault.ts';
import type { SourceNode } from './SourceDocument.ts';

type AnySchema = z.core.$ZodType;

/** The definition as the union of all kinds, so that a switch narrows it. */
const definitionOf = (schema: AnySchema): z.core.$ZodTypes['_zod']['def'] => (schema as z.core.$ZodTypes)._zod.def;

const scalarAt = (node: SourceNode | undefined, key: string): unknown => {
  const child = node?.kind === 'map' ? node.entries.get(key)?.node : undefined;
  return child?.kind === 'scalar' ? child.value : undefined;
};

/** Whether an option of a discriminated union is the one that this node chose. */
const isChosen = (option: AnySchema, discriminator: string, node: SourceNode | undefined): boolean => {
  const definition = definitionOf(option);
  if (definition.type !== 'object') return true;
  const chosen = scalarAt(node, discriminator);
  return [...(definition.shape[discriminator]?._zod.values ?? [])].some((value) => value === chosen);
};

const optionsOf = (
  definition: { readonly options: readonly AnySchema[]; readonly discriminator?: string },
  node: SourceNode | undefined,
): readonly AnySchema[] => {
  const { options, discriminator } = definition;
  if (discriminator === undefined) return options;
  const chosen = options.filter((option) => isChosen(option, discriminator, node));
  return chosen.length > 0 ? chosen : options;
};

/** What a schema wraps: the schema of the same value before its defaults, transformations or choice of branch. */
const wrappedBy = (schema: AnySchema, node: SourceNode | undefined): readonly AnySchema[] => {
  const definition = definitionOf(schema);
  if (definition.type === 'union') return optionsOf(definition, node);
  if (definition.type === 'pipe') return [definition.in];
  const isWrapper =
    definition.type === 'optional' ||
    definition.type === 'nullable' ||
    definition.type === 'default' ||
    definition.type === 'prefault' ||
    definition.type === 'readonly';
  return isWrapper ? [definition.innerType] : [];
};

/** A schema and all that it wraps, from the outside in. */
const layersOf = (schema: AnySchema, node: SourceNode | undefined): readonly AnySchema[] => [
  schema,
  ...wrappedBy(schema, node).flatMap((wrapped) => layersOf(wrapped, node)),
];

const childOf = (schema: AnySchema, step: string | number): AnySchema | undefined => {
  const definition = definitionOf(schema);
  if (definition.type === 'object') return Object.hasOwn(definition.shape, step) ? definition.shape[step] : undefined;
  if (definition.type === 'record') return definition.valueType;
  if (definition.type === 'array') return definition.element;
  return definition.type === 'tuple' && typeof step === 'number' ? definition.items[step] : undefined;
};

const nodeBelow = (node: SourceNode | undefined, step: string | number): SourceNode | undefined => {
  if (node?.kind === 'map') return node.entries.get(String(step))?.node;
  return node?.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined;
};

/** All schemas that a value at a path may be read by, wrappers first. */
export const schemasAt = (root: AnySchema, source: SourceNode, path: ConfigurationPath): readonly AnySchema[] => {
  let node: SourceNode | undefined = source;
  let layers = layersOf(root, node);
  for (const step of path) {
    node = nodeBelow(node, step);
    const below = node;
    layers = layers.flatMap((layer) => {
      const child = childOf(layer, step);
      return child === undefined ? [] : layersOf(child, below);
    });
  }
  return layers;
};

/** Keys that may stand in the map at a path. */
export const knownKeysAt = (root: AnySchema, source: SourceNode, path: ConfigurationPath): readonly string[] => {
  const keys = new Set<string>();
  for (const schema of schemasAt(root, source, path)) {
    const definition = definitionOf(schema);
    if (definition.type === 'object') for (const key of Object.keys(definition.shape)) keys.add(key);
  }
  return [...keys];
};
