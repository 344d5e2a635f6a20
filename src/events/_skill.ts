// What `alexa` and `alexaSmartHome` have in common: the id of a skill, which alone may call the function.
import { converted, type Schema, text } from '../base/schema.ts';
import { permissionFor } from './_invoke.ts';
import type { EventSource } from './source.ts';

export interface Skill {
  readonly id: string;
}

const schema: Schema<Skill> = converted(
  text({ pattern: /^amzn1\.ask\.skill\.[0-9a-fA-F-]{36}$/, expected: 'the id of a skill, amzn1.ask.skill.…' }),
  (id) => ({ value: { id } }),
);

// https://docs.aws.amazon.com/lambda/latest/dg/services-alexa.html
const principals = { alexa: 'alexa-appkit.amazon.com', alexaSmartHome: 'alexa-connectedhome.amazon.com' } as const;
const example = 'amzn1.ask.skill.12345678-1234-1234-1234-123456789012';

export function skillSource<K extends keyof typeof principals>(kind: K, summary: string): EventSource<K, Skill> {
  return {
    kind,
    schema,
    docs: {
      summary,
      example: `${kind}: ${example}`,
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/services-alexa.html',
    },
    describe: ({ id }) => `${kind} ${id}`,
    check: (uses) =>
      uses.flatMap(({ function: to, config, at }, index) => {
        const before = uses.slice(0, index);
        const isTwice = before.some((other) => other.function.name === to.name && other.config.id === config.id);
        return isTwice
          ? [{ at, message: 'this skill calls the function already', hint: 'remove one of the two events' }]
          : [];
      }),
    compile({ function: to, config, ordinal }) {
      const name = kind === 'alexa' ? 'Alexa' : 'AlexaSmartHome';
      const id = to.id(`${name}Permission${ordinal === 1 ? '' : ordinal}`);
      // the id of the skill, which Alexa passes, and others cannot: without it, any skill could call
      return { resources: { [id]: permissionFor(to, principals[kind], { EventSourceToken: config.id }) } };
    },
  };
}
