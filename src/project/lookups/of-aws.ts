// Lookups in the destination account: SSM parameters, outputs of other stacks, S3 objects, hosted zones.
import { fromPlain } from '../../base/located.ts';
import { nearest } from '../../base/suggest.ts';
import { localEnvironment } from '../environment.ts';
import { type LookupSource, regional } from './source.ts';

export const parameter: LookupSource = {
  form: 'ssm:<path>',
  about: 'A parameter of SSM, String or StringList; of another region with ssm(eu-west-1):<path>.',
  matches: regional('ssm'),
  async find([path = '', region], world) {
    const parameter = await (await world.aws()).parameter(path, region || world.region);
    const lookup = `\${ssm:${path}}`;
    if (parameter === undefined) {
      return {
        message: `${lookup}: the parameter does not exist in ${region || world.region}`,
        hint: `create it, or give a default: \${ssm:${path}, value}`,
      };
    }
    if (parameter.type === 'SecureString') {
      return {
        message: `${lookup} is a SecureString, which would appear in the template as plain text`,
        hint: `have the function read it when it starts: secrets: {NAME: ssm:${path}}`,
        refused: true,
      };
    }
    if (parameter.type !== 'StringList') return { plain: parameter.value };
    const at = { file: `ssm:${path}`, line: 1, column: 1, length: 1 };
    return { value: fromPlain(parameter.value.split(','), at) };
  },
};

export const stackOutput: LookupSource = {
  form: 'stack:<name>.<Output>',
  about: 'An output of another stack; of another region with stack(eu-west-1):<name>.<Output>.',
  matches: regional('stack'),
  async find([written = '', region], world) {
    const dot = written.lastIndexOf('.');
    const [stack, output] = [written.slice(0, Math.max(0, dot)), written.slice(dot + 1)];
    const lookup = `\${stack:${written}}`;
    if (stack === '' || output === '') {
      return {
        message: `${lookup} needs a stack and an output`,
        hint: 'such as ${stack:shop-network.VpcId}',
        refused: true,
      };
    }
    const place = region || world.region;
    const outputs = await (await world.aws()).stackOutputs(stack, place);
    if (outputs === undefined) {
      return {
        message: `${lookup}: there is no stack ${stack} in ${place}`,
        hint: `deploy it first, or give a default: \${stack:${written}, value}`,
      };
    }
    const value = outputs[output];
    if (value !== undefined) return { plain: value };
    const names = Object.keys(outputs);
    const suggestion = nearest(output, names);
    const list = names.length === 0 ? `${stack} has no outputs` : `${stack} has ${names.join(', ')}`;
    return {
      message: `${lookup}: the stack ${stack} has no output ${output}`,
      hint: suggestion === undefined ? list : `did you mean "${suggestion}"? ${list}`,
    };
  },
};

export const object: LookupSource = {
  form: 's3:<bucket>/<key>',
  about: 'The text of an object; of a bucket in another region with s3(eu-west-1):<bucket>/<key>.',
  matches: regional('s3'),
  async find([written = '', region], world) {
    const slash = written.indexOf('/');
    const lookup = `\${s3:${written}}`;
    if (slash < 1 || slash === written.length - 1) {
      return {
        message: `${lookup} needs a bucket and a key`,
        hint: 'such as ${s3:shop-settings/level.txt}',
        refused: true,
      };
    }
    const text = await (await world.aws()).object(
      written.slice(0, slash),
      written.slice(slash + 1),
      region || world.region,
    );
    return text === undefined
      ? {
          message: `${lookup}: the object does not exist`,
          hint: `put it there, or give a default: \${s3:${written}, value}`,
        }
      : { plain: text.replace(/\r?\n$/, '') };
  },
};

/** The local AWS has no DNS, so a zone there is a name for nothing. */
const localZone = 'Z00000000LOCAL';

export const hostedZone: LookupSource = {
  form: 'zone:<domain>',
  about: 'The id of the hosted zone of Route 53 with that name, for the domain of an API.',
  matches: (name) => (name.startsWith('zone:') ? [name.slice('zone:'.length)] : undefined),
  async find([name = ''], world) {
    if (world.environment === localEnvironment) return { plain: localZone };
    const zones = await (await world.aws()).hostedZones(name);
    const lookup = `\${zone:${name}}`;
    if (zones.length > 1) {
      return {
        message: `${lookup}: ${zones.length} hosted zones have this name`,
        hint: `write one's id: ${zones.join(' or ')}`,
        refused: true,
      };
    }
    const [zone] = zones;
    return zone === undefined
      ? {
          message: `${lookup}: the account has no public hosted zone ${name}`,
          hint: `create it, or give the id of another`,
        }
      : { plain: zone };
  },
};
