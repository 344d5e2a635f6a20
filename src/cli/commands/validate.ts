// fx validate
import type { Command } from '../command.ts';
import { loadSchemas, openProject } from '../session.ts';

export const validate: Command = {
  name: 'validate',
  summary: 'Check project.yml, build every function and validate the template, without AWS',
  options: [],
  examples: [
    ['fx validate', 'Check the local environment'],
    ['fx validate --env prod', 'Check what prod would become'],
  ],
  async run(invocation) {
    const { report, signal } = invocation;
    const project = await openProject(invocation);
    const { build } = await import('../../operate/build.ts');
    const { compiled } = await build(project, { report, signal, schemas: loadSchemas() });
    const resources = Object.keys(compiled.template.Resources).length;
    invocation.print(
      `${project.file} is valid for "${project.environment}": ${counted(project.functions.length, 'function')}, ${counted(resources, 'resource')}`,
    );
    invocation.result({ functions: project.functions.map(({ name }) => name), resources });
    return 0;
  },
};

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
