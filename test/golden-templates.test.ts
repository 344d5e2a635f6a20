// The projects in test/golden/templates compile exactly to the templates beside them, in each environment.
// A template change shows up in full in review. `npm test -- -u test/golden` accepts it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recipeOf } from '../src/artifact/artifact.ts';
import { buildArtifacts } from '../src/artifact/build.ts';
import { packageFolder } from '../src/base/packaged.ts';
import { compile } from '../src/template/compile.ts';
import { load, schemas } from './support/project.ts';

const golden = join(packageFolder(), 'test/golden/templates');

describe.each(readdirSync(golden))('%s', async (name) => {
  const folder = join(golden, name);
  const { environments } = await load(folder);

  test.each(environments)('in %s', async (environment) => {
    const project = await load(folder, environment);
    // build the code, to include what a build adds to the template; its content must not matter here
    const artifacts = (await buildArtifacts(project)).map((artifact) => ({
      ...artifact,
      code: { ...artifact.code, key: `key-of-${artifact.name}` },
    }));
    const { template } = compile({ project, recipe: recipeOf(artifacts, []), schemas }).stacks.root;
    await expect(`${JSON.stringify(template, null, 2)}\n`).toMatchFileSnapshot(
      join(folder, `template.${environment}.json`),
    );
  });

  test('has no template of a deleted environment', () => {
    const templates = readdirSync(folder).filter((file) => file.startsWith('template.'));
    expect(templates.toSorted()).toEqual(environments.map((environment) => `template.${environment}.json`).toSorted());
  });
});
