// The key `stateMachines` of project.yml: workflows of Step Functions, each with its definition in a file.
import {
  byKind,
  converted,
  described,
  flag,
  list,
  located,
  mapOf,
  object,
  oneOf,
  type Read,
  text,
} from '../base/schema.ts';
import { defaultRetention, retentionDays } from '../cfn/log-retention.ts';
import { permission } from './permissions.ts';

const definition = described(
  'The file with the definition in the Amazon States Language, as YAML or JSON. A task names a function of the project by its name.',
  located(
    text({
      pattern: /^(?![/~])(?!(.*\/)?\.\.(\/|$)).+\.(ya?ml|json)$/,
      expected: 'a YAML or JSON file of the project, such as checkout.asl.yml',
    }),
  ),
  { examples: ['checkout.asl.yml'] },
);

const levels = ['all', 'error', 'fatal'] as const;
const level = oneOf(levels, 'Which events are logged: all, errors, or only how executions failed.');

const loggingSettings = object({
  required: { level: described('Which events are logged: all, error or fatal.', level, { examples: ['error'] }) },
  optional: {
    data: described('Also log input and output of states.', flag, { default: false, examples: [true] }),
    retention: oneOf(retentionDays, 'How many days the log is kept.', { default: defaultRetention, examples: [90] }),
  },
});

const logging = byKind<Read<typeof loggingSettings>>({
  expected: 'a level such as error, or settings',
  scalar: converted(level, (value) => ({ value: { level: value } })),
  map: loggingSettings,
});

const settings = object({
  about: 'A state machine: its definition, and how it runs.',
  required: { definition },
  optional: {
    type: oneOf(
      ['standard', 'express'],
      'standard runs up to a year and each step exactly once; express up to five minutes, and its caller can wait for it.',
      { default: 'standard', examples: ['express'] },
    ),
    logging: described('Log events of executions to a log group. Without it, none.', logging, {
      examples: ['error', { level: 'all', data: true, retention: 90 }],
    }),
    tracing: described('Trace executions with X-Ray.', flag, { default: false, examples: [true] }),
    permissions: described('What the tasks may do besides what fx reads from the definition.', list(permission), {
      examples: [['s3:GetObject on Uploads']],
    }),
  },
  elsewhere: {
    definitionUri: 'definition',
    definitionString: 'definition',
    policies: 'permissions',
    role: 'extend',
    timeout: 'TimeoutSeconds of the definition',
  },
});

export type StateMachineFile = Read<typeof settings>;

export const stateMachinesSchema = described(
  'Workflows of Step Functions, by name; a file name is short for its definition.',
  mapOf(
    byKind<StateMachineFile>({
      expected: 'the file of a definition, or settings',
      scalar: converted(definition, (value) => ({ value: { definition: value } })),
      map: settings,
    }),
    { pattern: /^[A-Za-z][A-Za-z0-9_-]{0,39}$/, expected: 'a name of at most 40 letters, digits, - and _' },
  ),
  {
    examples: [{ checkout: 'checkout.asl.yml' }],
    aws: 'https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html',
  },
);
