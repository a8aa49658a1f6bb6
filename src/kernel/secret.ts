const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A value that must never be printed. Logs, JSON, string templates and inspectors show "[secret]". */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; call it only where the bytes leave for the party that issued it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect](): string {
    return '[secret]';
  }
}

/** Where a secret is to be read from: a variable of the environment, or a file. It names the secret and never holds it. */
export type SecretReference =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

/** How a secret is written in a file of ours: `${env:NAME}` or `${file:path}`, and nothing around it. */
export const secretReferencePattern =
  /^\$\{(?:env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:[^{}\u0000-\u001f\u007f]{1,1024})\}$/;

/** Reads `${env:NAME}` or `${file:path}`; null for anything else, which may be a secret itself and must not be shown. */
export const parseSecretReference = (text: string): SecretReference | null => {
  if (!secretReferencePattern.test(text)) return null;
  const inner = text.slice(2, -1);
  return inner.startsWith('env:')
    ? { kind: 'env', name: inner.slice('env:'.length) }
    : { kind: 'file', path: inner.slice('file:'.length) };
};

/** Writes a reference as it stands in the file. Also serves as its identity. */
export const formatSecretReference = (reference: SecretReference): string =>
  reference.kind === 'env' ? `\${env:${reference.name}}` : `\${file:${reference.path}}`;
