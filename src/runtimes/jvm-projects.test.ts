// JVM projects beyond one module of Java: Maven's and Gradle's builds of several, Kotlin, Scala and Clojure, and layers of jars.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { artifactIn, buildIn, contentOf, pathsOf, problemsIn } from '../../test/support/artifacts.ts';
import { localLambda } from '../../test/support/local-lambda.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';

const maven = runs('javac', '-version') === undefined ? undefined : runs('mvn', '--version');
const gradle = runs('javac', '-version') === undefined ? undefined : runs('gradle', '--version');
const lein = runs('lein', 'version');
const settings = { Runtime: 'java17' as const, Architectures: ['x86_64' as const] };
const timeout = 300_000;
const project = (handler: string, more = '') =>
  `name: s\nfunctions:\n  a: {runtime: java17, architecture: x86_64, source: functions/a, handler: "${handler}"${more}}\n`;
const java = (name: string, body: string) =>
  `package ${name.slice(0, name.lastIndexOf('.'))};\npublic class ${name.slice(name.lastIndexOf('.') + 1)} { ${body} }\n`;
const greeter = (word: string) =>
  java('shared.Greeter', `public static String greet(String name) { return "${word} " + name; }`);
const app = java('app.App', 'public String run(String name) { return shared.Greeter.greet(name); }');

