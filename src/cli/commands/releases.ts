// fx releases
import type { ListedRelease } from '../../operate/releases.ts';
import { command } from '../command.ts';
import { aliasText, originText } from '../render/release-text.ts';
import { type Style, style } from '../render/style.ts';
import { openSession } from '../session.ts';
import { wholeNumber } from '../values.ts';

export const releases = command({
  needs: 'environment',
  options: { number: { kind: 'text', short: 'n', value: 'count', about: 'how many to show', default: '20' } },
  examples: [
    ['fx releases --env prod', 'The last twenty'],
    ['fx releases --env prod --json', 'The same for a program'],
  ],
  async run(invocation) {
    const most = wholeNumber(invocation.options.number, '--number');
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/releases.ts');
    const { releases: listed, weighted } = await operate.releases(environment, most, context);
    const styles = style(invocation.io.color && invocation.io.stdoutIsTerminal);
    const rows = listed.map((release) => row(release, styles));
    const split = weighted.map((alias) => styles.yellow(`${alias.name} ${aliasText(alias)}`));
    invocation.print(listed.length === 0 ? `"${environment.name}" has no releases.` : [...rows, ...split].join('\n'));
    invocation.result(listed);
    return 0;
  },
});

/** As wide as the longest state. */
const stateWidth = 'unfinished'.length;

type Colour = Style['dim'];

function stateOf(
  { live, status }: ListedRelease,
  { green, red, yellow, dim }: Pick<Style, 'green' | 'red' | 'yellow' | 'dim'>,
): readonly [text: string, colour: Colour] {
  if (live === 'yes') return ['LIVE', green];
  if (live === 'traffic') return ['TRAFFIC', green];
  if (live === 'part') return ['PARTLY', yellow];
  if (status === 'failed') return ['failed', red];
  return status === 'unfinished' ? ['unfinished', yellow] : ['', dim];
}

function row(release: ListedRelease, { green, red, yellow, dim }: Style): string {
  const [state, colour] = stateOf(release, { green, red, yellow, dim });
  const when = release.time.replace('T', ' ').slice(0, 19);
  const who = release.who.split(/[:/]/).at(-1);
  const columns = [
    String(release.number).padStart(4),
    colour(state.padEnd(stateWidth)),
    when,
    (release.commit ?? '-').padEnd(11),
    `${who}${release.origin.kind === 'deploy' ? '' : ` ${originText(release)}`}`,
    dim(detailOf(release)),
  ];
  return columns.join('  ');
}

function detailOf({ status, cause, interrupted, functions, origin }: ListedRelease): string {
  if (status === 'failed') return cause ?? '';
  if (status === 'unfinished') {
    return origin.kind === 'rollback' ? 'fx rollback finishes it' : 'in progress, or interrupted';
  }
  const versions = Object.entries(functions).map(([name, { version }]) => `${name}@${version ?? '?'}`);
  return `${versions.join(' ')}${interrupted ? ' (interrupted, recorded later)' : ''}`;
}
