// The style sheet of reports: light and dark, wide and narrow, on screen and on paper.
import { dark, light, variablesOf } from './palette.ts'

export const style = `
:root { ${variablesOf(light)} --page: #f4f6fa; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { ${variablesOf(dark)} --page: #0d1119; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", "Liberation Sans", Arial, sans-serif; }
header, main, footer { max-width: 1120px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
h1 { margin: 0 0 8px; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 6px; font-size: 1.3rem; overflow-wrap: anywhere; }
h3 { margin: 26px 0 8px; font-size: 1.05rem; }
h4 { margin: 0 0 6px; font-size: 0.95rem; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 6px 0 12px; max-width: 78ch; color: var(--muted); }
p.lead { color: var(--ink); }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; padding-bottom: 6px; }
a { color: var(--series-0); }
section { margin: 22px 0; padding: 20px 22px; background: var(--ground); border: 1px solid var(--line); border-radius: 10px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 18px 26px; margin: 14px 0 18px; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; font-size: 0.95rem; margin-bottom: 2px; overflow-wrap: anywhere; }
svg.plot { display: block; width: 100%; height: auto; max-width: 620px; }
svg.swatch { display: inline-block; width: 10px; height: 10px; margin-right: 7px; }
.scroll { overflow-x: auto; margin: 12px 0; }
.scroll:focus-visible, button:focus-visible, select:focus-visible, input:focus-visible, summary:focus-visible { outline: 2px solid var(--series-0); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: 6px; }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(72ch, calc(100vw - 50px)); }
th, td { padding: 5px 16px 5px 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
th { font-weight: 400; }
thead th { color: var(--muted); font-size: 0.85rem; }
.number { text-align: right; }
code { font: 0.88em ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
details { margin: 8px 0; }
summary { cursor: pointer; color: var(--muted); overflow-wrap: anywhere; }
ul { margin: 8px 0; padding-left: 20px; overflow-wrap: anywhere; }
ul.notes { color: var(--muted); font-size: 0.92rem; }
.replays { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 20px 24px; }
.replay { min-width: 0; }
.replay canvas { display: block; width: 100%; aspect-ratio: 1; border: 1px solid var(--line); border-radius: 8px; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 12px; margin-top: 8px; font-size: 0.88rem; color: var(--muted); }
.controls .scrub { flex: 1; min-width: 90px; accent-color: var(--series-0); }
.controls output { min-width: 5.5em; text-align: right; font-variant-numeric: tabular-nums; }
button, select { font: inherit; color: var(--ink); background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: 4px 10px; }
button { min-width: 4.8em; cursor: pointer; }
.returns { margin: 6px 0 0; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
footer { padding-bottom: 30px; font-size: 0.85rem; color: var(--muted); }
@media (max-width: 560px) { header, main, footer { padding: 0 12px; } header { padding-top: 18px; } section { padding: 14px 12px; } }
@media print { body { background: none; } section { break-inside: avoid; border: none; padding: 0; } .controls, nav { display: none; } }
`
