/** The look of the report: light and dark as the reader's machine says, light on paper. Colours of series keep apart for colour-blind eyes. */
export const pageStyle = `
:root {
  color-scheme: light;
  --page: #f6f5f1; --surface: #fdfdfc; --ink: #15140f; --soft: #55534d; --faint: #8b8981; --line: #e3e1d9; --axis: #b4b2a8;
  --accent: #2570cb; --bad: #c62828; --good: #1d7a3a; --kept: #bfbdb4; --kept-ink: #15140f; --body: #9dc1ee; --tail: #2570cb; --band: #2570cb26;
  --series-0: #2570cb; --series-1: #1baf7a; --series-2: #eda100; --series-3: #008300; --series-4: #4a3aa7; --series-5: #e34948;
  --series-6: #e87ba4; --series-7: #eb6834; --light: #ffffff; --dark: #15140f;
  --heat-0: #e8f0fb; --heat-1: #c3daf5; --heat-2: #8fbaec; --heat-3: #4d8fdd; --heat-4: #1f5fb0;
  --heat-ink-0: #15140f; --heat-ink-1: #15140f; --heat-ink-2: #15140f; --heat-ink-3: #0c0b07; --heat-ink-4: #ffffff;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #121211; --surface: #1b1b19; --ink: #f4f3ef; --soft: #c3c1b8; --faint: #8f8d85; --line: #2f2f2c; --axis: #55544e;
    --accent: #6aa8f0; --bad: #ff7b72; --good: #5fc27e; --kept: #56554f; --kept-ink: #f4f3ef; --body: #2d5688; --tail: #6aa8f0; --band: #6aa8f02e;
    --series-0: #3987e5; --series-1: #1fa87a; --series-2: #d09000; --series-3: #2e9e3a; --series-4: #9085e9; --series-5: #e66767;
    --series-6: #d9739d; --series-7: #e07a4a; --light: #15140f; --dark: #15140f;
    --heat-0: #1d2733; --heat-1: #223f5e; --heat-2: #2a5c94; --heat-3: #4a8edb; --heat-4: #8fc0f5;
    --heat-ink-0: #f4f3ef; --heat-ink-1: #f4f3ef; --heat-ink-2: #ffffff; --heat-ink-3: #0c0b07; --heat-ink-4: #0c0b07;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--surface); padding: .5rem 1rem; }
header, main { max-width: 66rem; margin: 0 auto; padding: 0 1.5rem; }
main { padding-bottom: 3rem; }
header { padding-top: 3rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .5rem; letter-spacing: -.005em; }
h3 { font-size: 1.02rem; margin: 1.4rem 0 0; }
figcaption h3, .sheet h3, h2 + h3 { margin-top: 0; }
h4 { font-size: .95rem; margin: 1.2rem 0 .3rem; }
p { margin: .4rem 0; max-width: 46rem; }
header p, figcaption p, .lead { color: var(--soft); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: 1.2rem 0 0; font-size: .92rem; }
a { color: var(--accent); }
nav a { text-decoration: none; }
nav a:hover, nav a:focus { text-decoration: underline; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 1.6rem 1.8rem; margin: 1.4rem 0; }
.headline ul { list-style: none; margin: .6rem 0 0; padding: 0; font-size: 1.08rem; }
.headline li { margin: .5rem 0; max-width: 50rem; }
.headline li:first-child { font-weight: 650; font-size: 1.25rem; line-height: 1.35; }
.tiles { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1px; margin: 1.4rem 0 0; padding: 0; background: var(--line); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.tiles div { background: var(--surface); padding: .9rem 1rem; }
.tiles dt { color: var(--soft); font-size: .88rem; }
.tiles dd { margin: 0; font-size: 1.55rem; font-weight: 650; line-height: 1.3; }
.tiles dd.note { font-size: .82rem; font-weight: 400; color: var(--soft); line-height: 1.4; }
.tiles dd.bad { color: var(--bad); }
figure { margin: 1.6rem 0 0; }
figure:first-of-type { margin-top: .8rem; }
/* A shadow at the edge says that there is more beyond it. */
.scroll {
  overflow-x: auto;
  background: linear-gradient(to left, var(--surface) 30%, transparent) right / 2.4rem 100% no-repeat local, linear-gradient(to left, #7777774d, transparent) right / .5rem 100% no-repeat scroll;
}
svg { display: block; width: 100%; min-width: 34rem; height: auto; margin: .6rem 0 .3rem; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
svg text { fill: var(--ink); }
svg .tick { fill: var(--soft); font-size: 11.5px; }
svg .total, svg .due { font-weight: 600; }
svg .inside { font-weight: 600; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .axis, svg .mark { stroke: var(--axis); stroke-width: 1; }
svg .mark { stroke: var(--ink); stroke-dasharray: 3 3; }
svg .body { fill: var(--body); } svg .tail { fill: var(--tail); }
svg .own { fill: var(--accent); } svg .other { fill: var(--kept); }
svg .band { fill: var(--band); } svg .course { fill: none; stroke: var(--accent); stroke-width: 2; }
svg .point { fill: var(--surface); stroke: var(--accent); stroke-width: 2; } svg .point.current { fill: var(--accent); }
.series-0 { fill: var(--series-0); background: var(--series-0); } .series-1 { fill: var(--series-1); background: var(--series-1); }
.series-2 { fill: var(--series-2); background: var(--series-2); } .series-3 { fill: var(--series-3); background: var(--series-3); }
.series-4 { fill: var(--series-4); background: var(--series-4); } .series-5 { fill: var(--series-5); background: var(--series-5); }
.series-6 { fill: var(--series-6); background: var(--series-6); } .series-7 { fill: var(--series-7); background: var(--series-7); }
.kept { fill: var(--kept); background: var(--kept); }
svg .inside.series-0-ink, svg .inside.series-3-ink, svg .inside.series-4-ink { fill: var(--light); }
svg .inside.series-1-ink, svg .inside.series-2-ink, svg .inside.series-5-ink, svg .inside.series-6-ink, svg .inside.series-7-ink { fill: var(--dark); }
svg .inside.kept-ink { fill: var(--kept-ink); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: 0; margin: .5rem 0 0; font-size: .88rem; color: var(--soft); }
.swatch { display: inline-block; width: .75em; height: .75em; border-radius: 2px; margin-right: .45em; }
details { margin: .5rem 0 0; font-size: .92rem; }
summary { cursor: pointer; color: var(--soft); }
table { border-collapse: collapse; margin: .6rem 0; font-size: .9rem; min-width: 50%; }
caption { text-align: left; color: var(--soft); font-size: .88rem; padding: 0 0 .3rem; }
th, td { padding: .38rem .9rem .38rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 500; font-size: .84rem; vertical-align: bottom; }
tbody th { font-weight: 500; }
td small, th small { color: var(--soft); font-weight: 400; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td ul { margin: 0; padding-left: 1.1rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
table.heat { width: 100%; border-collapse: separate; border-spacing: 2px; font-size: .88rem; min-width: 34rem; }
table.heat th, table.heat td { border: 0; padding: .4rem .5rem; }
table.heat th:not(:first-child) { width: 9%; }
table.heat td { text-align: center; border-radius: 4px; font-variant-numeric: tabular-nums; line-height: 1.3; white-space: nowrap; }
table.heat td small { display: block; color: inherit; font-size: .78rem; }
table.heat td.short { box-shadow: inset 0 0 0 2px var(--bad); }
.heat-0 { background: var(--heat-0); color: var(--heat-ink-0); } .heat-1 { background: var(--heat-1); color: var(--heat-ink-1); }
.heat-2 { background: var(--heat-2); color: var(--heat-ink-2); } .heat-3 { background: var(--heat-3); color: var(--heat-ink-3); }
.heat-4 { background: var(--heat-4); color: var(--heat-ink-4); }
.sheet table { width: 100%; font-size: .86rem; }
.sheet td.number, .sheet th.number { white-space: normal; }
tr.group th { padding-top: .8rem; font-weight: 650; }
.sheet tbody th[scope="row"], .sheet td:nth-child(2) { font-weight: 400; white-space: nowrap; }
.sheet td:nth-child(6) { min-width: 8rem; } .sheet td:nth-child(7) { min-width: 7rem; }
.sheet { border-top: 1px solid var(--line); margin-top: 1.2rem; padding-top: 1rem; }
code { font-size: .86em; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  header, main { padding-left: .8rem; padding-right: .8rem; }
  header { padding-top: 1.6rem; }
  h1 { font-size: 1.6rem; }
  section { padding: 1.1rem 1rem; }
  .headline li:first-child { font-size: 1.12rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .tiles div { padding: .7rem .8rem; }
  .tiles dd.figure, .tiles dd.bad { font-size: 1.1rem; }
}
@page { size: A4; margin: 14mm 12mm; }
@media print {
  body { background: none; font-size: 10pt; }
  header, main { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 1rem 0; margin: 0; }
  tr, .tiles, svg, .legend { break-inside: avoid; }
  h2, h3, h4, figcaption, .legend, summary, thead, tr.group { break-after: avoid; }
  svg { min-width: 0; }
  .scroll { overflow: visible; background: none; }
  table, table.heat { width: 100%; min-width: 0; font-size: 7.5pt; }
  table.heat th, table.heat td { padding: .25rem; }
  table.heat td { white-space: normal; }
  .sheet table { font-size: 7.5pt; }
  thead th, caption { font-size: 7.5pt; }
  th, td { padding: .25rem .5rem .25rem 0; overflow-wrap: break-word; }
  td.number, th.number { white-space: normal; }
  .sheet tbody th[scope="row"], .sheet td:nth-child(2) { white-space: normal; }
  .sheet td:nth-child(n) { min-width: 0; }
  details > summary { list-style: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
