// The stacks of one environment as templates: a root, and nested stacks by logical id.
import { sha256 } from '../base/hash.ts';
import { toPlain } from '../base/located.ts';
import { parseLocated } from '../base/yaml.ts';
import { intrinsicTags } from '../cfn/intrinsic-tags.ts';
import { canonicalJson, type Template } from '../cfn/resource.ts';
import { effectiveJson } from './effective.ts';

export interface StackTemplate {
  readonly template: Template;
  /** The submitted and stored text: JSON without white space, keys in the compiler's order. */
  readonly text: string;
  /** Equal for equal templates, whatever the order of their keys. */
  readonly hash: string;
}

export interface StackSet {
  readonly root: StackTemplate;
  /** By the logical id of the stack in the root. */
  readonly nested: ReadonlyMap<string, StackTemplate>;
}

export function stackTemplate(template: Template, text: string = JSON.stringify(template)): StackTemplate {
  return { template, text, hash: sha256(canonicalJson(template)) };
}

export function singleStack(root: StackTemplate): StackSet {
  return { root, nested: new Map() };
}

/** Reads a template from CloudFormation or the ledger: JSON that fx wrote, or what another tool submitted, JSON or YAML. */
export function parseStackTemplate(text: string): StackTemplate {
  if (text.trimStart().startsWith('{')) return stackTemplate(JSON.parse(text) as Template, text);
  return stackTemplate(
    toPlain(parseLocated(text, 'template.yml', [...intrinsicTags]).value) as unknown as Template,
    text,
  );
}

/** Whether two sets contain the same templates, as far as CloudFormation acts on them. */
export function sameStacks(a: StackSet, b: StackSet): boolean {
  return (
    sameTemplate(a.root, b.root) &&
    a.nested.size === b.nested.size &&
    [...a.nested].every(([id, template]) => sameTemplate(template, b.nested.get(id)))
  );
}

function sameTemplate(a: StackTemplate, b: StackTemplate | undefined): boolean {
  if (b === undefined) return false;
  return a.hash === b.hash || effectiveJson(a.template) === effectiveJson(b.template);
}
