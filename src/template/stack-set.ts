// The stacks of one environment, as templates: a root, and below it nested stacks by their logical id.
import { sha256 } from '../base/hash.ts';
import { canonicalJson, type Template } from '../cfn/resource.ts';

export interface StackTemplate {
  readonly template: Template;
  /** What is sent and kept: JSON without white space, keys in the order of the compiler. */
  readonly text: string;
  /** Equal for equal templates, whatever the order of their keys. */
  readonly hash: string;
}

export interface StackSet {
  readonly root: StackTemplate;
  /** By the logical id that the stack has in the root. */
  readonly nested: ReadonlyMap<string, StackTemplate>;
}

export function stackTemplate(template: Template, text: string = JSON.stringify(template)): StackTemplate {
  return { template, text, hash: sha256(canonicalJson(template)) };
}

export function singleStack(root: StackTemplate): StackSet {
  return { root, nested: new Map() };
}

/** Reads a template as CloudFormation or the ledger holds it: JSON that fx wrote. */
export function parseStackTemplate(text: string): StackTemplate {
  return stackTemplate(JSON.parse(text) as Template, text);
}

/** Whether two sets hold the same templates. */
export function sameStacks(a: StackSet, b: StackSet): boolean {
  return (
    a.root.hash === b.root.hash &&
    a.nested.size === b.nested.size &&
    [...a.nested].every(([id, { hash }]) => b.nested.get(id)?.hash === hash)
  );
}
