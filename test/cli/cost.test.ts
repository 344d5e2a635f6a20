// fx cost and fx plan --cost.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Cost, type CostChange, partOf } from '../../src/operate/cost.ts';
import { fx, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

const files = (lines: string) => ({
  'project.yml': `name: shop
environments:
  prod: {region: eu-west-1}
functions:
  orders:
    handler: src/a.handler
    architecture: x86_64
${lines}    events: [{http: GET /}]
`,
  'src/a.ts': 'export const handler = async () => ({ statusCode: 200 });\n',
});

test('a month of expected traffic needs neither AWS nor a build', async () => {
  const folder = await folderOf(files(''));
  const classic = ['cost', 'orders', '--requests', '3M', '--duration', '1s'];
  const shown = await fx(folder, classic);
  expect([shown.exitCode, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout).toContain(`A month of the expected traffic, in USD at the prices of us-east-1 from `);
  expect(shown.stdout).toMatch(/^orders {4}512 MB x86 {8}3M {8}1\.5M {2}\$18\.73 {4}\$3\.00 {2}\$0\.00 {2}\$21\.73$/m);
  expect(shown.stdout).toMatch(/^total +\$21\.73$/m);
  const paid = resultOf(await fx(folder, [...classic, '--no-free-tier', '--json'])) as Cost;
  expect(paid.functions.map((of) => partOf(of, 'lambda.').toFixed(2))).toEqual(['25.60']);
  const detail = await fx(folder, [...classic, '--detail']);
  expect(detail.stdout).toMatch(/^orders {2}lambda\.duration\.x86_64 +1\.5M GB-seconds +400k +\$18\.33$/m);
  expect(existsSync(join(folder, '.fx'))).toBe(false);
});

test('a function that is kept warm, beside what provisioned concurrency would cost', async () => {
  const folder = await folderOf(files('    warm: 5m\n'));
  expect((await fx(folder, ['cost'])).stdout).toContain(
    'orders is kept warm by 8760 calls (<$0.01); a provisioned concurrency of 1 would cost $5.48.\n',
  );
});

test('what is wrong is said: no traffic, a quantity, two sources of traffic, no deployment', async () => {
  const folder = await folderOf(files(''));
  stopAfter(folder);
  const failing = async (...words: string[]) => {
    const { exitCode, stderr } = await fx(folder, ['cost', ...words]);
    return [exitCode, stderr.split('\n').find((line) => line.startsWith('error'))];
  };
  expect(await failing()).toEqual([
    4,
    'error how often are the functions of "local" called? No traffic is known [USAGE]',
  ]);
  expect(await failing('--cold-starts', '3')).toEqual([
    4,
    'error --cold-starts takes a share such as 1% or 0.5%, not "3" [USAGE]',
  ]);
  expect(await failing('--measured', '--requests', '1M')).toEqual([4, expect.stringContaining('excludes --requests')]);
  expect(await failing('order', '--requests', '1M')).toEqual([4, 'error there is no function "order" [USAGE]']);
  expect(await failing('--measured')).toEqual([3, 'error "local" is not deployed [NOT_DEPLOYED]']);
});

test('after a deploy: what was measured, and what a change costs', async () => {
  const folder = await folderOf(files('    traffic: {requests: 3M, duration: 1s}\n'));
  stopAfter(folder);
  expect((await fx(folder, ['plan', '--cost'])).stdout).toContain(
    'Cost a month: +$21.73 ($0.00 → $21.73) with expected traffic\n',
  );
  expect((await fx(folder, ['deploy'])).exitCode).toBe(0);
  for (let call = 0; call < 3; call++) expect((await fx(folder, ['invoke', 'orders'])).exitCode).toBe(0);
  const measured = resultOf(await fx(folder, ['cost', '--measured', '--json'])) as Cost;
  expect(measured.basis.kind).toBe('measured');
  // three calls in an hour are 2,190 a month
  expect(measured.functions[0]?.requests).toBeGreaterThan(1000);
  const { writeFile } = await import('node:fs/promises');
  const text = await readFile(join(folder, 'project.yml'), 'utf8');
  await writeFile(join(folder, 'project.yml'), text.replace('x86_64', 'arm64'));
  const change = await fx(folder, ['plan', '--cost', '--json']);
  const { cost } = resultOf(change) as { cost: CostChange };
  expect([cost.before.total, cost.after.total, cost.difference].map((usd) => usd.toFixed(2))).toEqual([
    '21.73',
    '18.07',
    '-3.67',
  ]);
});

test('--update reads the prices of the region from AWS, and keeps them', async () => {
  const folder = await folderOf(files('    traffic: {requests: 1M, duration: 1s}\n'));
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.headers['x-amz-target'] !== 'AWSPriceListService.GetProducts') {
      response.end(identity);
      return;
    }
    const { ServiceCode, Filters } = JSON.parse(body) as { ServiceCode: string; Filters: { Value: string }[] };
    asked.push(`${ServiceCode} ${Filters.map(({ Value }) => Value).join(' ')}`);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ FormatVersion: 'aws_v1', PriceList: ServiceCode === 'AWSLambda' ? products : [] }));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => void server.close());
  const variables = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const words = ['cost', '--env', 'prod', '--no-free-tier', '--detail'];
  const before = await fx(folder, words);
  expect(before.stderr).toContain('These are prices of us-east-1: --update reads those of eu-west-1 from AWS.\n');
  const done = await fx(folder, [...words, '--update'], { variables });
  expect(done.exitCode, done.stderr).toBe(0);
  expect(asked).toContain('AWSLambda eu-west-1');
  expect(asked).toContain('AmazonEC2 eu-west-1 NAT Gateway');
  expect(done.stderr).toContain("Prices of eu-west-1 from 2026-11-20; not in the list, so fx's own: ");
  const after = await fx(folder, words);
  expect(after.stdout).toContain('at the prices of eu-west-1 from 2026-11-20\n');
  expect(after.stdout).toMatch(/lambda\.requests +1M requests +\$0\.25$/m);
  expect(after.stdout).toMatch(/lambda\.duration\.x86_64 +500k GB-seconds +\$10\.00$/m);
});

const product = (usagetype: string, dimensions: Readonly<Record<string, string>>) =>
  JSON.stringify({
    product: { attributes: { usagetype, regionCode: 'eu-west-1' } },
    terms: {
      OnDemand: {
        term: {
          priceDimensions: Object.fromEntries(
            Object.entries(dimensions).map(([beginRange, USD]) => [beginRange, { beginRange, pricePerUnit: { USD } }]),
          ),
        },
      },
    },
    publicationDate: '2026-11-20T10:00:00Z',
  });
const products = [
  product('EU-Request', { 0: '0.0000002500' }),
  product('EU-Lambda-GB-Second', { 0: '0.0000200000', 6000000000: '0.0000100000' }),
];
const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/u</Arn><UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
