/** The look of the evidence page: the theme's own colours, so that light, dark and high contrast all work. */

export const STYLE = `
:root { color-scheme: light dark; }
body { color: var(--vscode-foreground); background: var(--vscode-editor-background);
  font: 13px/1.55 var(--vscode-font-family, sans-serif); padding: 0; margin: 0; }
main { max-width: 760px; margin: 0 auto; padding: 24px 28px 48px; }
h1 { font-size: 26px; font-weight: 600; line-height: 1.2; margin: 2px 0 4px; }
h2 { font-size: 16px; font-weight: 600; margin: 34px 0 6px; padding-bottom: 4px;
  border-bottom: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border, #8884)); }
h3 { font-size: 13px; font-weight: 600; margin: 20px 0 4px; }
p { margin: 6px 0; max-width: 68ch; }
.place { font-family: var(--vscode-editor-font-family, monospace); margin: 0; }
.figure { color: var(--vscode-charts-green, #388a34); }
.lead { font-size: 15px; margin: 0 0 12px; }
.quiet { color: var(--vscode-descriptionForeground); }
.facts { list-style: none; display: flex; flex-wrap: wrap; gap: 6px 22px; padding: 0; margin: 0; }
.note { border-left: 3px solid var(--vscode-charts-blue, #1a85ff); padding: 4px 10px; margin-top: 14px; }
figure { margin: 10px 0; }
figcaption { color: var(--vscode-descriptionForeground); }
svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--vscode-foreground); stroke-opacity: .13; }
.one { stroke: var(--vscode-foreground); stroke-opacity: .7; stroke-dasharray: 5 4; }
.mean { stroke: var(--vscode-charts-green, #388a34); stroke-width: 1.5; }
.interval { fill: var(--vscode-charts-green, #388a34); fill-opacity: .22; }
.sample { fill: var(--vscode-charts-green, #388a34); stroke: var(--vscode-editor-background); stroke-width: 1; }
.control { fill: none; stroke: var(--vscode-charts-blue, #1a85ff); stroke-width: 1.6; }
.range { stroke-width: 2; }
.faster { stroke: var(--vscode-charts-green, #388a34); }
.slower { stroke: var(--vscode-charts-red, #e51400); }
.even { stroke: var(--vscode-descriptionForeground); }
.point.faster { fill: var(--vscode-charts-green, #388a34); }
.point.slower { fill: var(--vscode-charts-red, #e51400); }
.point.even { fill: var(--vscode-descriptionForeground); }
.tick { fill: var(--vscode-foreground); fill-opacity: .8; font-size: 12px; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.key { display: inline-block; width: 10px; height: 10px; margin: 0 3px 0 10px; vertical-align: -1px; }
.sample-key { border-radius: 50%; background: var(--vscode-charts-green, #388a34); margin-left: 0; }
.interval-key { width: 16px; background: var(--vscode-charts-green, #388a34); opacity: .35; }
.control-key { width: 7px; height: 7px; border: 1.6px solid var(--vscode-charts-blue, #1a85ff); vertical-align: 0; }
table { border-collapse: collapse; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 3px 18px 3px 0; font-weight: normal; }
thead th { color: var(--vscode-descriptionForeground); }
.bars th, .environment th { text-align: left; }
.environment th { color: var(--vscode-descriptionForeground); }
.environment td { text-align: left; }
.bars td:last-child { width: 180px; }
.bar { height: 8px; fill: var(--vscode-charts-blue, #1a85ff); }
.scroll { overflow-x: auto; }
.scroll:focus-visible, summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
summary { cursor: pointer; margin-top: 8px; }
.diff { border: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border, #8884)); border-radius: 4px;
  padding: 8px 0; margin: 10px 0; }
.diff code { display: inline-block; min-width: 100%; font: 12.5px/1.5 var(--vscode-editor-font-family, monospace);
  color: var(--vscode-editor-foreground); background: none; }
.diff span { display: block; padding: 0 12px; white-space: pre; }
.added { background: var(--vscode-diffEditor-insertedTextBackground, #9ccc2c33); }
.removed { background: var(--vscode-diffEditor-removedTextBackground, #ff000033); }
.hunk { color: var(--vscode-descriptionForeground); }
.lessons { padding-left: 18px; }
.tag { border: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border, #8884)); border-radius: 9px;
  padding: 0 7px; font-size: 12px; }
body.vscode-high-contrast .added, body.vscode-high-contrast-light .added { outline: 1px dashed var(--vscode-contrastActiveBorder); outline-offset: -1px; }
`;
