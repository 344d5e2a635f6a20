// The table of services of the embedded AWS. One row a service; each is imported when a region first needs it.
import type { Cloud, Service, ServiceName } from './cloud.ts';

export const services: { readonly [S in ServiceName]: (cloud: Cloud) => Promise<Service<S>> } = {
  apigateway: async (cloud) => (await import('./apigateway/index.ts')).createApiGateway(cloud),
  cloudformation: async (cloud) => (await import('./cloudformation/index.ts')).createCloudFormation(cloud),
  events: async (cloud) => (await import('./events.ts')).createEvents(cloud),
  iam: async (cloud) => (await import('./iam/index.ts')).createIam(cloud),
  lambda: async (cloud) => (await import('./lambda/index.ts')).createLambda(cloud),
  logs: async (cloud) => (await import('./logs.ts')).createLogs(cloud),
  s3: async (cloud) => (await import('./s3/index.ts')).createS3(cloud),
  secretsmanager: async (cloud) => (await import('./secretsmanager/index.ts')).createSecretsManager(cloud),
  sqs: async (cloud) => (await import('./sqs.ts')).createSqs(cloud),
  ssm: async (cloud) => (await import('./ssm/index.ts')).createSsm(cloud),
  sts: async (cloud) => (await import('./sts.ts')).createSts(cloud),
};
