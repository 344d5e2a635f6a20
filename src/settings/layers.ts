// Layers: archives that Lambda unpacks to /opt.
import type { Plain } from '../base/located.ts';
import { byKind, described, list, text } from '../base/schema.ts';
import { intrinsic } from '../cfn/value-schema.ts';
import { isRuleProblem, type Setting } from './setting.ts';

const expected = 'the name of a layer, the ARN of a layer version, or an intrinsic';
const mostLayers = 5;

export const layers: Setting<readonly Plain[]> = {
  schema: described(
    'Up to five layers: names under layers, logical ids of AWS::Lambda::LayerVersion resources, or ARNs of versions.',
    list(
      byKind<Plain>({
        scalar: text({
          pattern: /^(arn:[a-z0-9-]+:lambda:[a-z0-9-]+:\d{12}:layer:[A-Za-z0-9_-]+:\d+|[A-Za-z][A-Za-z0-9_-]*)$/,
          expected,
        }),
        map: intrinsic(expected),
        expected,
      }),
      { most: mostLayers },
    ),
    {
      examples: [['Fonts', 'arn:aws:lambda:eu-west-1:111122223333:layer:fonts:3']],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html',
    },
  ),
  // https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html: a layer must be in the function's region
  check(values, _, { region }) {
    const far = values.find(
      (value) => typeof value === 'string' && value.startsWith('arn:') && value.split(':')[3] !== region,
    );
    return far === undefined
      ? undefined
      : {
          message: `the layer "${String(far)}" is in ${String(far).split(':')[3]}, but the function is in ${region}: Lambda accepts only layers in its region`,
          hint: `publish the layer in ${region}, or list it under environments of that region only`,
        };
  },
  compile(values, context) {
    const versions: Plain[] = [];
    for (const value of values) {
      const layer = typeof value === 'string' ? context.layer(value) : undefined;
      if (typeof value !== 'string' || value.startsWith('arn:')) versions.push(value);
      else if (layer !== undefined) versions.push(layer);
      else if (context.resourceType(value) === 'AWS::Lambda::LayerVersion') versions.push({ Ref: value });
      else {
        const target = context.target(value);
        if (isRuleProblem(target)) return target;
        return {
          message: `"${value}" is not a layer`,
          hint: 'name a layer under layers, an AWS::Lambda::LayerVersion under resources, or the ARN of a version',
        };
      }
    }
    return versions.length === 0 ? {} : { properties: { Layers: versions } };
  },
};
