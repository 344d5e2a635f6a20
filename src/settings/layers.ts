// Layers: archives of others that a function finds under /opt.
import type { Plain } from '../base/located.ts';
import { byKind, described, list, text } from '../base/schema.ts';
import { isWrong, type Setting } from './setting.ts';
import { intrinsic } from './values.ts';

const expected = 'the ARN of a layer version, the logical id of one, or an intrinsic';
const mostLayers = 5;

export const layers: Setting<readonly Plain[]> = {
  schema: described(
    'Layers by the ARN of a version, or by the logical id of an AWS::Lambda::LayerVersion under resources; at most five.',
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
      examples: [['arn:aws:lambda:eu-west-1:111122223333:layer:fonts:3']],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html',
    },
  ),
  compile(values, context) {
    const versions: Plain[] = [];
    for (const value of values) {
      if (typeof value !== 'string' || value.startsWith('arn:')) versions.push(value);
      else if (context.resourceType(value) === 'AWS::Lambda::LayerVersion') versions.push({ Ref: value });
      else {
        const found = context.target(value);
        if (isWrong(found)) return found;
        return {
          message: `"${value}" is no layer`,
          hint: 'name an AWS::Lambda::LayerVersion under resources, or give the ARN of a version',
        };
      }
    }
    return versions.length === 0 ? {} : { properties: { Layers: versions } };
  },
};
