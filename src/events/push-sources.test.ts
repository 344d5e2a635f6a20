// `cognito`, `iot`, `alexa`, `alexaSmartHome` and `permission`: what they permit, and what they refuse.
import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const project = (events: string, more = '', ofFunction = '') =>
  `name: s\nregion: us-east-1\nfunctions:\n  a: {handler: a.handler, events: [${events}]${ofFunction}}\n${more}`;
const Users = 'resources: {Users: {Type: AWS::Cognito::UserPool}}\n';

async function problems(text: string) {
  const error = await compiled(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
}

test('a user pool gets the trigger, and only it may call the function', async () => {
  const { template } = await compiled(project('{cognito: {pool: Users, trigger: PreSignUp}}', Users));
  expect(template.Resources['Users']?.Properties).toEqual({ LambdaConfig: { PreSignUp: { Ref: 'AAlias' } } });
  expect(template.Resources['ACognitoUsersPermission']?.Properties).toMatchObject({
    Principal: 'cognito-idp.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': ['Users', 'Arn'] },
  });
});

test.each<[string, object]>([
  ['trigger: PreTokenGeneration', { PreTokenGeneration: { Ref: 'AAlias' } }],
  [
    'trigger: PreTokenGeneration, version: V2_0',
    { PreTokenGenerationConfig: { LambdaArn: { Ref: 'AAlias' }, LambdaVersion: 'V2_0' } },
  ],
  ['trigger: InboundFederation', { InboundFederation: { LambdaArn: { Ref: 'AAlias' }, LambdaVersion: 'V1_0' } }],
])('%s', async (trigger, expected) => {
  const { template } = await compiled(project(`{cognito: {pool: Users, ${trigger}}}`, Users));
  expect(template.Resources['Users']?.Properties?.['LambdaConfig']).toEqual(expected);
});

test('a sender decrypts with its key', async () => {
  const key = 'arn:aws:kms:us-east-1:111122223333:key/a';
  const { template } = await compiled(
    project(`{cognito: {pool: Users, trigger: CustomEmailSender, kmsKey: "${key}"}}`, Users),
  );
  expect(template.Resources['Users']?.Properties?.['LambdaConfig']).toMatchObject({ KMSKeyID: key });
  expect(JSON.stringify(template.Resources['ARole'])).toContain(`"Action":["kms:Decrypt"],"Resource":["${key}"]`);
});

test('a lone challenge is warned of', async () => {
  const { project: loaded } = await compiled(project('{cognito: {pool: Users, trigger: DefineAuthChallenge}}', Users));
  expect(loaded.warnings.map(({ message }) => message)).toContain(
    'a sign-in with own challenges needs all three triggers, and "Users" has no CreateAuthChallenge and no VerifyAuthChallengeResponse',
  );
});

