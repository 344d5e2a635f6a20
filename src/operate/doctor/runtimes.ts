// Runtimes that AWS stops supporting within half a year, or has stopped supporting.
import { lifecycleOf, moveHint } from '../../runtimes/lifecycle.ts';
import { type Check, settingAt } from './check.ts';

const aheadMs = 183 * 24 * 3_600_000;

export const runtimes: Check = {
  about: 'runtimes near their end',
  async run(patient) {
    const { project, context } = patient;
    return project.functions.flatMap(({ name, runtime, image }) => {
      const deprecated = image === undefined ? lifecycleOf(runtime)?.deprecated : undefined;
      if (deprecated === undefined || Date.parse(deprecated) > context.now() + aheadMs) return [];
      const isOver = Date.parse(deprecated) <= context.now();
      const successor = moveHint(runtime);
      return [
        {
          level: isOver ? ('problem' as const) : ('warning' as const),
          message: `${name}: AWS ${isOver ? 'stopped supporting' : 'stops supporting'} ${runtime} on ${deprecated}`,
          at: settingAt(patient, name, 'runtime'),
          ...(successor === undefined ? {} : { hint: `move to ${successor}` }),
        },
      ];
    });
  },
};
