// Reads a page as strictly as XML is read, so that one unescaped character is found.

export interface PageElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface PageReading {
  readonly faults: readonly string[];
  readonly elements: readonly PageElement[];
  /** All text between tags, entities undone. */
  readonly text: string;
}

const tagPattern = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
const attributePattern = /([\w:-]+)="([^"<]*)"/g;
const entityPattern = /&(?:amp|lt|gt|quot|#39);/g;
const undone: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

const plain = (text: string): string => text.replace(entityPattern, (entity) => undone[entity] ?? entity);

const strayIn = (text: string): string | null => /[<>&]/.exec(text.replace(entityPattern, ''))?.[0] ?? null;

/** Every fault of a page's markup, and what is in it. Styles are passed over. */
export const readPage = (page: string): PageReading => {
  const faults: string[] = [];
  const elements: PageElement[] = [];
  const open: string[] = [];
  let text = '';
  let at = page.indexOf('\n') + 1;
  while (at < page.length) {
    const next = page.indexOf('<', at);
    const between = page.slice(at, next === -1 ? page.length : next);
    const stray = strayIn(between);
    if (stray !== null) faults.push(`a stray ${stray} in ${JSON.stringify(between.slice(0, 80))}`);
    text += plain(between);
    if (next === -1) break;
    tagPattern.lastIndex = next;
    const tag = tagPattern.exec(page);
    if (tag === null) {
      faults.push(`no tag: ${JSON.stringify(page.slice(next, next + 60))}`);
      at = next + 1;
      continue;
    }
    at = tagPattern.lastIndex;
    const [, closing, name = '', written = '', selfClosing] = tag;
    const stayAttribute = strayIn(written.replaceAll('>', ''));
    if (stayAttribute !== null) faults.push(`a stray ${stayAttribute} in ${written}`);
    if (closing === '/') {
      const last = open.pop();
      if (last !== name) faults.push(`</${name}> closes <${last ?? 'nothing'}>`);
      continue;
    }
    const attributes = Object.fromEntries(
      [...written.matchAll(attributePattern)].map(([, key = '', value = '']) => [key, plain(value)]),
    );
    elements.push({ name, attributes });
    if (selfClosing === '/') continue;
    if (name === 'style') at = page.indexOf('</style>', at);
    open.push(name);
  }
  if (open.length > 0) faults.push(`left open: ${open.join(', ')}`);
  return { faults, elements, text };
};
