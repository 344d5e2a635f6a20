// Aliases of state machines: names that lead to one version, or to two by weight.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html
import { isDeepStrictEqual } from 'node:util';
import type { RoutingConfigurationListItem } from '@aws-sdk/client-sfn';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageFrom } from '../paging.ts';
import { unqualified } from './machines.ts';
import { invalidToken } from './names.ts';
import { type Alias, aliasArn, keyIn, readArn, type StatesState } from './state.ts';

const namePattern = '^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$';

type Routing = readonly RoutingConfigurationListItem[] | undefined;

export function aliasOperations(state: StatesState): Operations<'states'> {
  const { cloud, aliases } = state;
  const onAlias = {
    resource: ({ stateMachineAliasArn }: { stateMachineAliasArn: string | undefined }) => stateMachineAliasArn,
  };
  const find = (arn = ''): Alias => {
    readArn(arn, 'stateMachine');
    const alias = aliases.get(keyIn(arn));
    if (alias === undefined) {
      throw new AwsError('ResourceNotFound', 'Request references a resource that does not exist.', 400, {
        resourceName: arn,
      });
    }
    return alias;
  };
  return {
    CreateStateMachineAlias: {
      members: ['name', 'description', 'routingConfiguration'],
      authorize: {
        resource: ({ routingConfiguration }) =>
          routingConfiguration?.[0]?.stateMachineVersionArn?.split(':').slice(0, 7).join(':'),
      },
      run({ name = '', description, routingConfiguration }) {
        checkConstraints('ValidationException', [
          ['name', name, { min: 1, max: 80, pattern: namePattern }],
          ['description', description, { max: 256 }],
        ]);
        const routing = checkedRouting(state, routingConfiguration);
        const [machine = ''] = keyIn(routing[0]?.stateMachineVersionArn ?? '').split(':');
        const now = cloud.now();
        const existing = aliases.get(`${machine}:${name}`);
        if (
          existing !== undefined &&
          !(isDeepStrictEqual(existing.routing, routing) && existing.description === description)
        ) {
          const message =
            'Failed to create alias because an alias with the same name and a different routing configuration already exists.';
          throw new AwsError('ConflictException', message);
        }
        const alias: Alias = existing ?? {
          ...{ machine, name, routing, created: now, updated: now },
          ...(description === undefined ? {} : { description }),
        };
        aliases.set(`${machine}:${name}`, alias);
        return { stateMachineAliasArn: aliasArn(cloud, alias), creationDate: new Date(alias.created) };
      },
    },
    UpdateStateMachineAlias: {
      members: ['stateMachineAliasArn', 'description', 'routingConfiguration'],
      authorize: onAlias,
      run({ stateMachineAliasArn, description, routingConfiguration }) {
        checkConstraints('ValidationException', [['description', description, { max: 256 }]]);
        const alias = find(stateMachineAliasArn);
        if (description === undefined && routingConfiguration === undefined) {
          throw new AwsError('ValidationException', 'Either description or routingConfiguration must be specified');
        }
        const updated: Alias = {
          ...alias,
          updated: cloud.now(),
          ...(description === undefined ? {} : { description }),
          ...(routingConfiguration === undefined ? {} : { routing: checkedRouting(state, routingConfiguration) }),
        };
        aliases.set(`${alias.machine}:${alias.name}`, updated);
        return { updateDate: new Date(updated.updated) };
      },
    },
    DescribeStateMachineAlias: {
      members: ['stateMachineAliasArn'],
      authorize: onAlias,
      run({ stateMachineAliasArn }) {
        const alias = find(stateMachineAliasArn);
        const { name, description, routing, created, updated } = alias;
        return {
          stateMachineAliasArn: aliasArn(cloud, alias),
          name,
          routingConfiguration: [...routing],
          creationDate: new Date(created),
          updateDate: new Date(updated),
          ...(description === undefined ? {} : { description }),
        };
      },
    },
    DeleteStateMachineAlias: {
      members: ['stateMachineAliasArn'],
      authorize: onAlias,
      run({ stateMachineAliasArn = '' }) {
        readArn(stateMachineAliasArn, 'stateMachine');
        aliases.delete(keyIn(stateMachineAliasArn));
        return {};
      },
    },
    ListStateMachineAliases: {
      members: ['stateMachineArn', 'maxResults', 'nextToken'],
      authorize: { resource: ({ stateMachineArn }) => stateMachineArn },
      run({ stateMachineArn = '', maxResults, nextToken }) {
        checkConstraints('ValidationException', [['maxResults', maxResults, { min: 0, max: 1000 }]]);
        const [name = '', version] = readArn(stateMachineArn, 'stateMachine');
        unqualified(state, stateMachineArn.split(':').slice(0, 7).join(':'));
        const all = aliases.filter(
          ({ machine, routing }) =>
            machine === name &&
            (version === undefined || routing.some((route) => route.stateMachineVersionArn === stateMachineArn)),
        );
        const page = pageFrom(all, { token: nextToken, most: maxResults || 100 });
        if (page === undefined) throw invalidToken();
        return {
          stateMachineAliases: page.items.map((alias) => ({
            stateMachineAliasArn: aliasArn(cloud, alias),
            creationDate: new Date(alias.created),
          })),
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
  };
}

function checkedRouting(state: StatesState, given: Routing): Alias['routing'] {
  const routes = (given ?? []).map(({ stateMachineVersionArn = '', weight = 0 }) => ({
    ...{ stateMachineVersionArn, weight },
  }));
  checkConstraints('ValidationException', [
    [
      'routingConfiguration',
      routes.map(
        (route) =>
          `RoutingConfigurationListItem(stateMachineVersionArn=${route.stateMachineVersionArn}, weight=${route.weight})`,
      ),
      { min: 1, max: 2 },
    ],
    ...routes.map(
      ({ weight }, index) => [`routingConfiguration.${index + 1}.member.weight`, weight, { min: 0, max: 100 }] as const,
    ),
  ]);
  const arns = routes.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const received = (values: readonly unknown[]) => `Received: [${values.join(', ')}]`;
  const reason = { reason: 'INVALID_ROUTING_CONFIGURATION' };
  const refuse = (message: string) => new AwsError('ValidationException', message, 400, reason);
  if (arns.some((arn) => !/:stateMachine:[^:]+:\d+$/.test(arn))) {
    throw refuse(`Routing configuration must contain state machine version ARNs. ${received(arns)}`);
  }
  if (new Set(arns).size < arns.length) {
    throw refuse(`Routing configuration must contain distinct state machine version ARNs. ${received(arns)}`);
  }
  const weights = routes.map(({ weight }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
    throw refuse(`Sum of routing configuration weights must equal 100. ${received(weights)}`);
  }
  if (new Set(arns.map((arn) => keyIn(arn).split(':')[0])).size > 1) {
    throw refuse(`Routing configuration must contain versions of one state machine. ${received(arns)}`);
  }
  for (const arn of arns) {
    if (state.versions.has(keyIn(arn))) continue;
    throw new AwsError('ResourceNotFound', 'Request references a resource that does not exist.', 400, {
      resourceName: arn,
    });
  }
  return routes;
}
