// Tables of `resources` that sources read: their streams, and an item that fits.
import type { Part } from '../cfn/part.ts';
import type { Resource } from '../cfn/resource.ts';
import type { SourceContext } from './source.ts';

export const streamViews = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;
export type StreamView = (typeof streamViews)[number];
export const tableTypes = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];

/** Turns the stream of a table on that has none. */
export function streamAddition(
  table: string,
  view: StreamView | undefined,
  { resources }: SourceContext,
): Pick<Part, 'additions'> {
  if (resources.get(table)?.Properties?.['StreamSpecification'] !== undefined) return {};
  const properties = { StreamSpecification: { StreamViewType: view ?? 'NEW_AND_OLD_IMAGES' } };
  return { additions: { [table]: { properties } } };
}

/** The smallest item that the table takes. */
export function keyItem(table: Resource | undefined): Readonly<Record<string, unknown>> {
  const { KeySchema = [], AttributeDefinitions = [] } = (table?.Properties ?? {}) as {
    readonly KeySchema?: readonly { readonly AttributeName: string }[];
    readonly AttributeDefinitions?: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  };
  const typeOf = (name: string) => AttributeDefinitions.find((each) => each.AttributeName === name)?.AttributeType;
  return Object.fromEntries(KeySchema.map(({ AttributeName: name }) => [name, typeOf(name) === 'N' ? 1 : '1']));
}
