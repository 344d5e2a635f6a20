// fx events next.
import { expect, test } from 'vitest';
import { fx, resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';

test('fx events next shows the next times in the time zone of each schedule, and as JSON in UTC', async () => {
  const folder = await folderOf({
    'project.yml': `name: s
functions:
  daily:
    handler: a.handler
    events: [{schedule: {expression: cron(30 6 * * ? *), timezone: Asia/Tokyo}}, {schedule: {expression: rate(1 day), enabled: false}}]
  quiet: {handler: a.handler}
`,
    'a.ts': 'export const handler = async () => 1;\n',
  });
  const shown = await fx(folder, ['events', 'next', '-n', '2'], { variables: { TZ: 'UTC' } });
  expect(shown.stdout).toMatch(
    /^daily {2}cron\(30 6 \* \* \? \*\) {2}Asia\/Tokyo\n( {2}\w{3} \d{4}-\d\d-\d\d 06:30 GMT\+9 {2}\w{3} \d{4}-\d\d-\d\d 21:30 UTC here\n){2}daily {2}rate\(1 day\) {2}\(disabled\)\n$/,
  );
  const json = resultOf(await fx(folder, ['events', 'next', 'daily', '-n', '1', '--json'])) as { times: string[] }[];
  expect(json).toMatchObject([
    { function: 'daily', timezone: 'Asia/Tokyo' },
    { enabled: false, times: [] },
  ]);
  expect(json[0]?.times).toEqual([expect.stringMatching(/T21:30:00\.000Z$/)]);
  expect((await fx(folder, ['events', 'next', 'quiet'])).stdout).toBe('"quiet" has no schedule.\n');
  const unknown = await fx(folder, ['events', 'next', 'dayly']);
  expect([unknown.exitCode, unknown.stderr]).toEqual([4, expect.stringContaining('did you mean "daily"?')]);
});

test('fx types writes the types of a project, and --check tells whether they are up to date', async () => {
  const project = (event: string) => `name: s\nfunctions: {a: {handler: a.handler, events: [${event}]}}\n`;
  const folder = await folderOf({
    'project.yml': project('http: GET /'),
    'a.ts': 'export const handler = async () => 1;\n',
  });
  const check = async () => {
    const { exitCode, stdout } = await fx(folder, ['types', '--check']);
    return [exitCode, stdout];
  };
  expect(await check()).toEqual([2, '.fx/types.d.ts is out of date: fx types writes it.\n']);
  const written = await fx(folder, ['types']);
  expect([written.stdout, written.stderr]).toEqual([
    'Wrote .fx/types.d.ts.\n',
    expect.stringContaining('npm install --save-dev @types/aws-lambda'),
  ]);
  expect(await check()).toEqual([0, '.fx/types.d.ts is up to date.\n']);
  await writeFiles(folder, { 'project.yml': project('rest: GET /') });
  expect((await check())[0]).toBe(2);
});
