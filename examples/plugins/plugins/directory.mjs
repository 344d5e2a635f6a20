// Two small things: `${package:version}` reads package.json, and each function's ARN is an SSM parameter for other teams.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @type {import('fx-serverless').PluginFactory} */
export const plugin = ({ cfn }) => ({
  lookups: [
    {
      prefix: 'package:',
      about: 'A value of package.json, such as version.',
      find: async (name, { folder }) => JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))[name],
    },
  ],

  transform(template, { project, environment, functions }) {
    const parameters = functions.map(({ name, alias, ids }) => [
      `${ids.function}Parameter`,
      {
        Type: 'AWS::SSM::Parameter',
        Properties: {
          Name: `/${project}/${environment}/functions/${name}`,
          Type: 'String',
          Description: cfn.sub(`The live alias of ${name} in \${AWS::Region}`),
          Value: alias,
        },
      },
    ]);
    return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(parameters) } };
  },
});
