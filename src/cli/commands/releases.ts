// fx releases
import type { ListedRelease } from '../../operate/releases.ts';
import { command } from '../command.ts';
import { style } from '../render/style.ts';
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
    const { project, context } = await openSession(invocation);
    const operate = await import('../../operate/releases.ts');
    const listed = await operate.releases(project, most, context);
    const { green, red, dim } = style(invocation.io.color && invocation.io.stdoutIsTerminal);
    const row = (release: ListedRelease) => {
      const state = release.live ? green('LIVE  ') : release.status === 'failed' ? red('failed') : '      ';
      const origin = release.rollbackOf === undefined ? '' : ` back to ${release.rollbackOf}`;
      const versions = Object.entries(release.functions).map(([name, { version }]) => `${name}@${version}`);
      const detail = release.status === 'failed' ? (release.cause ?? '') : versions.join(' ');
      const when = release.time.replace('T', ' ').slice(0, 19);
      return `${String(release.number).padStart(4)}  ${state}  ${when}  ${(release.commit ?? '-').padEnd(11)}  ${release.who.split(/[:/]/).at(-1)}${origin}  ${dim(detail)}`;
    };
    invocation.print(listed.length === 0 ? `"${project.environment}" has no releases.` : listed.map(row).join('\n'));
    invocation.result(listed.map(({ template: _, ...release }) => release));
    return 0;
  },
});
