// fx releases
import type { ListedRelease, ShownRelease } from '../../operate/releases.ts';
import { command } from '../command.ts';
import { releaseForms, releaseName } from '../release-name.ts';
import { aliasText, originText, shortName, timeText } from '../render/release-text.ts';
import { type Style, style } from '../render/style.ts';
import { openSession } from '../session.ts';
import { wholeNumber } from '../values.ts';
import { workspaceOption } from '../workspace/options.ts';

export const releasesList = command({
  output: 'releases list',
  needs: 'environment',
  inEachProject: { order: 'any', notDeployed: () => 0 },
  options: {
    number: { kind: 'text', short: 'n', value: 'count', about: 'how many to show', default: '20' },
    ...workspaceOption,
  },
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

export const releasesShow = command({
  output: 'releases show',
  needs: 'environment',
  args: { release: { about: releaseForms, kind: 'required' } },
  examples: [
    ['fx releases show 12 --env prod', 'One release'],
    ['fx releases show 3h --env prod', 'What was live three hours ago'],
  ],
  async run(invocation) {
    const name = releaseName(invocation.args.release, 'the release');
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/releases.ts');
    const release = await operate.showRelease(environment, name(context.now()), context);
    invocation.print(shownText(release, style(invocation.io.color && invocation.io.stdoutIsTerminal)));
    invocation.result(release);
    return 0;
  },
});

const keyLength = 12;

function shownText(release: ShownRelease, styles: Style): string {
  const { number, time, tookMs, who, commit, message, fx, template, status, cause, interrupted, functions } = release;
  const { bold, dim } = styles;
  const [state, colour] = stateOf(release, styles);
  const took = tookMs === undefined ? '' : `, took ${Math.round(tookMs / 1000)} s`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['when', `${timeText(time)}${took}${interrupted ? ', interrupted, recorded later' : ''}`],
    ['who', who],
    ['commit', commit === undefined ? undefined : commit.replace(/\+$/, ' and uncommitted changes')],
    ['message', message],
    ['fx', fx || undefined],
    ['template', `${template.hash.slice(0, keyLength)}, ${template.size} bytes`],
    ['cause', status === 'failed' ? cause : undefined],
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${dim(name.padEnd(10))}${value}`]));
  const width = Math.max(0, ...Object.keys(functions).map((name) => name.length));
  const functionLines = Object.entries(functions).map(([name, { version, events }]) => {
    const artifact = release.artifacts?.[name];
    const code =
      artifact === undefined ? '' : `  ${/^[0-9a-f]{64}$/.test(artifact) ? artifact.slice(0, keyLength) : artifact}`;
    return `    ${name.padEnd(width)}  version ${version ?? '?'}${dim(`${code}  ${events.join(', ')}`.trimEnd())}`;
  });
  return [
    `${bold(`Release ${number}`)}${state === '' ? '' : `  ${colour(state)}`}  ${originText(release)}`,
    ...lines,
    ...(functionLines.length === 0 ? [] : [`  ${dim('functions')}`, ...functionLines]),
  ].join('\n');
}

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
  const when = timeText(release.time);
  const who = shortName(release.who);
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

function detailOf({ status, cause, interrupted, functions, origin, message }: ListedRelease): string {
  if (status === 'failed') return cause ?? '';
  if (status === 'unfinished') {
    return origin.kind === 'rollback' ? 'fx rollback finishes it' : 'in progress, or interrupted';
  }
  if (message !== undefined) return message;
  const versions = Object.entries(functions).map(([name, { version }]) => `${name}@${version ?? '?'}`);
  return `${versions.join(' ')}${interrupted ? ' (interrupted, recorded later)' : ''}`;
}
