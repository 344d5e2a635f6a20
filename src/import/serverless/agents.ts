// `ai.agents` of version 4 → the runtime, the role and the memory of each agent as plain CloudFormation. What fx has no part in,
// the code of an agent and its tools, is reported.
import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { lookup } from '../lookup-text.ts';
import { permissionsOf } from './permissions.ts';
import { alphanumeric, type Service } from './service.ts';
import { placeholder } from './variables.ts';

const defaultExpiry = 30;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-runtime.html */
export function convertAgents(service: Service, ai: Cursor): void {
  const { draft } = service;
  for (const [name, agent] of ai.child('agents')?.entries() ?? []) {
    const id = alphanumeric(name);
    const image = `${id.charAt(0).toLowerCase()}${id.slice(1)}Image`;
    draft.set(['params', image], placeholder);
    draft.comment(
      ['params', image],
      `The container image of the agent "${name}", such as 111122223333.dkr.ecr.….amazonaws.com/agent:1`,
    );
    const variables = agent.child('environment')?.plain();
    const protocol = agent.child('protocol')?.text();
    const description = agent.child('description')?.plain();
    const statements = agent.child('role')?.child('statements');
    draft.set(
      ['resources', `${id}AgentRole`],
      roleOf(statements === undefined ? [] : permissionsOf(service, statements)),
      placeOf(agent),
    );
    draft.set(
      ['resources', `${id}Agent`],
      {
        Type: 'AWS::BedrockAgentCore::Runtime',
        Properties: {
          AgentRuntimeName: `${name.replace(/[^A-Za-z0-9_]/g, '_')}_${lookup('env')}`,
          RoleArn: { 'Fn::GetAtt': [`${id}AgentRole`, 'Arn'] },
          AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: lookup(`params.${image}`) } },
          NetworkConfiguration: { NetworkMode: 'PUBLIC' },
          ...(description === undefined ? {} : { Description: description }),
          ...(protocol === undefined ? {} : { ProtocolConfiguration: protocol.toUpperCase() }),
          ...(variables === undefined ? {} : { EnvironmentVariables: variables }),
        },
      },
      placeOf(agent),
    );
    draft.dropped(placeOf(agent), `fx does not build the agent "${name}"`, {
      remedy: `push its image, set params.${image}, and add its tools and what its role may do under resources`,
      beside: ['resources', `${id}Agent`],
    });
    const memory = agent.child('memory');
    if (memory?.isMap === true) memoryOf(service, `${id}Memory`, memory);
  }
}

function roleOf(permissions: readonly Plain[]): Plain {
  const statements = permissions.filter((permission) => typeof permission === 'object');
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'bedrock-agentcore.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      ...(statements.length === 0
        ? {}
        : {
            Policies: [
              {
                PolicyName: 'agent',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: statements.map((statement) => ({
                    Effect: 'Allow',
                    ...(statement as Record<string, Plain>),
                  })),
                },
              },
            ],
          }),
    },
  };
}

function memoryOf({ draft }: Service, id: string, memory: Cursor): void {
  const days = memory.child('expiration')?.plain() ?? defaultExpiry;
  draft.set(
    ['resources', id],
    {
      Type: 'AWS::BedrockAgentCore::Memory',
      Properties: { Name: `${id}_${lookup('env')}`, EventExpiryDuration: days },
    },
    placeOf(memory),
  );
}
