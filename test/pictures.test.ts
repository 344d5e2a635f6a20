// Makes the pictures in the READMEs of examples/ from the examples themselves: FX_PICTURES=1 npx vitest run test/pictures.test.ts
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { packageFolder } from '../src/base/packaged.ts';
import { Chromium, chromiumProgram } from './support/chromium.ts';
import { bin, stopAfter } from './support/fx.ts';
import { folderOf } from './support/project.ts';
import { recordingOf, type Step } from './support/recording.ts';

const wanted = process.env['FX_PICTURES'] === '1';

interface Terminal {
  /** Runs a line, with the variables of those before it, and keeps it for the recording. */
  shown(command: string, as?: string): string;
  /** The same, and keeps it for nobody. */
  hidden(command: string): string;
  readonly steps: readonly Step[];
  readonly folder: string;
}

/** A shell in a copy of an example, with `fx` in PATH. */
async function terminalIn(example: string): Promise<Terminal> {
  const folder = await folderOf({});
  await cp(join(packageFolder(), 'examples', example), folder, { recursive: true });
  await symlink(join(packageFolder(), 'node_modules'), join(folder, 'node_modules'));
  stopAfter(folder);
  const programs = await folderOf({ fx: `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n` });
  await chmod(join(programs, 'fx'), 0o755);
  const steps: Step[] = [];
  const settings = join(programs, 'settings');
  const PATH = `${programs}${delimiter}${process.env['PATH']}`;
  const run = (command: string, redirect = '') => {
    // what a line sets, the next one has
    const script = `set -a; . ${settings} 2>/dev/null; ${command}\ndeclare -px > ${settings}`;
    const env = { PATH, HOME: folder, NO_COLOR: '1', TZ: 'UTC' };
    const { stdout } = spawnSync('bash', ['-c', `{ ${script}\n} ${redirect}`], { cwd: folder, env, encoding: 'utf8' });
    return stdout;
  };
  return {
    steps,
    folder,
    hidden: (command) => run(command),
    shown(command, as = command) {
      const output = run(command, '2>&1');
      // the line that says which environment it is, again and again
      const short = output
        .replace(/^.* · local · account .*\n/gm, '')
        .replaceAll(/127\.0\.0\.1:\d+/g, 'localhost:4600');
      steps.push({ command: as, output: short });
      return output;
    },
  };
}

const save = (example: string, name: string, content: string | Buffer) =>
  writeFile(join(packageFolder(), 'examples', example, name), content);

const waitFor = (terminal: Terminal, command: string, text: string) =>
  expect.poll(() => terminal.hidden(command), { timeout: 30_000 }).toContain(text);

