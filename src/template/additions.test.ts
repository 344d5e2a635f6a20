// What events add to resources of others: for whatever refers to the resource, there is no cycle as long as its name is known.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';
import { referencesIn, type Template } from '../cfn/resource.ts';

const references = [
  '!Ref Up',
  '!GetAtt Up.Arn',
  '!Sub "s3://${Up}/x"',
  '!Sub ["${B}-${Up.Arn}", {B: !Ref Up}]',
  '!Join ["", [a, !Ref Up]]',
];
const func = (others: readonly string[]) =>
  fc.record({
    variables: fc.array(fc.constantFrom(...references, ...others.map((name) => `!Ref ${name}Alias`)), { maxLength: 3 }),
    mayRead: fc.boolean(),
    event: fc.constantFrom('notification', 'rule', undefined),
    hasCondition: fc.boolean(),
  });
// a refers to b, and b to c, so that functions form no cycle of their own
const functions = fc.record({ a: func(['B', 'C']), b: func(['C']), c: func([]) });

function edges({ Resources }: Template): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(Resources).map(([id, resource]) => [
      id,
      [...referencesIn(resource.Properties).map(({ logicalId }) => logicalId), ...[resource.DependsOn ?? []].flat()],
    ]),
  );
}

function isCyclic(template: Template): boolean {
  const all = edges(template);
  const done = new Set<string>();
  const visit = (id: string, above: ReadonlySet<string>): boolean => {
    if (above.has(id)) return true;
    if (done.has(id)) return false;
    const found = (all.get(id) ?? []).some((other) => visit(other, new Set([...above, id])));
    done.add(id);
    return found;
  };
  return [...all.keys()].some((id) => visit(id, new Set()));
}

test('no combination of events and references to a bucket is a cycle', async () => {
  await fc.assert(
    fc.asyncProperty(functions, fc.constantFrom('made', 'named'), async (all, kind) => {
      const lines = Object.entries(all).map(([name, { variables, mayRead, event, hasCondition }], index) => {
        const bucket = kind === 'made' && index === 0 ? '{make: Up}' : 'Up';
        const rule = event === 'rule' ? ', rule: true' : '';
        const isThere = event !== undefined || (kind === 'made' && index === 0);
        const events = isThere ? `events: [{s3: {bucket: ${bucket}, suffix: .${name}${rule}}}]` : '';
        const settings = [
          `handler: ${name === 'c' ? 'a' : name}.handler`,
          `variables: {${variables.map((value, at) => `V${at}: ${value}`).join(', ')}}`,
          ...(mayRead ? ['permissions: ["s3:GetObject on Up"]'] : []),
          ...(hasCondition && kind === 'named' ? ['condition: Here'] : []),
          ...(events === '' ? [] : [events]),
        ];
        return `  ${name}: {${settings.join(', ')}}\n`;
      });
      const more = 'conditions: {Here: !Equals [a, a]}\n';
      const named =
        kind === 'named' ? 'resources: {Up: {Type: AWS::S3::Bucket, Properties: {BucketName: the-bucket}}}\n' : '';
      const text = `name: s\nregion: us-east-1\nfunctions:\n${lines.join('')}${more}${named}`;
      const { template } = await compiled(text);
      expect(isCyclic(template)).toBe(false);
    }),
    { numRuns: 60 },
  );
});
