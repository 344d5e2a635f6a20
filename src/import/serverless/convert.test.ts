// Kinds of services that public projects have: what each becomes, and what is said of what is lost.
import { describe, expect, test } from 'vitest';
import { folderOf, schemas, today } from '../../../test/support/project.ts';
import type { Finding } from '../finding.ts';
import { importProject } from '../import.ts';

async function imported(text: string, files: Record<string, string> = {}) {
  const folder = await folderOf({ 'serverless.yml': text, ...files });
  return importProject({
    path: folder,
    from: undefined,
    stage: undefined,
    shownFrom: folder,
    variables: {},
    schemas,
    today,
  });
}

const withFunction = (settings: string, more = '') =>
  `service: a\nprovider: {name: aws, runtime: nodejs24.x}\nfunctions:\n  f:\n    handler: f.handler\n${settings}${more}`;

const dropped = (findings: readonly Finding[]) =>
  findings.filter(({ kind }) => kind === 'dropped').map(({ message, at }) => `${at.line} ${message}`);

describe('files that are not here', () => {
  test('a text that refers to an unknown value has its known parts, and one param serves all', async () => {
    const { draft, findings } = await imported(
      withFunction(
        '    environment: {TABLE: "${self:custom.table}", INDEX: "${self:custom.table}"}\n    description: ${self:custom.table}\n',
        'custom:\n  table: birds-${file(config.yml):suffix}\n',
      ),
    );
    expect(draft.get(['params'])).toEqual({ suffix: 'set-me' });
    const table = draft.get(['functions', 'f', 'description']);
    expect(draft.get(['functions', 'f', 'variables'])).toEqual({ TABLE: table, INDEX: table });
    expect(dropped(findings)).toEqual(['9 ${file(config.yml):suffix} has no value: config.yml is not here']);
  });

  test('a fallback comes before an unknown text', async () => {
    const { draft } = await imported(
      withFunction('    description: ${self:custom.a, "b"}\n', 'custom:\n  a: x-${file(config.yml):y}\n'),
    );
    expect(draft.get(['functions', 'f', 'description'])).toBe('b');
  });

  test('a resource, a role and variables say which file is missing', async () => {
    const { findings, draft } = await imported(
      withFunction(
        '    role: Worker\n    environment: ${file(env.yml)}\n',
        'resources:\n  Resources:\n    Worker: ${file(worker.yml)}\n    Topic: {Type: "AWS::SNS::Topic"}\n',
      ),
    );
    expect(dropped(findings)).toEqual([
      '6 the role Worker is not known: it is none of the resources here',
      '7 the environment variables are not known: env.yml is not here',
      '10 the resource Worker is not known: worker.yml is not here',
    ]);
    expect(Object.keys(draft.get(['resources']) ?? {})).toEqual(['Topic']);
  });

  test('functions: their defaults stay', async () => {
    const { draft } = await imported(
      'service: a\nprovider: {name: aws, runtime: python3.14, memorySize: 256, environment: {COLOUR: red}}\nfunctions: ${file(functions.yml)}\n',
    );
    expect(draft.get(['defaults'])).toMatchObject({ runtime: 'python3.14', memory: 256, variables: { COLOUR: 'red' } });
  });
});

test('responses that stream, for 15 minutes', async () => {
  const { draft, findings } = await imported(
    withFunction(
      '    timeout: 120\n    environment: {AWS_LWA_INVOKE_MODE: response_stream, AWS_REGION: eu-west-1}\n    events:\n      - http: {method: POST, path: /a, timeoutInMillis: 120000, response: {transferMode: stream}}\n',
    ),
  );
  expect(draft.get(['functions', 'f', 'events'])).toEqual([{ rest: { route: 'POST /a', stream: true, timeout: 120 } }]);
  expect(draft.get(['functions', 'f', 'variables'])).toEqual({ AWS_LWA_INVOKE_MODE: 'response_stream' });
  expect(dropped(findings)).toEqual(['7 Lambda reserves the name AWS_REGION']);
});

test('esbuild of version 4 has the settings of its plugin', async () => {
  const { draft, findings } = await imported(
    withFunction('', 'build:\n  esbuild: {external: [sharp], minify: true, format: esm, loader: {".sql": text}}\n'),
  );
  expect(draft.get(['defaults'])).toMatchObject({ external: ['sharp'], minify: true });
  expect(findings.map(({ message }) => message)).toContain('options of esbuild: loader');
});

test('changes to the role of all functions are those of each', async () => {
  const { compiled, findings } = await imported(
    withFunction(
      '',
      `resources:
  Resources:
    IamRoleLambdaExecution:
      Type: AWS::IAM::Role
      Properties:
        RoleName: mine
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']
        Policies:
          - PolicyName: {Fn::Join: ['-', [a, lambda]]}
          - PolicyName: more
            PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*'}]}
  Outputs:
    FLambdaFunctionQualifiedArn: {Export: {Name: other}}
`,
    ),
  );
  const { template } = compiled?.stacks.root ?? {};
  expect(template?.Resources['FRole']?.Properties).toMatchObject({
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  });
  expect(JSON.stringify(template?.Resources['FRole'])).toContain('arn:aws:s3:::a/*');
  expect(template?.Outputs ?? {}).not.toHaveProperty('FLambdaFunctionQualifiedArn');
  expect(dropped(findings)).toEqual([
    '18 the output FLambdaFunctionQualifiedArn has no Value: it changes one that the Serverless Framework makes',
  ]);
});

test.each([
  ['{enabled: true, events: [{schedule: rate(10 minutes)}]}', '10m', []],
  ['{office: {enabled: [dev], events: [{schedule: rate(3 minutes)}]}}', '3m', []],
  ['{enabled: false}', undefined, []],
  [
    '{office: {enabled: true, events: [{schedule: cron(0/45 7-18 ? * MON-FRI *)}]}}',
    '5m',
    ['9 fx warms around the clock, at least every 15 minutes, not by cron(0/45 7-18 ? * MON-FRI *)'],
  ],
])('warmers %s', async (settings, expected, lost) => {
  const { draft, findings } = await imported(
    withFunction('', `plugins: [serverless-plugin-warmup]\ncustom:\n\n  warmup: ${settings}\n`),
  );
  expect(draft.get(['functions', 'f', 'warm'])).toBe(expected);
  expect(dropped(findings)).toEqual(lost);
});

test('a container image may start from a snapshot', async () => {
  const { draft, findings } = await imported(
    'service: a\nprovider: {name: aws, ecr: {images: {app: {path: ./}}}}\nfunctions:\n  f: {image: app, snapStart: true}\n',
  );
  expect(draft.get(['functions', 'f', 'snapStart'])).toBe(true);
  expect(dropped(findings)).toEqual([]);
});

test('sandboxes are named, and what refers to them says what to write', async () => {
  const { findings } = await imported(
    withFunction('    environment: {IMAGE: !Ref BoxImage, COLOUR: red}\n', 'sandboxes:\n  box: {artifact: ./app}\n'),
  );
  expect(findings.filter(({ kind }) => kind === 'dropped')).toMatchObject([
    { remedy: 'write BoxImage under resources, then this as the comment in project.yml has it' },
    { message: 'fx makes no sandboxes, such as "box"' },
  ]);
});