test.each<[string, string, string, string?]>([
  [
    '{cognito: {pool: Usres, trigger: PreSignUp}}',
    Users,
    'there is no user pool "Usres" under resources | did you mean "Users"?',
  ],
  [
    '{cognito: {pool: us-east-1_AbCdEfGhI, trigger: PreSignUp}}',
    '',
    '"us-east-1_AbCdEfGhI" is a pool of another stack, whose triggers only that stack can set | set PreSignUp there to the ARN of the live alias, and let the pool call it here: permission: {principal: cognito-idp, sourceArn: …}',
  ],
  [
    '{cognito: {pool: Users, trigger: CustomSMSSender}}',
    Users,
    'CustomSMSSender gets codes that are encrypted, so it needs a key | add kmsKey, the ARN of a symmetric KMS key',
  ],
  [
    '{cognito: {pool: Users, trigger: PreSignUp, version: V2_0}}',
    Users,
    'version is for PreTokenGeneration: the event of PreSignUp has one version',
  ],
  [
    '{cognito: {pool: Users, trigger: PreSignUp}}, {cognito: {pool: Users, trigger: PreSignUp}}',
    Users,
    '"a" has PreSignUp of "Users" already, and a pool calls one function | call the code of "a" from "a"',
  ],
  [
    '{cognito: {pool: Users, trigger: PreSignUp}}',
    'resources: {Users: {Type: AWS::Cognito::UserPool, Properties: {LambdaConfig: {PreSignUp: "arn:aws:lambda:us-east-1:111122223333:function:f"}}}}\n',
    '"Users" has its own LambdaConfig.PreSignUp, which the event cannot add to',
  ],
  [
    '{cognito: {pool: Users, trigger: PreSignUp}}',
    Users,
    '"Users" needs "a", which refers to "Users": CloudFormation can create neither first',
    ', variables: {POOL: !Ref Users}',
  ],
  [
    '{iot: "sensors/#"}',
    '',
    `"sensors/#" is not a statement of IoT's SQL: Unexpected characters at "#" | a statement such as SELECT * FROM 'sensors/+/temperature'`,
  ],
  [
    `{iot: "SELECT a FROM 'b/#/c'"}`,
    '',
    `"SELECT a FROM 'b/#/c'" is not a statement of IoT's SQL: "b/#/c" is not a topic filter`,
  ],
  [
    `{iot: {sql: "SELECT a FROM 'b'", onFailure: Usres}}`,
    Users,
    'there is no queue or topic "Usres" under resources | did you mean "Users"?',
  ],
  [
    `{iot: {sql: "SELECT a FROM 'b'", onFailure: Users}}`,
    Users,
    '"Users" is AWS::Cognito::UserPool; a lost message goes to a queue or a topic',
  ],
  ['{alexa: my-skill}', '', 'expected the id of a skill, amzn1.ask.skill.…'],
  [
    '{permission: {principal: "*"}}',
    '',
    'anyone could call the function | add principalOrgId, or name the caller; for a public URL, use the setting url',
  ],
  [
    '{permission: {principal: ses}}',
    '',
    "ses.amazonaws.com could call the function on behalf of anyone's resources | add sourceArn, or at least sourceAccount: own",
  ],
  [
    '{permission: {principal: s3, sourceArn: "arn:aws:s3:::b"}}',
    '',
    'the ARN of a bucket has no account, so another account could make a bucket of this name and call the function | add sourceAccount: own',
  ],
  [
    '{permission: {principal: ses, sourceAccount: own, functionUrlAuthType: AWS_IAM}}',
    '',
    'functionUrlAuthType is for accounts and roles: services do not call URLs',
  ],
  [
    '{permission: {principal: "111122223333", sourceAccount: own}}',
    '',
    'only services tell their source, so with sourceAccount "111122223333" could never call | remove sourceAccount',
  ],
  [
    '{permission: {principal: ses, sourceAccount: own, principalOrgId: o-a1b2c3d4e5}}',
    '',
    'a service is in no organization, so with principalOrgId ses.amazonaws.com could never call | use sourceArn or sourceAccount',
  ],
  [
    '{permission: {principal: cloudwatch-alarms, sourceArn: "arn:aws:sns:us-east-1:111122223333:t"}}',
    '',
    'lambda.alarms.cloudwatch.amazonaws.com never calls for "arn:aws:sns:us-east-1:111122223333:t": the ARNs of its resources have "cloudwatch"',
  ],
  [
    '{permission: {principal: ses, sourceAccount: own}}, {permission: {principal: ses.amazonaws.com, sourceAccount: own}}',
    '',
    '"a" has this permission twice | remove one of the two',
  ],
])('%s', async (events, more, problem, ofFunction = '') => {
  const found = await problems(project(events, more, ofFunction));
  expect(found.map((text) => text.slice(0, problem.length))).toContain(problem);
});

test('permissions have the names of their services, so that resources can be made after them', async () => {
  const { template } = await compiled(
    project(
      '{permission: {principal: ses, sourceAccount: own}}, {permission: {principal: ses.amazonaws.com, sourceArn: "arn:aws:ses:us-east-1:111122223333:x"}}, {permission: {principal: cloudwatch-alarms, sourceAccount: own}}, {permission: {principal: "arn:aws:iam::111122223333:role/ops"}}',
    ),
  );
  const ids = Object.keys(template.Resources).filter((id) => id.includes('Permission'));
  expect(ids).toEqual(['ASesPermission', 'ASesPermission2', 'ALambdaAlarmsCloudwatchPermission', 'AOpsPermission']);
});

test('a permission of a caller that has a role is warned of', async () => {
  const { project: loaded } = await compiled(project('{permission: {principal: states, sourceAccount: own}}'));
  expect(loaded.warnings.map(({ message }) => message)).toEqual([
    'states.amazonaws.com calls functions with a role, so this permission has no effect',
  ]);
});

test('a rule of IoT sends what it cannot call the function for to a queue, as a role of its own', async () => {
  const { template } = await compiled(project(`{iot: {sql: "SELECT aws_lambda('x', *) FROM 'a'", onFailure: true}}`));
  expect(template.Resources['AIot']?.Properties?.['TopicRulePayload']).toMatchObject({
    Actions: [{ Lambda: { FunctionArn: { Ref: 'AAlias' } } }],
    ErrorAction: { Sqs: { QueueUrl: { Ref: 'AIotFailures' }, RoleArn: { 'Fn::GetAtt': ['AIotRole', 'Arn'] } } },
  });
  expect(JSON.stringify(template.Resources['AIotRole'])).toContain(
    '"Action":["sqs:SendMessage"],"Resource":[{"Fn::GetAtt":["AIotFailures","Arn"]}]',
  );
});
