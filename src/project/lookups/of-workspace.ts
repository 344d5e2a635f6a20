// The lookup of another project's outputs, in a workspace.
import { nearest } from '../../base/suggest.ts';
import { localEnvironment } from '../environment.ts';
import { type LookupResult, type LookupSource, regional, type Sibling } from './source.ts';

export const projectOutput: LookupSource = {
  form: 'project:<name>.<Output>',
  about:
    'An output of another project of fx.workspace.yml, in the same environment; of one of its regions with project(eu-west-1):<name>.<Output>.',
  matches: regional('project'),
  async find([written = '', region = ''], world) {
    const dot = written.lastIndexOf('.');
    const [project, output] = [written.slice(0, Math.max(0, dot)), written.slice(dot + 1)];
    const lookup = `\${project${region && `(${region})`}:${written}}`;
    if (project === '' || output === '') {
      return {
        message: `${lookup} needs a project and an output`,
        hint: 'such as ${project:network.VpcId}',
        refused: true,
      };
    }
    const sibling = await world.sibling(project, region);
    return resultOf(sibling, { lookup, project, output, environment: world.environment, region: world.region });
  },
};

interface Asked {
  /** With its braces. */
  readonly lookup: string;
  readonly project: string;
  readonly output: string;
  readonly environment: string;
  readonly region: string;
}

/** A default helps only if there is nothing yet: a wrong name, or a missing dependency, would stay unnoticed. */
function resultOf(sibling: Sibling, { lookup, project, output, environment, region }: Asked): LookupResult {
  const env = environment === localEnvironment ? '' : ` --env ${environment}`;
  const deploy = `fx deploy${env} --project ${project}`;
  switch (sibling.kind) {
    case 'no-workspace':
      return {
        message: `${lookup}: there is no fx.workspace.yml in a folder above this project`,
        hint: 'list the projects in one: projects: {network: network, orders: {dependsOn: [network]}}; or name the stack: ${stack:network-${env}.VpcId}',
        refused: true,
      };
    case 'unlisted':
      return {
        message: `${lookup}: ${sibling.file} does not list this project`,
        hint: `add it there, with dependsOn: [${project}]`,
        refused: true,
      };
    case 'unknown': {
      const suggestion = nearest(project, sibling.names);
      const list = `the others there are ${sibling.names.join(', ')}`;
      return {
        message: `${lookup}: there is no project "${project}" in ${sibling.file}`,
        hint: suggestion === undefined ? list : `did you mean "${suggestion}"? ${list}`,
        refused: true,
      };
    }
    case 'undeclared':
      return {
        message: `${lookup}: ${sibling.own} does not depend on ${project}`,
        hint: `in ${sibling.file}, add ${project} to dependsOn of ${sibling.own}: the order of the deploys follows from it`,
        refused: true,
      };
    case 'elsewhere':
      return {
        message: `${lookup}: ${project} is in ${sibling.regions.join(', ')}, but not in ${region}`,
        hint: `name one of its regions: \${project(${sibling.regions[0]}):${project}.${output}}`,
        refused: true,
      };
    case 'found': {
      const { outputs, declared } = sibling;
      if (outputs === undefined) {
        return {
          message: `${lookup}: ${project} is not deployed to "${environment}" in ${sibling.region}`,
          hint: `deploy it first: ${deploy}, or give a default: \${project:${project}.${output}, value}`,
          awaited: project,
        };
      }
      const value = outputs[output];
      if (value !== undefined) return { plain: value };
      if (declared.includes(output)) {
        return {
          message: `${lookup}: what is deployed of ${project} does not have the output ${output} yet`,
          hint: `deploy it first: ${deploy}`,
          awaited: project,
        };
      }
      const names = [...new Set([...Object.keys(outputs), ...declared])];
      const suggestion = nearest(output, names);
      const list = names.length === 0 ? `${project} has no outputs` : `${project} has ${names.join(', ')}`;
      return {
        message: `${lookup}: ${project} has no output ${output}`,
        hint: suggestion === undefined ? list : `did you mean "${suggestion}"? ${list}`,
      };
    }
  }
}
