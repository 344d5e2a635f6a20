// Converts CloudFormation's short YAML tags (`!Ref`, `!GetAtt`, …) to the long form of its JSON.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
import { type CollectionTag, isScalar, type Node, Pair, Scalar, type ScalarTag, YAMLMap, YAMLSeq } from 'yaml';

/** `Ref` and `Condition` have no `Fn::` prefix in the long form. */
const bareNames: ReadonlySet<string> = new Set(['Ref', 'Condition']);

const names = [
  'And',
  'Base64',
  'Cidr',
  'Condition',
  'Equals',
  'FindInMap',
  'GetAZs',
  'GetAtt',
  'If',
  'ImportValue',
  'Join',
  'Not',
  'Or',
  'Ref',
  'Select',
  'Split',
  'Sub',
  'Transform',
] as const;

const badGetAtt = '!GetAtt needs a logical id and an attribute, such as !GetAtt Queue.Arn';

function longName(name: string): string {
  return bareNames.has(name) ? name : `Fn::${name}`;
}

/** The first dot ends the logical id; an attribute may itself have dots (`Stack.Outputs.Url`). */
function attributePath(text: string): readonly [logicalId: string, attribute: string] | undefined {
  const dot = text.indexOf('.');
  return dot < 1 || dot === text.length - 1 ? undefined : [text.slice(0, dot), text.slice(dot + 1)];
}

function scalarTag(name: string): ScalarTag {
  return {
    tag: `!${name}`,
    // A plain value inside a scalar node: the node keeps the range of what was written.
    resolve(text, onError) {
      if (name !== 'GetAtt') return new Scalar({ [longName(name)]: text });
      const path = attributePath(text);
      if (path === undefined) onError(badGetAtt);
      return new Scalar({ [longName(name)]: path ?? [text] });
    },
  };
}

function collectionTag(name: string, collection: 'map' | 'seq'): CollectionTag {
  return {
    tag: `!${name}`,
    collection,
    nodeClass: collection === 'map' ? YAMLMap : YAMLSeq,
    resolve(value) {
      const key = new Scalar(longName(name));
      // The key is not in the source: errors at it point to where the tagged value starts.
      if (value.range) key.range = [value.range[0], value.range[0], value.range[0]];
      const long = new YAMLMap<Node, Node>();
      long.items.push(new Pair<Node, Node>(key, value as unknown as Node));
      return long;
    },
  };
}

/** `customTags` for the `yaml` package. Each tag works on a scalar, a list and a map. */
export const intrinsicTags: readonly (ScalarTag | CollectionTag)[] = names.flatMap((name) => [
  scalarTag(name),
  collectionTag(name, 'map'),
  collectionTag(name, 'seq'),
]);

/** Whether a scalar node is an intrinsic in short form; its value is then the long form. */
export function isIntrinsicScalar(node: unknown): node is Scalar<Readonly<Record<string, unknown>>> {
  return isScalar(node) && typeof node.value === 'object' && node.value !== null && !(node.value instanceof Date);
}
