// Compares what a page shows with what a command printed: the same words in the same order, whatever the numbers, ids and bars are.

/** A line without what differs from run to run. `…` stays, and stands for anything. */
function shapeOf(line: string): string {
  return line
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replace(/(?<![0-9a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,}(?![0-9a-f])/g, 'ID')
    .replace(/(Version)[0-9a-f]{12}/g, '$1ID')
    .replace(/\d+([.,:]\d+)*/g, '0')
    .replace(/0 m?s\b/g, '0 s')
    .replace(/[\u2580-\u259f\u2800-\u28ff]+/g, '█')
    .replace(/\s+/g, ' ')
    .trim();
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What the page shows as a pattern: a line that is only `…` stands for any number of lines. */
function patternOf(shown: readonly string[]): RegExp {
  const lines = shown.map((line) =>
    line.trim() === '…' ? '(?:.*\\n)*?' : `${shapeOf(line).split('…').map(escaped).join('.*')}\\n`,
  );
  return new RegExp(`^${lines.join('')}$`);
}

const withoutBlankEnd = (lines: readonly string[]) =>
  lines.slice(0, lines.findLastIndex((one) => one.trim() !== '') + 1);

/** Undefined if the output has the shape of what is shown, else both, one below the other. */
export function difference(shown: readonly string[], output: string): string | undefined {
  const printed = withoutBlankEnd(output.split('\n'));
  if (patternOf(withoutBlankEnd(shown)).test(printed.map((line) => `${shapeOf(line)}\n`).join(''))) return undefined;
  return `the page shows\n${shown.join('\n')}\nbut it prints\n${printed.join('\n')}`;
}

/** The addresses of the local AWS that the page shows → those that the command printed, by their order. */
export function addresses(shown: readonly string[], output: string): ReadonlyMap<string, string> {
  const ports = (text: string) => text.match(/127\.0\.0\.1:\d+/g) ?? [];
  const printed = ports(output);
  return new Map(ports(shown.join('\n')).map((one, index) => [one, printed[index] ?? one]));
}
