// Resolves a target that the user named (a resource of the project, a function, an ARN or an intrinsic) to its ARN and service.
import type { Plain } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { functionIds, liveAlias } from '../cfn/names.ts';
import { referencesIn } from '../cfn/resource.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import type { RuleProblem, Target } from '../settings/setting.ts';

/** The service of each type to which Lambda can send. */
const services: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'sqs',
  'AWS::SNS::Topic': 'sns',
  'AWS::Events::EventBus': 'events',
  'AWS::S3::Bucket': 's3',
  'AWS::Lambda::Function': 'lambda',
  'AWS::Lambda::Alias': 'lambda',
};

/** `sender` is the function whose setting names the target. */
export function targetOf(named: Plain, sender: FunctionSettings, project: Project): Target | RuleProblem {
  if (typeof named === 'string') return named.startsWith('arn:') ? ofArn(named) : ofName(named, sender, project);
  if (typeof named !== 'object' || named === null || Array.isArray(named))
    throw new Error('the schema accepts no other target');
  const typed = named as { readonly type?: string; readonly arn?: Plain };
  if (typed.type !== undefined && typed.arn !== undefined) return { arn: typed.arn, service: typed.type };
  // an intrinsic that refers to a resource of the project has the service of its type
  const [reference] = referencesIn(named);
  const type = reference === undefined ? undefined : project.resources.get(reference.logicalId)?.Type;
  return { arn: named, service: type === undefined ? undefined : services[type] };
}

function ofArn(arn: string): Target {
  return { arn, service: arn.split(':')[2] };
}

function ofName(name: string, sender: FunctionSettings, project: Project): Target | RuleProblem {
  const other = project.functions.find((settings) => settings.name === name);
  if (other !== undefined) {
    const { condition } = other;
    if (condition === undefined || condition === sender.condition) {
      const live = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${other.physicalName}:${liveAlias}`;
      return {
        arn: arnOf(functionIds(name).alias, 'AWS::Lambda::Alias'),
        service: 'lambda',
        granted: { 'Fn::Sub': live },
      };
    }
    return {
      message: `"${name}" exists only if the condition "${condition}" holds`,
      hint: `give "${sender.name}" the same condition`,
    };
  }
  const resource = project.resources.get(name);
  if (resource === undefined) {
    const known = [...project.resources.keys(), ...project.functions.map((settings) => settings.name)];
    const suggestion = nearest(name, known);
    return {
      message: `there is no resource and no function "${name}"`,
      hint:
        suggestion === undefined
          ? 'name one under resources or functions, or give an ARN'
          : `did you mean "${suggestion}"?`,
    };
  }
  const service = services[resource.Type];
  if (service === undefined) return { message: `"${name}" is ${resource.Type}, and Lambda cannot send to that type` };
  const fifo = resource.Properties?.['FifoQueue'] ?? resource.Properties?.['FifoTopic'];
  if (String(fifo) === 'true') {
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    return { message: `"${name}" is FIFO; Lambda sends to standard queues and topics only` };
  }
  return { arn: arnOf(name, resource.Type), service };
}
