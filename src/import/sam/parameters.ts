// Parameters of a SAM template → params.
import type { Plain } from '../../base/located.ts';
import { placeOf } from '../draft.ts';
import { lookup } from '../lookup-text.ts';
import { placeholder } from '../serverless/variables.ts';
import type { SamTemplate } from './template.ts';

/** What a value must be: CloudFormation asks before a deploy, and fx checks what the value is for. */
const constraints = [
  'AllowedValues',
  'AllowedPattern',
  'MinLength',
  'MaxLength',
  'MinValue',
  'MaxValue',
  'ConstraintDescription',
];

/** Values to replace, of the form that AWS takes. */
const standIns: readonly (readonly [type: RegExp, value: Plain])[] = [
  [/Subnet::Id/, 'subnet-00000000000000000'],
  [/SecurityGroup::Id/, 'sg-00000000000000000'],
  [/VPC::Id/, 'vpc-00000000000000000'],
  [/^Number$|List<Number>/, 1],
];

/** A parameter is a param; that of SSM a lookup, with a placeholder in the local environment. */
export function parametersOf(sam: SamTemplate): void {
  const { draft, root } = sam;
  for (const [name, parameter] of root.child('Parameters')?.entries() ?? []) {
    const type = parameter.child('Type')?.text() ?? 'String';
    const value = parameter.child('Default')?.plain();
    const description = parameter.child('Description')?.text();
    const path = ['params', name];
    if (type.startsWith('AWS::SSM::Parameter')) {
      draft.set(path, lookup(`ssm:${String(value ?? name)}`), placeOf(parameter));
      draft.set(['environments', 'local', 'params', name], placeholder);
    } else {
      const isList = type === 'CommaDelimitedList' || type.startsWith('List<');
      const plain = isList && typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
      const standIn = standIns.find(([pattern]) => pattern.test(type))?.[1] ?? placeholder;
      draft.set(path, plain ?? (isList ? [standIn] : standIn), placeOf(parameter));
      if (plain === undefined)
        draft.changed(placeOf(parameter), `the parameter ${name} has no default`, {
          remedy: `set params.${name}, for each environment`,
          beside: path,
        });
    }
    if (description !== undefined) draft.comment(path, description);
    for (const key of constraints) parameter.child(key)?.plain();
    if (parameter.child('NoEcho')?.flag() === true) {
      draft.changed(placeOf(parameter), `${name} is not echoed there, and in project.yml everybody reads it`, {
        remedy: 'make it a secret of the functions that need it: secrets: {NAME: ssm:/path}',
        beside: path,
      });
    }
    draft.carried(placeOf(parameter), `the parameter ${name} is a param`);
  }
}
