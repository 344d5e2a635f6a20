// What both kinds of Alexa skills have in common: the id of the skill, which Alexa sends with each call.
import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { converted, type Schema } from '../base/schema.ts';
import { canonicalJson } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export interface Skill {
  readonly skill: Plain;
}

const expected = 'the id of a skill, such as amzn1.ask.skill.1a2b3c4d-…, or an intrinsic';

const schema: Schema<Skill> = converted(textOrIntrinsic(/^amzn1\.ask\.skill\.[a-zA-Z0-9-]+$/, expected), (skill) => ({
  value: { skill },
}));

interface Kind<K extends string> {
  readonly kind: K;
  readonly principal: string;
  /** Part of the logical id. */
  readonly part: string;
  readonly regions: readonly string[];
  readonly docs: EventSource['docs'];
}

export function alexaSource<K extends string>({
  kind,
  principal,
  part,
  regions,
  docs,
}: Kind<K>): EventSource<K, Skill> {
  return {
    kind,
    schema,
    docs,
    describe: ({ skill }) => `${kind} ${typeof skill === 'string' ? skill : JSON.stringify(skill)}`,
    check: (uses) => twice(uses),
    warn: (uses, context) => otherRegion(uses, context, regions),
    compile({ function: to, config, ordinal }) {
      const Properties = {
        FunctionName: to.alias,
        Action: 'lambda:InvokeFunction',
        Principal: principal,
        EventSourceToken: config.skill,
      };
      const id = to.id(`${part}Permission${ordinal === 1 ? '' : ordinal}`);
      return { resources: { [id]: { Type: 'AWS::Lambda::Permission', Properties } } };
    },
  };
}

/** https://developer.amazon.com/docs/alexa/custom-skills/host-a-custom-skill-as-an-aws-lambda-function.html. A warning only: the list grows. */
function otherRegion(
  uses: readonly Use<Skill>[],
  { names }: Pick<SourceContext, 'names'>,
  regions: readonly string[],
): Problem[] {
  if (regions.includes(names.region)) return [];
  const message = `${names.region} is not among the regions in which Alexa is known to call functions`;
  return uses.map(({ at }) => ({ at, message, hint: `these are ${regions.join(', ')}` }));
}

function twice(uses: readonly Use<Skill>[]): Problem[] {
  return uses.flatMap(({ function: to, config, at }, index) => {
    const isThere = uses
      .slice(0, index)
      .some((other) => other.function.name === to.name && canonicalJson(other.config) === canonicalJson(config));
    return isThere ? [{ at, message: `"${to.name}" has this skill twice`, hint: 'remove one of the two events' }] : [];
  });
}
