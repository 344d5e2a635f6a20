// What the policy templates of SAM are about: ARNs with a parameter of the template in them.
import type { Plain } from '../../../base/located.ts';

export type Parameters = Readonly<Record<string, Plain>>;
export interface PolicyTemplate {
  readonly actions: readonly string[];
  /** None where a parameter is missing: "*" would allow more than was meant. */
  resources(parameters: Parameters): readonly Plain[];
  condition?(parameters: Parameters): Plain;
}

/** An ARN with a parameter in it. */
export const arn =
  (
    service: string,
    place: 'region' | 'global' | 'account',
    path: (name: string) => string,
    parameter: string | undefined,
  ) =>
  (parameters: Parameters): readonly Plain[] => {
    const value = parameter === undefined ? '' : parameters[parameter];
    if (value === undefined) return [];
    const where =
      place === 'region' ? '${AWS::Region}:${AWS::AccountId}' : place === 'account' ? ':${AWS::AccountId}' : ':';
    const text = `arn:\${AWS::Partition}:${service}:${where}:${path('${Name}')}`;
    return [{ 'Fn::Sub': [text, { Name: value }] }];
  };
export const both =
  (...makers: readonly ((parameters: Parameters) => readonly Plain[])[]) =>
  (parameters: Parameters): readonly Plain[] =>
    makers.flatMap((make) => make(parameters));
/** A parameter that is an ARN itself. */
export const given =
  (parameter: string) =>
  (parameters: Parameters): readonly Plain[] =>
    [parameters[parameter] ?? []].flat();
export const anything = (): readonly Plain[] => ['*'];
