// No combination of event sources, grants and references makes resources that depend on each other in a cycle.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const resources = `resources:
  Jobs: {Type: AWS::SQS::Queue}
  News: {Type: AWS::SNS::Topic}
  Mail: {Type: AWS::SNS::Topic}
  Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST, AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}]}}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'uploads-\${AWS::AccountId}'}}
  Nameless: {Type: AWS::S3::Bucket}
  Users: {Type: AWS::Cognito::UserPool}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: orders}}
  Audit: {Type: AWS::Logs::LogGroup}
`;

/** They call every function and each other, and functions may know and start them. */
const stateMachines = `stateMachines:
  quick:
    type: EXPRESS
    definition:
      StartAt: One
      States:
        One: {Type: Task, Resource: one, Next: Send}
        Send: {Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: {QueueUrl: !Ref Jobs, MessageBody: a}, Next: Slow}
        Slow: {Type: Task, Resource: 'arn:aws:states:::states:startExecution', Parameters: {StateMachineArn: slow}, End: true}
  slow:
    logging: ALL
    definition:
      StartAt: Two
      States:
        Two: {Type: Task, Resource: two, Next: Three}
        Three: {Type: Task, Resource: 'arn:aws:states:::lambda:invoke', Parameters: {FunctionName: three}, Next: Quick}
        Quick: {Type: Task, Resource: 'arn:aws:states:::aws-sdk:sfn:startSyncExecution', Parameters: {StateMachineArn: quick}, End: true}
`;

/** Events of a function; `own` tells the queues and topics of functions apart. */
const events = (own: string): readonly string[] => [
  'http: GET /PATH',
  'rest: GET /PATH',
  'websocket: ROUTE',
  'schedule: rate(1 hour)',
  'logs: Audit',
  'schedule: {expression: rate(1 hour), rule: true}',
  'sqs: Jobs',
  `sqs: {queue: {make: ${own}Queue, deadLetters: {maxReceives: 3}}}`,
  'pipe: {source: Jobs, enrichment: quick}',
  'pipe: {source: Orders, enrichment: one, maximumRetryAttempts: 1, onFailure: true}',
  'sns: News',
  'sns: {topic: Mail, sqs: true, deadLetters: true}',
  `sns: {topic: {make: ${own}Topic}, deadLetters: true}`,
  'dynamodb: {table: Orders, maximumRetryAttempts: 1, onFailure: true}',
  'kinesis: {stream: Clicks, consumer: true, maximumRetryAttempts: 1, onFailure: Uploads}',
  's3: {bucket: Uploads, prefix: PATH/}',
  's3: {bucket: Uploads, prefix: PATH-ruled/, rule: true}',
  's3: {bucket: Nameless, prefix: PATH/}',
  `s3: {bucket: {make: ${own}Bucket}}`,
  'eventbridge: {bus: Bus, pattern: {source: [shop]}, deadLetters: true, archive: {retentionInDays: 7}}',
  'eventbridge: {pattern: {source: [shop]}}',
  'logs: /audit/PATH',
  `iot: "SELECT * FROM 'a/b'"`,
  'permission: {principal: config.amazonaws.com, sourceAccount: "111122223333"}',
];

const grants = [
  'sqs:SendMessage on Jobs',
  'sns:Publish on News',
  'dynamodb:PutItem on Orders',
  's3:GetObject on Uploads',
  's3:GetObject on Nameless',
  'cognito-idp:AdminGetUser on Users',
  'states:StartExecution on QuickStateMachine',
  'states:SendTaskSuccess on SlowStateMachine',
];
const values = [
  '!Ref Jobs',
  '!GetAtt Orders.Arn',
  '!Ref Uploads',
  '!GetAtt Nameless.Arn',
  '!Ref Users',
  '!Ref Bus',
  '!GetAtt Clicks.Arn',
  '!Ref QuickStateMachine',
  '!Ref SlowStateMachine',
];

const functionNames = ['one', 'two', 'three'];
const functions = functionNames.map((name, index) => {
  const own = name[0]?.toUpperCase() + name.slice(1);
  const pathed = events(own).map((event) => event.replaceAll('PATH', name).replaceAll('ROUTE', name));
  const next = functionNames[(index + 1) % functionNames.length];
  const triggers = ['PreSignUp', 'PostConfirmation', 'CustomMessage'];
  // a group has two filters at most
  const possible = pathed.filter((event) => event !== 'logs: Audit' || index < 2);
  const all = [...possible, `logs: {functions: ${next}}`, `cognito: {pool: Users, trigger: ${triggers[index]}}`];
  return fc.record({
    name: fc.constant(name),
    events: fc.subarray(all),
    permissions: fc.subarray(grants),
    variables: fc.subarray(values),
    // a function may know an earlier one; the other way round would be the user's own cycle
    knows: index === 0 ? fc.constant(false) : fc.boolean(),
  });
});

test('of any project', async () => {
  let compiledOnes = 0;
  await fc.assert(
    fc.asyncProperty(fc.tuple(...functions), async (chosen) => {
      const text = chosen.map(({ name, events: of, permissions, variables, knows }) => {
        const lines = variables.map((value, index) => `      V${index}: ${value}\n`).join('');
        const known = knows ? '      KNOWN: !GetAtt OneFunction.Arn\n' : '';
        return [
          `  ${name}:\n    handler: a.handler\n`,
          lines + known === '' ? '' : `    variables:\n${lines}${known}`,
          permissions.length === 0
            ? ''
            : `    permissions:\n${permissions.map((grant) => `      - ${grant}\n`).join('')}`,
          of.length === 0 ? '' : `    events:\n${of.map((event) => `      - ${event}\n`).join('')}`,
        ].join('');
      });
      const yaml = `name: s\nregion: us-east-1\nfunctions:\n${text.join('')}${stateMachines}${resources}`;
      const problems = await problemsOf(yaml);
      // the one cycle that is the user's: a function needs a resource that calls it, and whose name nobody knows before it is there
      const refused = problems.filter((message) => !/CloudFormation can create neither first$/.test(message));
      expect(refused, yaml).toEqual([]);
      if (problems.length === 0) compiledOnes++;
    }),
    { numRuns: 200 },
  );
  expect(compiledOnes).toBeGreaterThan(20);
}, 120_000);

async function problemsOf(yaml: string): Promise<readonly string[]> {
  try {
    await compiled(yaml);
    return [];
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

test('a cycle of the user is one problem: its path, with the line of each resource', async () => {
  const yaml = `name: s
functions:
  one:
    handler: a.handler
    variables: {OTHER: !GetAtt TwoFunction.Arn}
  two:
    handler: a.handler
    variables: {OTHER: !GetAtt OneFunction.Arn}
`;
  const refused = (await compiled(yaml).catch((error: unknown) => error)) as FxError;
  expect(refused.problems).toMatchObject([
    {
      message: 'resources depend on each other in a cycle: OneFunction → TwoFunction → OneFunction',
      hint: 'OneFunction is at project.yml:3:3, TwoFunction is at project.yml:6:3',
    },
  ]);
});
