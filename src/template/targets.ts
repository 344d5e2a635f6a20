// Finds what the user named: a resource of the project, a function, an ARN or an intrinsic, as an ARN and the service it is of.
import type { Plain } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';
import { functionIds, liveAlias } from '../cfn/names.ts';
import { attribute, ref, referencesIn } from '../cfn/resource.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import type { Target, Wrong } from '../settings/setting.ts';

/** Types that calls and records can be sent to: the service, and the attribute that is their ARN; without one, Ref is it. */
const types: Readonly<Record<string, { readonly service: string; readonly arn?: string }>> = {
  'AWS::SQS::Queue': { service: 'sqs', arn: 'Arn' },
  'AWS::SNS::Topic': { service: 'sns' },
  'AWS::Events::EventBus': { service: 'events', arn: 'Arn' },
  'AWS::S3::Bucket': { service: 's3', arn: 'Arn' },
  'AWS::Lambda::Function': { service: 'lambda', arn: 'Arn' },
  'AWS::Lambda::Alias': { service: 'lambda' },
};

/** `own` is the function that the target is named by. */
export function targetOf(named: Plain, own: FunctionSettings, project: Project): Target | Wrong {
  if (typeof named === 'string') return named.startsWith('arn:') ? ofArn(named) : ofName(named, own, project);
  if (typeof named !== 'object' || named === null || Array.isArray(named))
    throw new Error('the schema takes no other target');
  const told = named as { readonly type?: string; readonly arn?: Plain };
  if (told.type !== undefined && told.arn !== undefined) return { arn: told.arn, service: told.type };
  // an intrinsic tells what it is where it leads to a resource of the project
  const [reference] = referencesIn(named);
  const type = reference === undefined ? undefined : project.resources.get(reference.logicalId)?.Type;
  return { arn: named, service: type === undefined ? undefined : types[type]?.service };
}

function ofArn(arn: string): Target {
  return { arn, service: arn.split(':')[2] };
}

function ofName(name: string, own: FunctionSettings, project: Project): Target | Wrong {
  const other = project.functions.find((one) => one.name === name);
  if (other !== undefined) {
    const { condition } = other;
    if (condition === undefined || condition === own.condition) {
      const live = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${other.physicalName}:${liveAlias}`;
      return { arn: ref(functionIds(name).alias), service: 'lambda', granted: { 'Fn::Sub': live } };
    }
    return {
      message: `"${name}" is there only where ${condition} holds`,
      hint: `give "${own.name}" the same condition`,
    };
  }
  const resource = project.resources.get(name);
  if (resource === undefined) {
    const known = [...project.resources.keys(), ...project.functions.map((one) => one.name)];
    const meant = nearest(name, known);
    return {
      message: `there is no resource and no function "${name}"`,
      hint: meant === undefined ? 'name one under resources or functions, or give an ARN' : `did you mean "${meant}"?`,
    };
  }
  const type = types[resource.Type];
  if (type === undefined) return { message: `"${name}" is of ${resource.Type}, which nothing can be sent to` };
  const fifo = resource.Properties?.['FifoQueue'] ?? resource.Properties?.['FifoTopic'];
  if (String(fifo) === 'true') {
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    return { message: `"${name}" is FIFO; Lambda sends to standard queues and topics only` };
  }
  return { arn: type.arn === undefined ? ref(name) : attribute(name, type.arn), service: type.service };
}
