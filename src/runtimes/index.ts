// The table of runtime families. One row a family.
import { nodejsIdentifiers } from './nodejs-identifiers.ts';
import type { Runtime } from './runtime.ts';

/** Each family's identifiers are known without loading what builds it. */
const families = {
  nodejs: { identifiers: nodejsIdentifiers, load: async (): Promise<Runtime> => (await import('./nodejs.ts')).nodejs },
} as const;

export const runtimeIdentifiers = [...families.nodejs.identifiers] as const;

/** The family that serves an identifier; the project schema admits no other. */
export async function runtimeOf(identifier: string): Promise<Runtime> {
  for (const family of Object.values(families)) {
    if ((family.identifiers as readonly string[]).includes(identifier)) return family.load();
  }
  throw new Error(`no runtime family serves ${identifier}`);
}
