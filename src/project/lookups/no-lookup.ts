// Messages for unknown lookups: a suggestion, or the fx name of another tool's lookup.
import { type LocatedMap, valueAt } from '../../base/located.ts';
import { nearest } from '../../base/suggest.ts';
import { lookupForms } from './index.ts';
import type { Missing } from './source.ts';

/** The Serverless Framework's lookups, and their fx equivalents. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^(sls|opt):stage$|^self:provider\.stage$/, 'env'],
  [/^opt:region$|^aws:region$|^self:provider\.region$/, 'region'],
  [/^aws:accountId$/, 'account'],
  [/^self:service$/, 'name'],
  [/^env:(.+)$/, 'var.$1'],
  [/^env\.(.+)$/, 'var.$1'],
  [/^param:(.+)$/, 'params.$1'],
  [/^self:custom\.(.+)$/, 'params.$1'],
  [/^opt:(.+)$/, 'params.$1'],
  [/^cf:(.+)$/, 'stack:$1'],
  [/^git:sha1$/, 'git.sha'],
  [/^git:(.+)$/, 'git.$1'],
  [/^file\((.+?)\)(?::(.+))?$/, 'file:$1'],
];

/** Rejected even with a default: the lookup does not exist. */
export function noLookup(name: string): Missing {
  for (const [pattern, ours] of elsewhere) {
    if (pattern.test(name)) {
      return {
        message: `\${${name}} is not a lookup`,
        hint: `it is called \${${name.replace(pattern, ours)}} here`,
        refused: true,
      };
    }
  }
  const forms = lookupForms.map(({ form }) => form);
  const words = forms.map((form) => form.replace(/[<|].*$/, ''));
  const suggestion = /[.:(]/.test(name) ? undefined : nearest(name, words);
  return {
    message: `\${${name}} is not a lookup`,
    hint: `${suggestion === undefined ? '' : `did you mean \${${suggestion}}? `}lookups are ${forms.join(', ')}; for CloudFormation's own \${…} use !Sub, and write $\${ for a plain \${`,
    refused: true,
  };
}

/** There is nothing under `params` or `name`. */
export function noParam(name: string, root: LocatedMap): Missing {
  if (name === 'name') return { message: '${name} does not exist', hint: 'the project file begins with name:' };
  const params = valueAt(root, ['params']);
  const known = params?.kind === 'map' ? [...params.entries.keys()] : [];
  const suggestion = nearest(name.slice('params.'.length), known);
  return {
    message: `\${${name}} does not exist`,
    hint:
      suggestion === undefined
        ? `write it under params, or give a default: \${${name}, value}`
        : `did you mean \${params.${suggestion}}?`,
  };
}
