// Versions of state machines: what they were when they were published.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageFrom } from '../paging.ts';
import { unqualified } from './machines.ts';
import { invalidToken } from './names.ts';
import { keyIn, readArn, type StateMachine, type StatesState, versionArn } from './state.ts';

/** Publishes the current revision, unless the newest version is it. Returns the version's ARN. */
export function publish(state: StatesState, machine: StateMachine, description: string | undefined): string {
  const { cloud, versions, machines } = state;
  const { name, revision, lastVersion } = machine;
  const newest = versions.get(`${name}:${lastVersion}`);
  if (newest !== undefined && newest.revision.revisionId === revision.revisionId) return versionArn(cloud, newest);
  const version = {
    ...{ machine: name, number: lastVersion + 1, created: cloud.now(), revision },
    ...(description === undefined ? {} : { description }),
  };
  versions.set(`${name}:${version.number}`, version);
  machines.set(name, { ...machine, lastVersion: version.number });
  return versionArn(cloud, version);
}

export function versionOperations(state: StatesState): Operations<'states'> {
  const { cloud, versions } = state;
  const onMachine = { resource: ({ stateMachineArn }: { stateMachineArn: string | undefined }) => stateMachineArn };
  return {
    PublishStateMachineVersion: {
      members: ['stateMachineArn', 'revisionId', 'description'],
      authorize: onMachine,
      run({ stateMachineArn, revisionId, description }) {
        checkConstraints('ValidationException', [['description', description, { max: 256 }]]);
        const machine = unqualified(state, stateMachineArn);
        // before the first update, a state machine has the revision INITIAL
        const current = machine.revision.revisionId ?? 'INITIAL';
        if (revisionId !== undefined && revisionId !== current) {
          const message = `Failed to publish the State Machine version for revision ${revisionId}. The current State Machine revision is ${current}.`;
          throw new AwsError('ConflictException', message);
        }
        const arn = publish(state, machine, description);
        const created = versions.get(keyIn(arn))?.created ?? cloud.now();
        return { stateMachineVersionArn: arn, creationDate: new Date(created) };
      },
    },
    ListStateMachineVersions: {
      members: ['stateMachineArn', 'maxResults', 'nextToken'],
      authorize: onMachine,
      run({ stateMachineArn, maxResults, nextToken }) {
        checkConstraints('ValidationException', [['maxResults', maxResults, { min: 0, max: 1000 }]]);
        const { name } = unqualified(state, stateMachineArn);
        const all = versions
          .filter(({ machine }) => machine === name)
          .sort((left, right) => right.number - left.number);
        const page = pageFrom(all, { token: nextToken, most: maxResults || 100 });
        if (page === undefined) throw invalidToken();
        return {
          stateMachineVersions: page.items.map((version) => ({
            stateMachineVersionArn: versionArn(cloud, version),
            creationDate: new Date(version.created),
          })),
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
    DeleteStateMachineVersion: {
      members: ['stateMachineVersionArn'],
      authorize: { resource: ({ stateMachineVersionArn }) => stateMachineVersionArn },
      run({ stateMachineVersionArn = '' }) {
        const [name = ''] = readArn(stateMachineVersionArn, 'stateMachine');
        const named = state.aliases
          .filter(({ machine, routing }) => machine === name && routing.some(isRouteTo(stateMachineVersionArn)))
          .map((alias) => alias.name);
        if (named.length > 0) {
          const message = `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${named.join(', ')}]`;
          throw new AwsError('ConflictException', message);
        }
        versions.delete(keyIn(stateMachineVersionArn));
        return {};
      },
    },
  };
}

const isRouteTo =
  (arn: string) =>
  ({ stateMachineVersionArn }: { stateMachineVersionArn: string | undefined }): boolean =>
    stateMachineVersionArn === arn;
