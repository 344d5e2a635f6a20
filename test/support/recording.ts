// A terminal recording as an SVG, which appears line by line where it is shown, and needs no player.

export interface Step {
  /** As typed. */
  readonly command: string;
  readonly output: string;
}

const size = { letter: 8.4, line: 19, margin: 16, columns: 98 } as const;
const escaped = (text: string) => text.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Long lines are cut, since a terminal would wrap them. */
const cut = (text: string) => (text.length > size.columns ? `${text.slice(0, size.columns - 1)}…` : text);

export function recordingOf(steps: readonly Step[]): string {
  const rows: string[] = [];
  let at = 0.3;
  for (const { command, output } of steps) {
    const lines = command.split('\n').map((line, index) => [index === 0 ? '$ ' : '  ', line] as const);
    for (const [prompt, line] of lines) {
      rows.push(
        row(rows.length, at, `<tspan class="p">${prompt}</tspan><tspan class="c">${escaped(cut(line))}</tspan>`),
      );
      at += 0.4;
    }
    at += 0.5;
    for (const line of output.trimEnd().split('\n')) {
      if (output.trim() === '') break;
      rows.push(row(rows.length, at, escaped(cut(line))));
      at += 0.08;
    }
    at += 1;
  }
  const width = Math.round(size.columns * size.letter + 2 * size.margin);
  const height = Math.round(rows.length * size.line + 2 * size.margin);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>A terminal: ${escaped(cut(steps[0]?.command.split('\n')[0] ?? ''))}</title>
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #c9d3df; white-space: pre; animation: show .01s both }
.p { fill: #6fbf73 } .c { fill: #fff }
@keyframes show { from { opacity: 0 } to { opacity: 1 } }
@media (prefers-reduced-motion: reduce) { text { animation: none } }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#1b2330"/>
${rows.join('\n')}
</svg>
`;
}

function row(index: number, seconds: number, content: string): string {
  const y = size.margin + index * size.line + 14;
  return `<text x="${size.margin}" y="${y}" style="animation-delay: ${seconds.toFixed(2)}s" xml:space="preserve">${content}</text>`;
}
