/** Markup that is safe to print: everything that was put into it is escaped. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Puts values between pieces that are markup already. */
  static join(pieces: readonly string[], values: readonly HtmlValue[]): Html {
    return new Html(pieces.map((piece, index) => piece + Html.#printed(values[index] ?? null)).join(''));
  }

  /** Markup of our own, as it is: never anything that came from outside. */
  static ours(text: string): Html {
    return new Html(text);
  }

  static #printed(value: HtmlValue): string {
    if (value === null) return '';
    if (value instanceof Html) return value.#text;
    if (typeof value === 'object') return value.map((item) => Html.#printed(item)).join('');
    return typeof value === 'number' ? numberText(value) : escapeText(value);
  }

  toString(): string {
    return this.#text;
  }
}

export type HtmlValue = string | number | Html | null | readonly HtmlValue[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters that no document may hold, whatever a file says. */
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g;

const escapeText = (text: string): string =>
  text.replace(forbidden, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** Coordinates need no more than a hundredth of a pixel. */
const numberText = (value: number): string => String(Number(value.toFixed(2)));

/** Markup, with every value in it escaped; null prints nothing. */
export const html = (pieces: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => Html.join(pieces, values);
