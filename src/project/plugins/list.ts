// The key `plugins` of project.yml.
import { described, list, text } from '../../base/schema.ts';

export const pluginList = described(
  'Modules that extend fx: a path relative to this file (JavaScript or TypeScript), or a package.',
  list(text({ pattern: /^\S+$/, expected: 'a path such as ./plugins/alarms.mjs, or a package' }), { most: 50 }),
  { examples: [['./plugins/alarms.mjs']] },
);
