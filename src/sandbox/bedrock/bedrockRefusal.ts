import type { JsonKind, Path, ShapeFault } from '../shape/checkShape.ts';
import type { Refusal } from '../vendor/VendorWire.ts';

/** An error of this vendor: its kind stands in a header, its words in the body. */
export interface BedrockError {
  readonly status: number;
  /** "ValidationException"; null for what the service itself did not say. */
  readonly type: string | null;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The error on the wire, as it is recorded. */
export const bedrockRefusal = ({ status, type, message, headers }: BedrockError): Refusal => ({
  status,
  headers: {
    ...(type === null ? {} : { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` }),
    ...headers,
  },
  body: JSON.stringify({ message }),
});

/** Nearly all that is wrong with a request. */
export const invalid = (message: string): BedrockError => ({ status: 400, type: 'ValidationException', message });

const unreadable = (message: string): BedrockError => ({ status: 400, type: 'SerializationException', message });

export const notJson = unreadable('Could not parse the request body as JSON.');

/** messages.1.member.content.2.member.text: places in lists are counted from one. */
const pathText = (path: Path): string =>
  path.map((step) => (typeof step === 'number' ? `${step + 1}.member` : step)).join('.');

/** #/messages/0/content */
const pointer = (path: Path): string => ['#', ...path].join('/');

/** @param value what stands there, as the vendor shows it; null where it shows nothing */
const constraint = (path: Path, value: string | null, rule: string): BedrockError =>
  invalid(
    `1 validation error detected: Value${value === null ? '' : ` ${value}`} at '${pathText(path)}' failed to satisfy constraint: ${rule}`,
  );

const tokenWords: Readonly<Record<JsonKind, string>> = {
  null: 'NULL_VALUE',
  boolean: 'BOOLEAN_VALUE',
  integer: 'NUMBER_VALUE',
  number: 'DECIMAL_VALUE',
  string: 'STRING_VALUE',
  array: 'START_ARRAY',
  object: 'START_OBJECT',
};

const kindWords: Readonly<Record<JsonKind, string>> = {
  null: 'null',
  boolean: 'Boolean',
  integer: 'Integer',
  number: 'Float',
  string: 'String',
  array: 'List',
  object: 'Structure',
};

/** The words in which this vendor tells a fault in a request's shape. */
export const shapeError = (fault: ShapeFault): BedrockError => {
  const { path } = fault;
  switch (fault.kind) {
    case 'missing':
      return constraint(path, 'null', 'Member must not be null');
    case 'unknown':
      return invalid(
        `Malformed input request: ${pointer(path.slice(0, -1))}: extraneous key [${String(path.at(-1))}] is not permitted, please reformat your input and try again.`,
      );
    case 'type':
      return unreadable(
        `${tokenWords[fault.got]} at '${pathText(path)}' can not be converted to ${kindWords[fault.expected.find((kind) => kind !== 'null') ?? 'null']}`,
      );
    case 'value':
      return constraint(path, `'${fault.got}'`, `Member must satisfy enum value set: [${fault.allowed.join(', ')}]`);
    case 'pattern':
      return constraint(path, null, `Member must satisfy regular expression pattern: ${fault.pattern}`);
    case 'below':
      return constraint(path, `'${fault.got}'`, `Member must have value greater than or equal to ${fault.bound}`);
    case 'above':
      return constraint(path, `'${fault.got}'`, `Member must have value less than or equal to ${fault.bound}`);
    case 'short':
      return constraint(path, null, `Member must have length greater than or equal to ${fault.bound}`);
    case 'long':
      return constraint(path, null, `Member must have length less than or equal to ${fault.bound}`);
  }
};
