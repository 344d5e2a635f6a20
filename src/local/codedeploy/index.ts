// CodeDeploy, for the compute platform Lambda: it moves the traffic of an alias to a new version, and back.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/Welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { applicationOperations, tagOperations } from './applications.ts';
import { configOperations } from './configs.ts';
import { Deployer } from './deployer.ts';
import { deploymentOperations } from './deployments.ts';
import { groupOperations } from './groups.ts';
import { codeDeployContext } from './state.ts';

export function createCodeDeploy(cloud: Cloud): Service<'codedeploy'> {
  const context = codeDeployContext(cloud);
  const deployer = new Deployer(context);
  return {
    name: 'codedeploy',
    operations: {
      ...applicationOperations(context),
      ...configOperations(context),
      ...groupOperations(context),
      ...deploymentOperations(context, deployer),
      ...tagOperations(context),
    },
    start: () => deployer.finishAll(),
    stop: () => deployer.stop(),
  };
}
