import { html, type Html, type HtmlValue } from '../html.ts';

/** Width of every chart; the page scales it. */
export const chartWidth = 760;

/** Colours of the page's palette: what is beyond the last is drawn as "others". */
export const seriesMax = 8;

/** A drawing that is read aloud by its title and its description. @param id Unique on the page. */
export const drawing = (
  id: string,
  height: number,
  { title, description }: { readonly title: string; readonly description: string },
  content: HtmlValue,
): Html =>
  html`<svg
    viewBox="0 0 ${chartWidth} ${height}"
    role="img"
    aria-labelledby="${id}-title ${id}-description"
    xmlns="http://www.w3.org/2000/svg"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-description">${description}</desc>
    ${content}
  </svg>`;

/** A chart with its words above and its figures as a table behind. */
export const figure = (parts: {
  readonly title: string;
  readonly lead: string;
  readonly chart: HtmlValue;
  readonly legend?: HtmlValue;
  readonly tableTitle: string;
  readonly table: Html;
}): Html =>
  html`<figure>
    <figcaption>
      <h3>${parts.title}</h3>
      <p>${parts.lead}</p>
    </figcaption>
    ${parts.legend ?? null}
    <div class="scroll">${parts.chart}</div>
    <details>
      <summary>${parts.tableTitle}</summary>
      ${parts.table}
    </details>
  </figure>`;

export interface LegendEntry {
  readonly name: string;
  /** Class of the palette: "series-0", "marker" ... */
  readonly colour: string;
}

/** Which colour is whose. */
export const legend = (entries: readonly LegendEntry[]): Html =>
  html`<ul class="legend">
    ${entries.map(({ name, colour }) => html`<li><span class="swatch ${colour}"></span>${name}</li>`)}
  </ul>`;

export interface TableColumn {
  readonly head: string;
  readonly isNumber?: boolean;
}

type TableRow = readonly HtmlValue[];

/** Rows below a title of their own. */
export interface TableGroup {
  readonly title: string;
  readonly rows: readonly TableRow[];
}

const isGroup = (one: TableRow | TableGroup): one is TableGroup => 'title' in one;

/** A table whose first column names its rows, which may stand in groups. */
export const tableOf = (columns: readonly TableColumn[], rows: readonly (TableRow | TableGroup)[]): Html => {
  const cell = (value: HtmlValue, index: number): Html => {
    const alignment = columns[index]?.isNumber ? 'number' : 'words';
    return index === 0 ? html`<th scope="row">${value}</th>` : html`<td class="${alignment}">${value}</td>`;
  };
  const row = (cells: TableRow): Html =>
    html`<tr>
      ${cells.map(cell)}
    </tr>`;
  const head = ({ head: name, isNumber }: TableColumn): Html =>
    html`<th scope="col" class="${isNumber ? 'number' : 'words'}">${name}</th>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${columns.map(head)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((one) =>
          isGroup(one)
            ? html`<tr class="group">
                  <th scope="rowgroup" colspan="${columns.length}">${one.title}</th>
                </tr>
                ${one.rows.map(row)}`
            : row(one),
        )}
      </tbody>
    </table>
  </div>`;
};
