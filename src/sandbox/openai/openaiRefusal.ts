import type { JsonKind, Path, ShapeFault } from '../shape/checkShape.ts';
import type { Refusal } from '../vendor/VendorWire.ts';

/** An error object of this wire. */
export interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

export const openaiErrorBody = (error: OpenAiError): string => JSON.stringify({ error });

export const openaiRefusal = (
  status: number,
  error: OpenAiError,
  headers: Readonly<Record<string, string>> = {},
): Refusal => ({ status, headers, body: openaiErrorBody(error) });

/** A request that is wrong in itself. */
export const badRequest = (message: string, param: string | null = null, code: string | null = null): Refusal =>
  openaiRefusal(400, { message, type: 'invalid_request_error', param, code });

/** messages[0].role */
const pathText = (path: Path): string =>
  path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');

const articles: Readonly<Record<JsonKind, string>> = {
  null: 'null',
  boolean: 'a boolean',
  integer: 'an integer',
  number: 'a decimal',
  string: 'a string',
  array: 'an array',
  object: 'an object',
};

const alternatives = (kinds: readonly JsonKind[]): string => {
  const words = [...new Set(kinds)].filter((kind) => kind !== 'null').map((kind) => articles[kind]);
  return words.length === 1 ? (words[0] ?? '') : `one of ${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
};

const quotedList = (values: readonly string[]): string => {
  const quoted = values.map((value) => `'${value}'`);
  if (quoted.length < 2) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')}${quoted.length > 2 ? ',' : ''} and ${quoted.at(-1) ?? ''}`;
};

/** The words in which this vendor tells a fault in a request's shape. */
export const refuseShape = (fault: ShapeFault): Refusal => {
  const param = pathText(fault.path);
  switch (fault.kind) {
    case 'missing':
      return param === 'model'
        ? badRequest('you must provide a model parameter')
        : badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
    case 'unknown':
      return fault.path.length === 1
        ? badRequest(`Unrecognized request argument supplied: ${param}`)
        : badRequest(`Unknown parameter: '${param}'.`, param, 'unknown_parameter');
    case 'type':
      return badRequest(
        `Invalid type for '${param}': expected ${alternatives(fault.expected)}, but got ${articles[fault.got]} instead.`,
        param,
        'invalid_type',
      );
    case 'value':
      return badRequest(
        `Invalid value: '${fault.got}'. Supported values are: ${quotedList(fault.allowed)}.`,
        param,
        'invalid_value',
      );
    case 'pattern':
      return badRequest(
        `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${fault.pattern}'.`,
        param,
        'invalid_value',
      );
    case 'below':
    case 'above': {
      const number = fault.integer ? 'integer' : 'decimal';
      const side = fault.kind === 'below' ? 'below minimum' : 'above maximum';
      const sign = fault.kind === 'below' ? '>=' : '<=';
      return badRequest(
        `Invalid '${param}': ${number} ${side} value. Expected a value ${sign} ${fault.bound}, but got ${fault.got} instead.`,
        param,
        `${number}_${side.replace(' ', '_').replace('minimum', 'min').replace('maximum', 'max')}_value`,
      );
    }
    case 'short':
      return fault.got === 0
        ? badRequest(
            `Invalid '${param}': empty ${fault.of}. Expected ${articles[fault.of]} with minimum length ${fault.bound}, but got an empty ${fault.of} instead.`,
            param,
            `empty_${fault.of}`,
          )
        : badRequest(
            `Invalid '${param}': ${fault.of} too short. Expected ${articles[fault.of]} with minimum length ${fault.bound}, but got ${articles[fault.of]} with length ${fault.got} instead.`,
            param,
            `${fault.of}_below_min_length`,
          );
    case 'long':
      return badRequest(
        `Invalid '${param}': ${fault.of} too long. Expected ${articles[fault.of]} with maximum length ${fault.bound}, but got ${articles[fault.of]} with length ${fault.got} instead.`,
        param,
        `${fault.of}_above_max_length`,
      );
  }
};
