import type { JsonKind, ShapeFault } from '../shape/checkShape.ts';
import type { Refusal } from '../vendor/VendorWire.ts';

/** A refusal before it is known which request it answers. */
export interface AnthropicError {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  /** Machine-readable details, for the few errors that have them. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const anthropicErrorObject = ({ type, message, details }: AnthropicError): object => ({
  type,
  message,
  ...(details === undefined ? {} : { details }),
});

/** The error on the wire: statuses that cannot get better say so in `x-should-retry`. */
export const anthropicRefusal = (error: AnthropicError, requestId: string): Refusal => ({
  status: error.status,
  headers: {
    'x-should-retry': String(error.status === 429 || error.status >= 500),
    ...error.headers,
  },
  body: JSON.stringify({ type: 'error', error: anthropicErrorObject(error), request_id: requestId }),
});

export const invalidRequest = (message: string): AnthropicError => ({
  status: 400,
  type: 'invalid_request_error',
  message,
});

const kindWords: Readonly<Record<JsonKind, string>> = {
  null: 'null',
  boolean: 'boolean',
  integer: 'integer',
  number: 'number',
  string: 'string',
  array: 'list',
  object: 'dictionary',
};

const quoted = (values: readonly string[]): string => {
  const words = values.map((value) => `'${value}'`);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
};

/** The words in which this vendor tells a fault in a request's shape. */
export const shapeError = (fault: ShapeFault): AnthropicError => {
  const at = fault.path.join('.');
  const say = (message: string): AnthropicError => invalidRequest(at === '' ? message : `${at}: ${message}`);
  switch (fault.kind) {
    case 'missing':
      return say('Field required');
    case 'unknown':
      return say('Extra inputs are not permitted');
    case 'type': {
      if (fault.path.length === 2 && fault.path[0] === 'messages')
        return say('Input does not match the expected shape.');
      const expected = fault.expected.find((kind) => kind !== 'null') ?? 'null';
      return say(`Input should be a valid ${kindWords[expected]}`);
    }
    case 'value':
      return fault.path.at(-1) === 'type' || fault.path.at(-1) === 'role'
        ? invalidRequest(
            `${fault.path.slice(0, -1).join('.')}: Input tag '${fault.got}' found using '${String(fault.path.at(-1))}' does not match any of the expected tags: ${fault.allowed.map((value) => `'${value}'`).join(', ')}`,
          )
        : say(`Input should be ${quoted(fault.allowed)}`);
    case 'pattern':
      return say(`String should match pattern '${fault.pattern}'`);
    case 'below':
      return say(`Input should be greater than or equal to ${fault.bound}`);
    case 'above':
      return say(`Input should be less than or equal to ${fault.bound}`);
    case 'short':
      return fault.path.length === 1 && fault.path[0] === 'messages'
        ? say('at least one message is required')
        : say(
            `${fault.of === 'array' ? 'List' : 'String'} should have at least ${fault.bound} item${fault.bound === 1 ? '' : 's'}`,
          );
    case 'long':
      return say(`${fault.of === 'array' ? 'List' : 'String'} should have at most ${fault.bound} items`);
  }
};
