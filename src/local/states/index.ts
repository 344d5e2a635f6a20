// Step Functions: state machines with versions and aliases, executions, activities.
// https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { activityOperations } from './activities.ts';
import { aliasOperations } from './aliases.ts';
import { executionOperations } from './execution-operations.ts';
import { Executions } from './executions.ts';
import { machineOperations } from './machines.ts';
import { tagOperations } from './names.ts';
import { openStates } from './state.ts';
import { testStateOperation } from './test-state.ts';
import { versionOperations } from './versions.ts';

export function createStates(cloud: Cloud): Service<'states'> {
  const state = openStates(cloud);
  const executions = new Executions(state);
  return {
    name: 'states',
    operations: {
      ...activityOperations(state, executions.activities),
      ...aliasOperations(state),
      ...executionOperations(state, executions),
      ...machineOperations(state, executions),
      ...tagOperations(state),
      ...testStateOperation(state, executions),
      ...versionOperations(state),
    },
    async start() {
      executions.resume();
    },
    stop: () => executions.close(),
  };
}
