// fx in the deploy benchmark: one project, or a workspace of projects if one stack cannot hold the functions.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { names, writeHandler } from './deploy-source.mjs';
import { run } from './measure.mjs';

const bin = resolve(import.meta.dirname, '../dist/bin.js');
/** A function is five resources, and a stack can have 500. */
const mostInStack = 98;
const perProject = 50;

/** `variables`: those of the environment. */
export function fxTool(variables, name = 'fx') {
  const fx = (folder, ...words) =>
    run(process.execPath, [bin, ...words, '--env', 'bench'], { cwd: folder, env: variables });
  return {
    name,
    write(folder, service, count) {
      const isWorkspace = count > mostInStack;
      const size = isWorkspace ? perProject : count;
      const projects = Array.from({ length: Math.ceil(count / size) }, (_, index) => `p${index}`);
      for (const [index, project] of projects.entries()) {
        const inside = names(count).slice(index * size, (index + 1) * size);
        const lines = inside.map((name) => `  ${name}: { handler: ${name}.handler, runtime: nodejs22.x }\n`).join('');
        const place = isWorkspace ? join(folder, project) : folder;
        mkdirSync(place, { recursive: true });
        const title = isWorkspace ? `${service}-${project}` : service;
        writeFileSync(join(place, 'project.yml'), `name: ${title}\nenvironments: {bench: {}}\nfunctions:\n${lines}`);
        for (const each of inside) writeHandler(join(place, `${each}.js`), each, 'first');
      }
      const words = isWorkspace ? ['--project', 'p0'] : [];
      if (isWorkspace)
        writeFileSync(
          join(folder, 'fx.workspace.yml'),
          `projects: {${projects.map((name) => `${name}: ${name}`).join(', ')}}\n`,
        );
      return {
        change: (marker) => writeHandler(join(folder, isWorkspace ? 'p0' : '', 'f0.js'), 'f0', marker),
        deploy: () => fx(folder, 'deploy', ...(isWorkspace ? ['--workspace'] : [])),
        rollback: () => fx(folder, 'rollback', ...words),
        function: `${isWorkspace ? `${service}-p0` : service}-bench-f0`,
        qualifier: 'live',
      };
    },
  };
}

/** It takes endpoints of single services for AWS itself: it polls a stack every two seconds, and makes 14 calls of Lambda in 1.1 s. */
export function fxAsOnAws({ AWS_ENDPOINT_URL: endpoint, ...variables }) {
  const services = ['STS', 'S3', 'CLOUDFORMATION', 'LAMBDA'];
  const endpoints = Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, endpoint]));
  return fxTool({ ...variables, ...endpoints }, 'fx as on AWS');
}
