// From a place in the template back to the line of project.yml that it comes from.
import type { Span } from '../base/error.ts';
import { pascalCase } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';

type Path = readonly (string | number)[];

/** Under `resources`, or, for what fx made, `extend` or the function it was made for. */
export function sourcePlace(project: Project, path: Path): Span {
  const [section, id = '', ...rest] = path;
  if (section !== 'resources' || project.resources.has(String(id))) return project.origin(path);
  if (project.extend.has(String(id))) return project.origin(['extend', id, ...rest]);
  const owner = functionOwning(project, String(id));
  if (owner === undefined) return project.origin(path);
  return project.origin(['functions', owner, ...settingPath(rest)]);
}

/** Properties that a setting alone makes. What is not here is told at the function. */
const settingOf: Readonly<Record<string, string>> = {
  VpcConfig: 'vpc',
  FileSystemConfigs: 'fileSystem',
  Layers: 'layers',
  KmsKeyArn: 'kmsKeyArn',
  DeadLetterConfig: 'deadLetterQueue',
  LoggingConfig: 'logging',
  ImageConfig: 'image',
  DestinationConfig: 'destinations',
  DependsOn: 'dependsOn',
};

/** Where a place in what fx made stands below the function: `Properties.VpcConfig.SubnetIds.0` is `vpc.subnetIds.0`. */
function settingPath(path: Path): Path {
  const [first, ...below] = path[0] === 'Properties' ? path.slice(1) : path;
  if (first === 'Environment') return below[0] === 'Variables' ? ['variables', ...below.slice(1)] : [];
  const setting = Object.hasOwn(settingOf, String(first)) ? settingOf[String(first)] : undefined;
  if (setting === undefined) return [];
  const camel = (step: string | number) =>
    typeof step === 'number' ? step : step.charAt(0).toLowerCase() + step.slice(1);
  return [setting, ...below.map(camel)];
}

/** The function whose name begins a logical id; the longest, where one name begins another. */
export function functionOwning(project: Project, id: string): string | undefined {
  return project.functions
    .map(({ name }) => name)
    .filter((name) => id.startsWith(pascalCase(name)))
    .sort((a, b) => b.length - a.length)[0];
}
