// Log groups that keep everything for ever.
import { type Check, settingAt } from './check.ts';

export const retention: Check = {
  about: 'log groups without an end',
  async run(patient) {
    const { project } = patient;
    const own = project.functions.flatMap(({ name, logging }) =>
      typeof logging === 'object' && logging.retentionInDays === 'forever'
        ? [
            {
              level: 'note' as const,
              message: `${name} keeps its log for ever`,
              at: settingAt(patient, name, 'logging'),
            },
          ]
        : [],
    );
    const written = [...project.resources].flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::Logs::LogGroup' && Properties?.['RetentionInDays'] === undefined
        ? [
            {
              level: 'warning' as const,
              message: `the log group ${id} keeps everything for ever`,
              at: project.origin(['resources', id]),
              hint: 'RetentionInDays: 30, say',
            },
          ]
        : [],
    );
    return [...own, ...written];
  },
};
