// Connectors of SAM, from a function or a state machine → its permissions.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/reference-sam-connector.html
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { functionIds, stateMachineIds } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import type { SamTemplate } from './template.ts';

type Access = 'Read' | 'Write';

/** By the type of the destination. */
const actions: Readonly<Record<string, Partial<Readonly<Record<Access, string>>>>> = {
  'AWS::Lambda::Function': { Write: 'lambda:InvokeFunction,InvokeAsync' },
  'AWS::DynamoDB::Table': {
    Read: 'dynamodb:GetItem,Query,Scan,BatchGetItem,ConditionCheckItem,PartiQLSelect',
    Write: 'dynamodb:PutItem,UpdateItem,DeleteItem,BatchWriteItem,PartiQLDelete,PartiQLInsert,PartiQLUpdate',
  },
  'AWS::SQS::Queue': {
    Read: 'sqs:ReceiveMessage,GetQueueAttributes',
    Write: 'sqs:DeleteMessage,SendMessage,ChangeMessageVisibility,PurgeQueue',
  },
  'AWS::SNS::Topic': { Write: 'sns:Publish' },
  'AWS::S3::Bucket': {
    Read: 's3:GetObject,GetObjectAcl,GetObjectLegalHold,GetObjectRetention,GetObjectTorrent,GetObjectVersion,GetObjectVersionAcl,GetObjectVersionForReplication,GetObjectVersionTorrent,ListBucket,ListBucketMultipartUploads,ListBucketVersions,ListMultipartUploadParts',
    Write:
      's3:AbortMultipartUpload,DeleteObject,DeleteObjectVersion,PutObject,PutObjectLegalHold,PutObjectRetention,RestoreObject',
  },
  'AWS::Events::EventBus': { Write: 'events:PutEvents' },
  'AWS::StepFunctions::StateMachine': {
    Read: 'states:DescribeStateMachine,ListExecutions,DescribeExecution,DescribeStateMachineForExecution,GetExecutionHistory',
    Write: 'states:StartExecution,StartSyncExecution,StopExecution',
  },
};

/** What a type of SAM is in CloudFormation. */
const plainTypes: Readonly<Record<string, string>> = {
  'AWS::Serverless::Function': 'AWS::Lambda::Function',
  'AWS::Serverless::SimpleTable': 'AWS::DynamoDB::Table',
  'AWS::Serverless::StateMachine': 'AWS::StepFunctions::StateMachine',
};

const typeOf = (sam: SamTemplate, id: string | undefined): string | undefined => {
  const type = id === undefined ? undefined : sam.resources.get(id)?.child('Type')?.text();
  return type === undefined ? undefined : (plainTypes[type] ?? type);
};

/** A connector that is a resource of its own, or those that are written with their source. */
export function connectorsOf(sam: SamTemplate, id: string, resource: Cursor): void {
  if (resource.child('Type')?.text() === 'AWS::Serverless::Connector') {
    const properties = resource.child('Properties');
    if (properties !== undefined) connect(sam, properties, properties.child('Source')?.child('Id')?.text());
    return;
  }
  for (const [, connector] of resource.child('Connectors')?.entries() ?? []) {
    const properties = connector.child('Properties');
    if (properties !== undefined) connect(sam, properties, id);
  }
}

function connect(sam: SamTemplate, connector: Cursor, source: string | undefined): void {
  const { draft } = sam;
  connector.child('SourceReference')?.plain();
  const access = ([connector.child('Permissions')?.plain() ?? []].flat() as readonly Plain[]).map(String);
  const path = pathOf(sam, source);
  for (const destination of connector.child('Destination')?.each() ?? []) {
    const id = destination.child('Id')?.text();
    const type = typeOf(sam, id);
    const arn = destination.child('Arn')?.plain();
    const known = actions[type ?? destination.child('Type')?.text() ?? ''];
    const target = id === undefined || type === undefined ? undefined : targetOf(sam, id, type);
    for (const each of access) {
      const allowed = known?.[each as Access];
      if (path === undefined || allowed === undefined || target === undefined) {
        draft.dropped(
          placeOf(connector),
          `fx makes no connector from ${source ?? 'elsewhere'} to ${id ?? (arn === undefined ? 'elsewhere' : 'an ARN')}`,
          {
            remedy:
              path === undefined
                ? 'write the policy that lets it in under resources'
                : 'write what it may do under permissions',
            beside: path ?? ['name'],
          },
        );
        break;
      }
      for (const permission of typeof target === 'string' ? [`${allowed} on ${target}`] : [statement(allowed, target)])
        draft.push([...path, 'permissions'], permission, placeOf(connector));
      draft.carried(placeOf(connector), `the connector from ${source ?? ''} to ${id ?? ''}, as a permission`);
    }
  }
}

function pathOf(sam: SamTemplate, id: string | undefined): Path | undefined {
  if (id === undefined) return undefined;
  const name = sam.functions.get(id);
  if (name !== undefined) return ['functions', name];
  const machine = sam.stateMachines.get(id);
  return machine === undefined ? undefined : ['stateMachines', machine];
}

/** A resource of the template by its id; what fx generates by its ARNs. */
function targetOf(sam: SamTemplate, id: string, type: string): string | readonly Plain[] {
  const name = sam.functions.get(id);
  if (name !== undefined) {
    const own = functionIds(name).function;
    return [{ 'Fn::GetAtt': [own, 'Arn'] }, { 'Fn::Sub': `\${${own}.Arn}:*` }];
  }
  const machine = sam.stateMachines.get(id);
  if (machine !== undefined || type === 'AWS::StepFunctions::StateMachine') {
    const own = machine === undefined ? id : stateMachineIds(machine).machine;
    return [
      { Ref: own },
      {
        'Fn::Sub': `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:execution:\${${own}.Name}:*`,
      },
    ];
  }
  return id;
}

function statement(allowed: string, resources: readonly Plain[]): Plain {
  const [service = '', names = ''] = allowed.split(':');
  return { Action: names.split(',').map((name) => `${service}:${name}`), Resource: [...resources] };
}

/** A resource without its connectors, which CloudFormation does not know. */
export function withoutConnectors(resource: Plain): Plain {
  if (!isMap(resource) || resource['Connectors'] === undefined) return resource;
  return Object.fromEntries(Object.entries(resource as Record<string, Plain>).filter(([key]) => key !== 'Connectors'));
}
