// What --adopt says of a stack: what leaves it, what stays without fx, and what to do about it.
import { shortList } from '../../base/short-list.ts';
import { referredTo, type TemplateData } from '../against/values.ts';
import type { ExistingStack, Own } from './own.ts';
import { isSecret } from './references.ts';

interface Adopted {
  readonly theirs: TemplateData;
  /** The stack's ids by fx's. */
  readonly paired: ReadonlyMap<string, string>;
  readonly kept: readonly string[];
  /** The ids that leave the stack. */
  readonly gone: readonly string[];
}

const mostListed = 5;

export function tell(own: Own, stack: ExistingStack, adopted: Adopted): void {
  tellTriggers(own, adopted);
  tellAliases(own, adopted);
  tellRoles(own, stack, adopted);
  tellOutputs(own, stack.template);
  tellSecrets(own, stack, adopted);
}

/** What may call a function by itself. */
const triggers: ReadonlySet<string> = new Set([
  'AWS::ApiGateway::Method',
  'AWS::ApiGatewayV2::Integration',
  'AWS::Events::Rule',
  'AWS::IoT::TopicRule',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Logs::SubscriptionFilter',
  'AWS::Scheduler::Schedule',
]);

/** Either the import has nothing for it, or the configuration has changed since the last deploy. */
function tellTriggers({ draft, environment, place }: Own, { theirs, paired, kept }: Adopted): void {
  const functions = new Set(
    [...paired.values()].filter((id) => theirs.Resources[id]?.Type === 'AWS::Lambda::Function'),
  );
  for (const id of kept) {
    const { Type = '', Properties } = theirs.Resources[id] ?? {};
    const refers = referredTo(Properties).some(
      (other) => functions.has(other) || theirs.Resources[other] === undefined,
    );
    if (!triggers.has(Type) || !refers) continue;
    draft.changed(place, `${id} (${Type}) stays in the stack and calls its function`, {
      remedy: `if the configuration has it no more, or in another way, remove it under ${environment.join('.')}.resources: the function would be called twice`,
    });
  }
}

function tellAliases({ draft, place }: Own, { theirs, gone }: Adopted): void {
  for (const id of gone) {
    const { Type, Properties = {} } = theirs.Resources[id] ?? {};
    if (Type !== 'AWS::Lambda::Alias') continue;
    draft.dropped(place, `the alias ${String(Properties['Name'])} (${id}) leaves the stack`, {
      remedy: 'let whatever calls it from outside call the alias live, and alarms of it watch that',
    });
  }
}

function tellRoles({ draft, place }: Own, { physicalIds }: ExistingStack, { theirs, gone }: Adopted): void {
  const names = gone.flatMap((id) =>
    theirs.Resources[id]?.Type === 'AWS::IAM::Role' ? [physicalIds.get(id) ?? id] : [],
  );
  if (names.length === 0) return;
  const [it, leaves] = names.length === 1 ? ['the role', 'leaves'] : ['the roles', 'leave'];
  draft.changed(place, `${it} ${shortList(names, mostListed)} ${leaves} the stack: each function has one of its own`, {
    remedy:
      'name the new roles in policies elsewhere that name an old one, such as those of keys and buckets of other stacks',
  });
}

function tellOutputs({ draft, place, project: { outputs } }: Own, template: TemplateData): void {
  const gone = Object.entries(template.Outputs ?? {}).filter(
    ([id, { Export }]) => Export !== undefined || !outputs.has(id),
  );
  const exported = gone.filter(([, { Export }]) => Export !== undefined).map(([id]) => id);
  if (exported.length > 0) {
    draft.changed(place, `the stack does not export ${shortList(exported, mostListed)} any more`, {
      remedy: 'CloudFormation refuses the update while another stack imports one: aws cloudformation list-imports',
    });
  }
  const others = gone.filter(([, { Export }]) => Export === undefined).map(([id]) => id);
  if (others.length > 0) {
    draft.changed(place, `the stack has no outputs ${shortList(others, mostListed)} any more`, {
      remedy: 'add those that something reads under outputs',
    });
  }
}

function tellSecrets({ draft, place }: Own, { template, parameters }: ExistingStack, { kept }: Adopted): void {
  const used = Object.keys(parameters).filter((name) => draft.has(['params', name]));
  const referred = kept.flatMap((id) => referredTo(template.Resources[id]?.Properties));
  const names = new Set([...used, ...referred].filter((name) => isSecret(parameters[name])));
  if (names.size === 0) return;
  const [it, are, variable] =
    names.size === 1
      ? ['the value of the parameter', 'is', 'a variable of that name']
      : ['the values of the parameters', 'are', 'variables of these names'];
  draft.changed(place, `${it} ${[...names].join(', ')} ${are} secret in the stack`, {
    remedy: `deploy with ${variable} in the shell, or refer to a secret in place of \${var.…}`,
  });
}