describe.skipIf(maven === undefined)(`Maven${reasonMissing(maven, 'there is no mvn or no JDK here')}`, () => {
  const local = localLambda();
  afterAll(() => local.stop());
  const pom = (name: string, body: string, parent = '<relativePath>../../pom.xml</relativePath>') =>
    `<project><modelVersion>4.0.0</modelVersion>${parent === '' ? '<groupId>test</groupId><version>1</version>' : `<parent><groupId>test</groupId><artifactId>root</artifactId><version>1</version>${parent}</parent>`}<artifactId>${name}</artifactId>${body}</project>\n`;
  const dependency = (group: string, name: string, version: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  const properties =
    '<properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>';
  const modules = {
    'project.yml': project('app.App::run'),
    'pom.xml': pom(
      'root',
      `<packaging>pom</packaging><modules><module>libraries</module><module>functions/a</module></modules>${properties}`,
      '',
    ),
    'libraries/pom.xml': pom(
      'libraries',
      '<packaging>pom</packaging><modules><module>shared</module><module>unused</module></modules>',
      '<relativePath>../pom.xml</relativePath>',
    ),
    'libraries/shared/pom.xml': pom(
      'shared',
      `<dependencies>${dependency('org.apache.commons', 'commons-lang3', '3.14.0')}</dependencies>`,
    ),
    'libraries/shared/src/main/java/shared/Greeter.java': greeter('hello'),
    'libraries/unused/pom.xml': pom('unused', ''),
    'libraries/unused/src/main/java/unused/Unused.java': java('unused.Unused', ''),
    'functions/a/pom.xml': pom('a', `<dependencies>${dependency('test', 'shared', '1')}</dependencies>`),
    'functions/a/src/main/java/app/App.java': app,
  };

  test('builds a module with those that it uses, which are inputs', { timeout }, async () => {
    const folder = await folderOf(modules);
    const artifact = await artifactIn(folder);
    expect(pathsOf(artifact)).toEqual([
      'META-INF/MANIFEST.MF',
      'app/App.class',
      'lib/commons-lang3-3.14.0.jar',
      'lib/shared-1.jar',
    ]);
    expect((await local.invoke(artifact, settings, 'you')).result).toBe('hello you');
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'libraries/unused/src/main/java/unused/Unused.java': java('unused.Unused', 'int x;') });
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'libraries/shared/src/main/java/shared/Greeter.java': greeter('bye') });
    const changed = await artifactIn(folder);
    expect((await local.invoke(changed, settings, 'you')).result).toBe('bye you');
    await writeFiles(folder, { 'libraries/shared/src/main/java/shared/Greeter.java': greeter('hello') });
    execFileSync('sh', ['-c', 'find . -name target | xargs rm -r'], { cwd: folder });
    expect((await artifactIn(folder)).code.key).toBe(artifact.code.key);
    await writeFiles(folder, {
      'libraries/shared/src/main/java/shared/Greeter.java': 'package shared;\nclass Greeter { int x = ""; }\n',
    });
    expect(await problemsIn(folder)).toEqual([
      expect.stringMatching(/^libraries\/shared\/src\/main\/java\/shared\/Greeter.java:2 incompatible types/),
    ]);
  });

  test('has each class once if the parent makes a fat jar, and finds a handler in a library', { timeout }, async () => {
    const shade =
      '<build><plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-shade-plugin</artifactId><version>3.5.2</version><executions><execution><phase>package</phase><goals><goal>shade</goal></goals></execution></executions></plugin></plugins></build>';
    const folder = await folderOf({
      ...modules,
      'project.yml': project('shared.Greeter::greet'),
      'pom.xml': modules['pom.xml'].replace('</project>', `${shade}</project>`),
    });
    const paths = pathsOf(await artifactIn(folder));
    expect(paths).toEqual(expect.arrayContaining(['app/App.class', 'shared/Greeter.class']));
    expect(paths.filter((path) => path.endsWith('.jar'))).toEqual([]);
    await writeFiles(folder, { 'pom.xml': modules['pom.xml'] });
    // Maven itself takes the fat jar for an up-to-date one
    execFileSync('rm', ['-r', 'functions/a/target'], { cwd: folder });
    expect(pathsOf(await artifactIn(folder))).toContain('lib/shared-1.jar');
  });

  test('leaves out the jars that a layer has', { timeout }, async () => {
    const folder = await folderOf({
      ...modules,
      'project.yml': `${project('app.App::run', ', layers: [Jars]')}layers: {Jars: {path: jars}}\n`,
      'jars/java/lib/other.jar': '',
    });
    const copy = `mvn -q -B dependency:copy -Dartifact=org.apache.commons:commons-lang3:3.14.0 -DoutputDirectory=${folder}/jars/java/lib`;
    execFileSync('sh', ['-c', `rm jars/java/lib/other.jar && ${copy}`], { cwd: folder, stdio: 'pipe' });
    expect(pathsOf(await artifactIn(folder))).toEqual(['META-INF/MANIFEST.MF', 'app/App.class', 'lib/shared-1.jar']);
    execFileSync('mv', ['commons-lang3-3.14.0.jar', 'renamed.jar'], { cwd: join(folder, 'jars/java/lib') });
    expect(pathsOf(await artifactIn(folder))).toContain('lib/commons-lang3-3.14.0.jar');
  });

  test('builds Kotlin and Scala by their plugins', { timeout }, async () => {
    const plugin = (group: string, name: string, version: string, more = '') =>
      `<build><sourceDirectory>src/main/code</sourceDirectory><plugins><plugin><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>${more}<executions><execution><goals><goal>compile</goal></goals></execution></executions></plugin></plugins></build>`;
    const folder = await folderOf({
      'project.yml': `${project('app.App::run')}  b: {runtime: java17, architecture: x86_64, source: functions/b, handler: "app.App::run"}\n`,
      'functions/a/pom.xml': pom(
        'a',
        `${properties}<dependencies>${dependency('org.jetbrains.kotlin', 'kotlin-stdlib', '1.9.24')}</dependencies>${plugin('org.jetbrains.kotlin', 'kotlin-maven-plugin', '1.9.24', '<configuration><jvmTarget>17</jvmTarget></configuration>')}`,
        '',
      ),
      'functions/a/src/main/code/App.kt':
        'package app\n\nclass App { fun run(name: String): String = listOf("kotlin", name).joinToString(" ") }\n',
      'functions/b/pom.xml': pom(
        'b',
        `${properties}<dependencies>${dependency('org.scala-lang', 'scala-library', '2.13.14')}</dependencies>${plugin('net.alchim31.maven', 'scala-maven-plugin', '4.9.1')}`,
        '',
      ),
      'functions/b/src/main/code/App.scala':
        'package app\n\nclass App { def run(name: String): String = List("scala", name).mkString(" ") }\n',
    });
    const { artifacts } = await buildIn(folder);
    const answers = [];
    for (const artifact of artifacts.values()) answers.push((await local.invoke(artifact, settings, 'you')).result);
    expect(answers).toEqual(['kotlin you', 'scala you']);
    await writeFiles(folder, {
      'functions/b/src/main/code/App.scala': 'package app\n\nclass App { val x: Int = "" }\n',
    });
    expect(await problemsIn(folder)).toEqual([
      expect.stringMatching(/^functions\/b\/src\/main\/code\/App.scala:3 type mismatch/),
    ]);
    await writeFiles(folder, {
      'functions/b/src/main/code/App.scala': 'package app\n\nclass App\n',
      'functions/a/src/main/code/App.kt': 'package app\n\nval x: Int = ""\n',
    });
    expect(await problemsIn(folder)).toEqual([
      expect.stringMatching(/^functions\/a\/src\/main\/code\/App.kt:3 [Tt]ype mismatch/),
    ]);
  });
});

