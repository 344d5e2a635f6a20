// Deployment configurations: how traffic moves. CodeDeploy's own ones for Lambda, and custom ones.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
import { randomUUID } from 'node:crypto';
import type { DeploymentConfigInfo, TrafficRoutingConfig } from '@aws-sdk/client-codedeploy';
import { AwsError, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { arnOf, type CodeDeployContext, type Config, checkName } from './state.ts';

export const allAtOnce = 'CodeDeployDefault.LambdaAllAtOnce';

const canary = (minutes: number): TrafficRoutingConfig => ({
  type: 'TimeBasedCanary',
  timeBasedCanary: { canaryPercentage: 10, canaryInterval: minutes },
});
const linear = (minutes: number): TrafficRoutingConfig => ({
  type: 'TimeBasedLinear',
  timeBasedLinear: { linearPercentage: 10, linearInterval: minutes },
});

const predefined: ReadonlyMap<string, TrafficRoutingConfig> = new Map([
  [allAtOnce, { type: 'AllAtOnce' } as const],
  ...[5, 10, 15, 30].map(
    (minutes) => [`CodeDeployDefault.LambdaCanary10Percent${minutes}Minutes`, canary(minutes)] as const,
  ),
  ['CodeDeployDefault.LambdaLinear10PercentEvery1Minute', linear(1)] as const,
  ...[2, 3, 10].map(
    (minutes) => [`CodeDeployDefault.LambdaLinear10PercentEvery${minutes}Minutes`, linear(minutes)] as const,
  ),
]);

export function findConfig({ configs }: CodeDeployContext, name: string): Config {
  const routing = predefined.get(name);
  if (routing !== undefined) return { id: name, name, created: 0, routing };
  const config = configs.get(name);
  if (config !== undefined) return config;
  throw new AwsError('DeploymentConfigDoesNotExistException', `No Deployment Config found for name: ${name}`);
}

export function configOperations(context: CodeDeployContext): Operations<'codedeploy'> {
  const { cloud, configs, groups } = context;
  const onConfig = {
    resource: ({ deploymentConfigName = '' }: { readonly deploymentConfigName: string | undefined }) =>
      arnOf(cloud, 'deploymentconfig', deploymentConfigName),
  };
  return {
    CreateDeploymentConfig: {
      members: ['computePlatform', 'deploymentConfigName', 'trafficRoutingConfig'],
      authorize: onConfig,
      run({ deploymentConfigName, computePlatform = 'Server', trafficRoutingConfig: routing }) {
        const name = checkName(deploymentConfigName, 'InvalidDeploymentConfigNameException');
        if (computePlatform !== 'Lambda') {
          throw notImplemented(`codedeploy:CreateDeploymentConfig with the compute platform ${computePlatform}`);
        }
        if (configs.has(name) || predefined.has(name)) {
          throw new AwsError(
            'DeploymentConfigAlreadyExistsException',
            `The deployment configuration ${name} already exists`,
          );
        }
        const id = randomUUID();
        configs.set(name, { id, name, created: cloud.now(), routing: checkRouting(routing) });
        return { deploymentConfigId: id };
      },
    },
    GetDeploymentConfig: {
      members: ['deploymentConfigName'],
      authorize: onConfig,
      run({ deploymentConfigName = '' }) {
        const { id, name, created, routing } = findConfig(context, deploymentConfigName);
        const info: DeploymentConfigInfo = {
          deploymentConfigId: id,
          deploymentConfigName: name,
          createTime: new Date(created),
          computePlatform: 'Lambda',
          trafficRoutingConfig: routing,
        };
        return { deploymentConfigInfo: info };
      },
    },
    ListDeploymentConfigs: {
      members: [],
      run: () => ({ deploymentConfigsList: [...predefined.keys(), ...configs.keys()] }),
    },
    DeleteDeploymentConfig: {
      members: ['deploymentConfigName'],
      authorize: onConfig,
      run({ deploymentConfigName: name = '' }) {
        if (predefined.has(name)) {
          throw new AwsError(
            'InvalidOperationException',
            `The predefined deployment configuration ${name} cannot be deleted`,
          );
        }
        if (groups.find(({ config }) => config === name) !== undefined) {
          throw new AwsError('DeploymentConfigInUseException', `The deployment configuration ${name} is in use`);
        }
        configs.delete(name);
        return {};
      },
    },
  };
}

/** https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TrafficRoutingConfig.html */
function checkRouting(routing: TrafficRoutingConfig = {}): TrafficRoutingConfig {
  const { type, timeBasedCanary, timeBasedLinear } = routing;
  if (type === 'AllAtOnce') return routing;
  const [percentage, interval] =
    type === 'TimeBasedCanary'
      ? [timeBasedCanary?.canaryPercentage, timeBasedCanary?.canaryInterval]
      : type === 'TimeBasedLinear'
        ? [timeBasedLinear?.linearPercentage, timeBasedLinear?.linearInterval]
        : [undefined, undefined];
  const isShare = percentage !== undefined && percentage >= 1 && percentage <= 99;
  if (isShare && interval !== undefined && interval >= 1) return routing;
  throw new AwsError(
    'InvalidTrafficRoutingConfigurationException',
    'The configuration that specifies how traffic is routed during a deployment is invalid.',
  );
}

export interface Step {
  /** The share of the traffic that the target version gets, below 1. */
  readonly weight: number;
  readonly minutes: number;
}

/** The steps before all traffic is at the target version. */
export function stepsOf({ timeBasedCanary, timeBasedLinear }: TrafficRoutingConfig): readonly Step[] {
  if (timeBasedCanary !== undefined) {
    const { canaryPercentage = 0, canaryInterval = 0 } = timeBasedCanary;
    return [{ weight: canaryPercentage / 100, minutes: canaryInterval }];
  }
  const { linearPercentage = 100, linearInterval = 0 } = timeBasedLinear ?? {};
  const count = Math.ceil(100 / linearPercentage) - 1;
  return Array.from({ length: count }, (_, index) => ({
    weight: (linearPercentage * (index + 1)) / 100,
    minutes: linearInterval,
  }));
}