describe.skipIf(!wanted)('pictures of examples', { timeout: 120_000 }, () => {
  const chromium = new Chromium(chromiumProgram() ?? 'chromium');
  afterAll(() => chromium.end());
  const size = { width: 800, height: 420, deviceScaleFactor: 1, mobile: false };
  const pictureOf = async (url: string, act = 'undefined', height = size.height) => {
    const page = await chromium.open(url, [['Emulation.setDeviceMetricsOverride', { ...size, height }]]);
    await page.evaluate(act);
    const { data } = await page.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(String(data), 'base64');
  };

  test('url-shortener: its page with two links', async () => {
    const terminal = await terminalIn('url-shortener');
    terminal.hidden('fx deploy');
    const url = terminal.hidden('fx open --print').trim();
    const shorten = `(async () => {
      for (const url of ['https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html', 'https://example.com/a/long/address']) {
        form.url.value = url;
        form.requestSubmit();
        await new Promise((done) => new MutationObserver(done).observe(list, { childList: true }));
      }
    })()`;
    await save('url-shortener', 'page.png', await pictureOf(url, shorten, 330));
  });

  test('nightly-report: the page', async () => {
    const terminal = await terminalIn('nightly-report');
    terminal.hidden('fx deploy');
    const sales = { tea: [450, 4], mug: [1200, 3], pot: [3900, 1], honey: [700, 2] };
    for (const [item, [cents, count = 0]] of Object.entries(sales)) {
      const sale = JSON.stringify({ item, cents, day: '2027-01-31' });
      for (let sold = 0; sold < count; sold++) terminal.hidden(`fx invoke sell --data '${sale}'`);
    }
    terminal.hidden(`fx invoke report --data '{"night": "2027-02-01T02:00:00Z"}'`);
    const { value } = JSON.parse(terminal.hidden('fx local status --json'));
    const bucket = terminal.hidden('fx exec -- printenv REPORTS_NAME').trim();
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const s3 = new S3Client({ endpoint: value.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: '2027-01-31.html' }));
    const page = Buffer.from((await Body?.transformToByteArray()) ?? []).toString('base64');
    const picture = await pictureOf(`data:text/html;charset=utf-8;base64,${page}`, undefined, 400);
    await save('nightly-report', 'report.png', picture);
  });

  test('order-pipeline: a dead letter that comes again', async () => {
    const terminal = await terminalIn('order-pipeline');
    terminal.hidden('fx deploy');
    terminal.hidden('URL=$(fx open --print)');
    const order = (customer: string, item: string) =>
      terminal.shown(
        `curl -s $URL/orders --json '{"customer": "${customer}", "lines": [{"item": "${item}", "count": 2}]}'; echo`,
        `curl $URL/orders --json '{"customer": "${customer}", "lines": [{"item": "${item}", "count": 2}]}'`,
      );
    order('ann', 'tea');
    order('ben', 'unicorn');
    await waitFor(terminal, 'fx redrive bill --dry-run', 'unicorn');
    terminal.shown(
      "fx logs bill ship --format pretty --grep 'pays|price|shipped'",
      "fx logs bill ship --grep 'pays|price|shipped'",
    );
    terminal.shown('fx redrive bill --dry-run');
    terminal.shown("sed -i 's/tea: 450/tea: 450, unicorn: 99/' src/order.ts");
    terminal.shown("fx deploy --canary 50% --bake 1s --abort-on 'errors>1%'");
    terminal.shown('fx redrive bill --yes');
    await waitFor(terminal, 'fx logs ship', 'unicorn');
    terminal.shown('fx logs ship --format pretty --grep shipped', 'fx logs ship --grep shipped');
    await save('order-pipeline', 'recording.svg', recordingOf(terminal.steps));
  });

  test('chat: what one says, everyone hears', async () => {
    const terminal = await terminalIn('chat');
    terminal.hidden('fx deploy');
    const url = terminal.hidden('fx exec -- printenv WEB_SOCKET_API_URL').trim();
    const [ann, ben] = ['ann', 'ben'].map((name) => {
      const socket = new WebSocket(`${url}?name=${name}`);
      const heard: string[] = [];
      socket.on('message', (data: Buffer) => heard.push(`< ${data}`));
      return { socket, heard };
    });
    if (ann === undefined || ben === undefined) throw new Error('nobody is there');
    await Promise.all([ann, ben].map(({ socket }) => once(socket, 'open')));
    const hears = (count: number) => expect.poll(() => ben.heard.length, { timeout: 20_000 }).toBe(count);
    ann.socket.send('{"action": "say", "text": "hello"}');
    await hears(1);
    ben.socket.send('{"action": "who"}');
    await hears(2);
    const announced = terminal.hidden(`fx invoke announce --data '{"text": "closing"}'`);
    await hears(3);
    for (const { socket } of [ann, ben]) socket.terminate();
    const session = ['> {"action": "who"}', ...ben.heard];
    const steps = [
      {
        command: 'npx wscat -c "$URL?name=ben"     # ann says hello in another terminal',
        output: [session[1], session[0], session[2], session[3]].join('\n'),
      },
      { command: `fx invoke announce --data '{"text": "closing"}'     # meanwhile`, output: announced },
    ];
    await save('chat', 'recording.svg', recordingOf(steps));
  });

  test('thumbnails: a large image becomes a small one', async () => {
    const terminal = await terminalIn('thumbnails');
    terminal.hidden('fx deploy');
    terminal.hidden(
      `node -e 'const pixels = Buffer.alloc(256 * 192 * 3, 120); process.stdout.write(Buffer.concat([Buffer.from("P6\\n256 192\\n255\\n"), pixels]))' > photo.ppm`,
    );
    terminal.shown('ls -l photo.ppm | cut -d " " -f 5-');
    terminal.shown('fx trigger thumbnail --event s3 --key in/photo.ppm --file photo.ppm');
    await waitFor(terminal, 'fx logs thumbnail', 'made');
    await waitFor(terminal, 'fx logs catalog', 'out/photo.ppm');
    terminal.shown(
      "fx logs thumbnail catalog --format pretty --grep 'made|Object'",
      "fx logs thumbnail catalog --grep 'made|Object'",
    );
    await save('thumbnails', 'recording.svg', recordingOf(terminal.steps));
  });

  test('webhooks: what is signed is accepted', async () => {
    const terminal = await terminalIn('webhooks');
    const { value } = JSON.parse(terminal.hidden('fx local start --json').trim().split('\n').at(-1) ?? '');
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const ssm = new SSMClient({ endpoint: value.endpoint, region: 'us-east-1', credentials });
    const secret = { Name: '/webhooks/local/secret', Value: 'not-guessed', Type: 'SecureString' } as const;
    await ssm.send(new PutParameterCommand(secret));
    terminal.hidden('fx deploy');
    terminal.hidden('URL=$(fx open --print)');
    terminal.shown(`BODY='{"repository": {"full_name": "ann/shop"}}'`);
    terminal.shown(`SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac not-guessed | sed 's/.* //')`);
    const status = `-s -o /dev/null -w '%{http_code}\\n'`;
    const post = (delivery: string, signature: string) =>
      `curl ${status} $URL/hooks --json "$BODY" \\\n  -H 'x-github-event: push' -H 'x-github-delivery: ${delivery}' -H "x-hub-signature-256: sha256=${signature}"`;
    terminal.shown(post('1', '$SIGNATURE'));
    terminal.shown(post('1', '$SIGNATURE'));
    terminal.shown(post('2', '00000000'));
    await waitFor(terminal, 'fx logs work', 'came again');
    terminal.shown("fx logs work --format pretty --grep 'push|again'", "fx logs work --grep 'push|again'");
    terminal.shown('fx env receive');
    await save('webhooks', 'recording.svg', recordingOf(terminal.steps));
  });
});
