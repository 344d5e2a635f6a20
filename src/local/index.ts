// The table of services of the embedded AWS, one row per service. A service loads when a region first needs it.
import type { Cloud, Service, ServiceName } from './cloud.ts';

interface Row<S extends ServiceName> {
  create(cloud: Cloud): Promise<Service<S>>;
  /** Collections whose records have pollers, listeners or timers, which resume after a restart. */
  readonly runs?: readonly string[];
}

export const services: { readonly [S in ServiceName]: Row<S> } = {
  apigateway: {
    create: async (cloud) => (await import('./apigateway/index.ts')).createApiGateway(cloud),
    runs: ['apigateway.rest-apis'],
  },
  apigatewayv2: {
    create: async (cloud) => (await import('./apigatewayv2/index.ts')).createApiGatewayV2(cloud),
    runs: ['apigateway.apis'],
  },
  cloudformation: {
    create: async (cloud) => (await import('./cloudformation/index.ts')).createCloudFormation(cloud),
    runs: ['cloudformation-stacks'],
  },
  cloudfront: {
    create: async (cloud) => (await import('./cloudfront/index.ts')).createCloudFront(cloud),
    runs: ['cloudfront.ports'],
  },
  codedeploy: {
    create: async (cloud) => (await import('./codedeploy/index.ts')).createCodeDeploy(cloud),
    runs: ['codedeploy.deployments'],
  },
  dynamodb: {
    create: async (cloud) => (await import('./dynamodb/index.ts')).createDynamoDb(cloud),
    runs: ['dynamodb.tables'],
  },
  dynamodbstreams: {
    create: async (cloud) => (await import('./dynamodb/streams.ts')).createDynamoDbStreams(cloud),
  },
  ecr: { create: async (cloud) => (await import('./ecr/index.ts')).createEcr(cloud) },
  elasticloadbalancing: {
    create: async (cloud) => (await import('./elasticloadbalancing/index.ts')).createElasticLoadBalancing(cloud),
    runs: ['elasticloadbalancing.listeners', 'elasticloadbalancing.target-groups'],
  },
  events: { create: async (cloud) => (await import('./events/index.ts')).createEvents(cloud), runs: ['events-rules'] },
  iam: { create: async (cloud) => (await import('./iam/index.ts')).createIam(cloud) },
  iot: { create: async (cloud) => (await import('./iot/index.ts')).createIot(cloud) },
  iotdata: { create: async (cloud) => (await import('./iot/index.ts')).createIotData(cloud) },
  kinesis: { create: async (cloud) => (await import('./kinesis/index.ts')).createKinesis(cloud) },
  lambda: {
    create: async (cloud) => (await import('./lambda/index.ts')).createLambda(cloud),
    runs: ['lambda.functions'],
  },
  logs: { create: async (cloud) => (await import('./logs.ts')).createLogs(cloud) },
  monitoring: {
    create: async (cloud) => (await import('./monitoring/index.ts')).createMonitoring(cloud),
    runs: ['monitoring.alarms'],
  },
  pipes: {
    create: async (cloud) => (await import('./pipes/index.ts')).createPipes(cloud),
    runs: ['pipes.pipes'],
  },
  s3: { create: async (cloud) => (await import('./s3/index.ts')).createS3(cloud) },
  scheduler: {
    create: async (cloud) => (await import('./scheduler/index.ts')).createScheduler(cloud),
    runs: ['scheduler.schedules'],
  },
  secretsmanager: { create: async (cloud) => (await import('./secretsmanager/index.ts')).createSecretsManager(cloud) },
  sns: { create: async (cloud) => (await import('./sns/index.ts')).createSns(cloud) },
  sqs: { create: async (cloud) => (await import('./sqs.ts')).createSqs(cloud) },
  ssm: { create: async (cloud) => (await import('./ssm/index.ts')).createSsm(cloud) },
  states: {
    create: async (cloud) => (await import('./states/index.ts')).createStates(cloud),
    runs: ['states.executions'],
  },
  sts: { create: async (cloud) => (await import('./sts.ts')).createSts(cloud) },
  xray: { create: async (cloud) => (await import('./xray/index.ts')).createXray(cloud) },
};
