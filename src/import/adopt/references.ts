// Values of the other tool's template as project.yml has them: with fx's logical ids, and with what parameters are in the stack.
import type { Plain } from '../../base/located.ts';
import type { TemplateData } from '../against/values.ts';
import { replaceReferences } from '../intrinsics.ts';
import { lookup } from '../lookup-text.ts';

export interface Known {
  /** fx's ids by those of the stack. */
  readonly ids: ReadonlyMap<string, string>;
  /** What stands for the parameters of the stack. */
  readonly parameters: Readonly<Record<string, Plain>>;
}

/** Whether it is what CloudFormation shows of a parameter with NoEcho. */
export const isSecret = (value: string | undefined): boolean => value === '****';

/**
 * The values that the parameters of a stack have. A secret one is a variable of the shell, so that nothing is deployed without it; one from the
 * Parameter Store is looked up there again.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export function parameterValues(
  declared: TemplateData['Parameters'],
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, Plain>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const type = String(declared?.[name]?.Type ?? 'String');
      if (isSecret(value)) return [name, lookup(`var.${name}`)];
      if (type.startsWith('AWS::SSM::Parameter::Value')) return [name, `{{resolve:ssm:${value}}}`];
      return [name, type === 'CommaDelimitedList' || type.startsWith('List<') ? value.split(/\s*,\s*/) : value];
    }),
  );
}

/** The value with fx's ids and without parameters. */
export function translated(value: unknown, { ids, parameters }: Known): Plain {
  const idOf = (id: string) => ids.get(id) ?? id;
  return replaceReferences((value ?? null) as Plain, {
    reference: (id) => parameters[id] ?? { Ref: idOf(id) },
    attribute: (id, path) => ({ 'Fn::GetAtt': [idOf(id), path.join('.')] }),
    inSub: (text, own) =>
      text.replace(/\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}/g, (whole, id: string, path = '') => {
        if (own.has(id)) return whole;
        const parameter = parameters[id];
        return parameter !== undefined ? [parameter].flat().join(',') : `\${${idOf(id)}${path}}`;
      }),
  });
}
