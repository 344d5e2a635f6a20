// fx validate
import { FxError, problemKey } from '../../base/error.ts';
import type { Project } from '../../project/project.ts';
import { loadSchemas } from '../../session/schemas.ts';
import { command, type Invocation, type NoArguments, type NoOptions } from '../command.ts';
import type { Outputs, ValidEnvironment } from '../outputs.ts';
import { environmentNames, openProject } from '../session.ts';
import { workspaceOption } from '../workspace/options.ts';

export const validate = command({
  output: 'validate',
  needs: 'project',
  inEachProject: { order: 'any', notDeployed: () => 0 },
  options: { all: { kind: 'flag', about: 'check every environment' }, ...workspaceOption },
  examples: [
    ['fx validate', 'Check the chosen environment'],
    ['fx validate --env prod', 'Check what prod would become'],
    ['fx validate --all', 'Check all of them'],
  ],
  async run(invocation) {
    if (invocation.options.all) return validateAll(invocation);
    invocation.result(await validateOne(invocation, await openProject(invocation)));
    return 0;
  },
});

async function validateOne(invocation: Invocation<'project'>, project: Project): Promise<ValidEnvironment> {
  const { report, signal } = invocation;
  const { build } = await import('../../operate/build.ts');
  const { compiled } = await build(project, { report, signal, schemas: loadSchemas() });
  const resources = Object.keys(compiled.stacks.root.template.Resources).length;
  invocation.print(
    `${project.file} is valid for "${project.environment.name}": ${counted(project.functions.length, 'function')}, ${counted(resources, 'resource')}`,
  );
  return { environment: project.environment.name, functions: project.functions.map(({ name }) => name), resources };
}

/** Checks all environments, even after a problem. Reports each problem once, with the environments that have it. */
async function validateAll(invocation: Invocation<'project', NoArguments, NoOptions, Outputs['validate']>): Promise<0> {
  if (invocation.common.env !== undefined) throw new FxError('USAGE', '--all and --env exclude each other');
  const environments = await environmentNames(invocation);
  const valid: ValidEnvironment[] = [];
  const failed: { readonly name: string; readonly error: FxError }[] = [];
  // check a pattern such as pr-* with a name that matches it
  for (const name of environments.map((name) => name.replaceAll('*', 'x'))) {
    try {
      valid.push(await validateOne(invocation, await openProject(invocation, name)));
    } catch (error) {
      if (!(error instanceof FxError) || error.code === 'INTERRUPTED') throw error;
      failed.push({ name, error });
    }
  }
  // what is wrong comes before what is not known yet
  const first = failed.find(({ error }) => error.code !== 'NOT_DEPLOYED') ?? failed[0];
  if (first !== undefined) throw together(failed, first.error);
  invocation.result(valid);
  return 0;
}

function together(failed: readonly { readonly name: string; readonly error: FxError }[], first: FxError): FxError {
  const names = failed.map(({ name }) => `"${name}"`).join(', ');
  const problems = new Map<string, { problem: FxError['problems'][number]; names: string[] }>();
  for (const { name, error } of failed) {
    for (const problem of error.problems) {
      const key = problemKey(problem);
      const known = problems.get(key) ?? { problem, names: [] };
      known.names.push(name);
      problems.set(key, known);
    }
  }
  const lone = failed.filter(({ error }) => error.problems.length === 0);
  const hint = lone.length > 0 ? lone.map(({ name, error }) => `${name}: ${error.message}`).join('; ') : first.hint;
  return new FxError(first.code, `not valid for ${names}`, {
    ...(hint === undefined ? {} : { hint }),
    problems: [...problems.values()].map(({ problem, names: where }) =>
      where.length === failed.length ? problem : { ...problem, message: `${problem.message} (${where.join(', ')})` },
    ),
  });
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
