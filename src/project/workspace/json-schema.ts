// The JSON Schema of fx.workspace.yml for editors, derived from the schema that fx reads with.
import type { JsonSchema } from '../../base/schema.ts';
import { workspaceSchema } from './schema.ts';

/** Draft 2020-12. */
export function workspaceJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'fx.workspace.yml',
    ...(forEditors(workspaceSchema.json) as JsonSchema),
  };
}

/** Without the keywords for messages; a pattern keeps what it expects, in the words that editors show. */
function forEditors(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(forEditors);
  if (typeof value !== 'object' || value === null) return value;
  const { expected, elsewhere: _, ...rest } = value as JsonSchema;
  const entries = Object.entries(rest).map(([key, inner]) => [key, key === 'examples' ? inner : forEditors(inner)]);
  const message = 'pattern' in rest && expected !== undefined ? { patternErrorMessage: `expected ${expected}` } : {};
  return { ...Object.fromEntries(entries), ...message };
}
