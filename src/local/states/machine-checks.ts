// What a state machine must be before Step Functions accepts it: its definition, its role, its logging.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import { type Fields, statesIn } from '../../cfn/states-definition.ts';
import { AwsError, type Cloud } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { deniedAction } from '../role-permissions.ts';
import { trusts } from '../role-trust.ts';
import { checkDefinitionText } from './definition.ts';
import { machineArn, type Revision, type StateMachine } from './state.ts';

const definitionBytes = 1_048_576;

/** The revision, if Step Functions accepts it. */
export async function checkRevision(
  cloud: Cloud,
  { name, type }: Pick<StateMachine, 'name' | 'type'>,
  revision: Revision,
): Promise<Revision> {
  checkConstraints('ValidationException', [['roleArn', revision.roleArn, { min: 1, max: 256 }]]);
  if (Buffer.byteLength(revision.definition) > definitionBytes) {
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: 'The definition is larger than 1 MiB'`);
  }
  await checkDefinitionText(revision.definition, type);
  await checkMachineRole(cloud, revision.roleArn, machineArn(cloud, name), revision.definition);
  await checkLogging(cloud, revision.logging, revision.roleArn);
  return revision;
}

// https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
const managedRule = 'StepFunctionsGetEventsForStepFunctionsExecutionRule';

export async function checkMachineRole(cloud: Cloud, roleArn: string, arn: string, definition: string): Promise<void> {
  if (!roleArn.startsWith('arn:')) throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${roleArn}'`);
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(roleArn)) {
    throw new AwsError('InvalidArn', `Invalid Role Arn: '${roleArn}'`);
  }
  if (!(await trusts(cloud, roleArn, 'states.amazonaws.com', arn))) {
    const message =
      'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.';
    throw new AwsError('AccessDeniedException', message);
  }
  const waits = [...statesIn(JSON.parse(definition) as Fields)].some(({ state }) =>
    /:states:startExecution\.sync/.test(String(state['Resource'])),
  );
  if (!waits) return;
  const rule = `arn:aws:events:${cloud.region}:${cloud.accountId}:rule/${managedRule}`;
  const actions = ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'];
  if ((await deniedAction(cloud, roleArn, actions, rule)) !== undefined) {
    throw new AwsError('AccessDeniedException', `'${roleArn}' is not authorized to create managed-rule.`);
  }
}

// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
const deliveryActions = [
  ...['logs:CreateLogDelivery', 'logs:CreateLogStream', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery'],
  ...['logs:DeleteLogDelivery', 'logs:ListLogDeliveries', 'logs:PutLogEvents', 'logs:PutResourcePolicy'],
  ...['logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
];

async function checkLogging(cloud: Cloud, logging: LoggingConfiguration, roleArn: string): Promise<void> {
  const { level = 'OFF', destinations = [] } = logging;
  checkConstraints('ValidationException', [
    ['loggingConfiguration.level', level, { oneOf: ['ALL', 'ERROR', 'FATAL', 'OFF'] }],
  ]);
  if (level === 'OFF' && destinations.length === 0) return;
  const arn = destinations[0]?.cloudWatchLogsLogGroup?.logGroupArn;
  if (arn === undefined || destinations.length > 1) throw badLogging('Must specify exactly one Log Destination.');
  const [, , service, , , kind, group = '', end] = arn.split(':');
  if (service !== 'logs' || kind !== 'log-group' || end !== '*') {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid Log Destination: ${arn}'`);
  }
  const { logGroups = [] } = await cloud.call('logs', 'DescribeLogGroups', { logGroupNamePrefix: group });
  if (!logGroups.some(({ logGroupName }) => logGroupName === group)) throw badLogging('Log Destination not found.');
  if ((await deniedAction(cloud, roleArn, deliveryActions, '*')) !== undefined) {
    const message = 'The state machine IAM Role is not authorized to access the Log Destination';
    throw new AwsError('AccessDeniedException', message);
  }
}

function badLogging(message: string): AwsError {
  return new AwsError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${message}`);
}