describe.skipIf(gradle === undefined)(`Gradle${reasonMissing(gradle, 'there is no gradle or no JDK here')}`, () => {
  const local = localLambda();
  afterAll(() => local.stop());
  const configuration = /Gradle [1-4]\./.test(gradle ?? '') ? 'compile' : 'implementation';
  const files = {
    'project.yml': project('app.App::run'),
    'settings.gradle': "include 'functions:a', 'shared'\ninclude 'unused'\n",
    'functions/a/build.gradle': `plugins { id 'java' }\ndependencies { ${configuration} project(':shared') }\n`,
    'functions/a/src/main/java/app/App.java': app,
    'shared/build.gradle': "plugins { id 'java' }\n",
    'shared/src/main/java/shared/Greeter.java': greeter('hello'),
    'unused/build.gradle': "plugins { id 'java' }\n",
  };

  test('builds a project with those that it uses, by the wrapper of the root if there is one', {
    timeout,
  }, async () => {
    const folder = await folderOf(files);
    const artifact = await artifactIn(folder);
    expect(pathsOf(artifact)).toEqual(['META-INF/MANIFEST.MF', 'app/App.class', 'lib/shared.jar']);
    expect((await local.invoke(artifact, settings, 'you')).result).toBe('hello you');
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'unused/src/main/java/unused/Unused.java': java('unused.Unused', '') });
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, {
      gradlew: '#!/bin/sh\ntouch "$(dirname "$0")/wrapped"\nexec gradle "$@"\n',
      'shared/src/main/java/shared/Greeter.java': greeter('bye'),
    });
    execFileSync('chmod', ['+x', 'gradlew'], { cwd: folder });
    expect((await local.invoke(await artifactIn(folder), settings, 'you')).result).toBe('bye you');
    execFileSync('rm', ['wrapped'], { cwd: folder });
  });

  test('merges the service files that a fat jar repeats', { timeout }, async () => {
    const service = 'src/main/resources/META-INF/services/app.Service';
    const folder = await folderOf({
      ...files,
      'functions/a/build.gradle': `plugins { id 'java' }\ndependencies { ${configuration} project(':shared') }\njar { duplicatesStrategy = 'include'; dependsOn ':shared:jar'; from { configurations.runtimeClasspath.collect { zipTree(it) } } }\n`,
      [`functions/a/${service}`]: 'app.One\n',
      [`shared/${service}`]: 'shared.Two\napp.One\n',
    });
    const artifact = await artifactIn(folder);
    expect(pathsOf(artifact)).toEqual([
      'META-INF/MANIFEST.MF',
      'META-INF/services/app.Service',
      'app/App.class',
      'shared/Greeter.class',
    ]);
    expect(contentOf(artifact, 'META-INF/services/app.Service')).toBe('app.One\nshared.Two\n');
  });
});

describe.skipIf(lein === undefined)(`Clojure by Leiningen${reasonMissing(lein, 'there is no lein here')}`, () => {
  const local = localLambda();
  afterAll(() => local.stop());

  test('is a fat jar that the local AWS runs', { timeout }, async () => {
    const folder = await folderOf({
      'project.yml': project('app.core::handler'),
      'functions/a/project.clj': '(defproject f "0.1.0" :dependencies [[org.clojure/clojure "1.11.1"]] :aot :all)\n',
      'functions/a/src/app/core.clj':
        '(ns app.core (:gen-class :methods [[handler [String] String]]))\n(defn -handler [this name] (str "clojure " name))\n',
    });
    const artifact = await artifactIn(folder);
    expect((await local.invoke(artifact, settings, 'you')).result).toBe('clojure you');
    expect((await buildIn(folder)).fresh).toEqual([]);
  });
});
