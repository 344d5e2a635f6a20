import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { artifactIn, buildIn, pathsOf, problemsIn } from '../../test/support/artifacts.ts';
import { localLambda } from '../../test/support/local-lambda.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';
import { gradleBuild } from './jvm.ts';

const maven = runs('mvn', '--version');
const java = runs('javac', '-version') ?? runs('javac', '--version');

const pom = (more: string) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>f</artifactId><version>1</version>
  <properties><maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
  <dependencies>
    <dependency><groupId>com.amazonaws</groupId><artifactId>aws-lambda-java-core</artifactId><version>1.2.3</version></dependency>
    <dependency><groupId>org.apache.commons</groupId><artifactId>commons-lang3</artifactId><version>3.14.0</version></dependency>
  </dependencies>
  <build><finalName>apex</finalName>${more}</build>
</project>
`;
const shade =
  '<plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-shade-plugin</artifactId><version>3.5.2</version><executions><execution><phase>package</phase><goals><goal>shade</goal></goals></execution></executions></plugin></plugins>';

const main = `package lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.StringUtils;

public class Main implements RequestHandler<Map<String, Object>, Object> {
    public static class Order {
        private String name;
        private List<Integer> counts;
        public String getName() { return name; }
        public void setName(String name) { this.name = name; }
        public List<Integer> getCounts() { return counts; }
        public void setCounts(List<Integer> counts) { this.counts = counts; }
        public int getTotal() { return counts.stream().mapToInt(Integer::intValue).sum(); }
    }

    public Object handleRequest(Map<String, Object> event, Context context) {
        if (event.containsKey("fail")) throw new IllegalStateException("no luck", new RuntimeException("deeper"));
        context.getLogger().log("logged\\ntwice");
        return List.of(StringUtils.capitalize((String) event.get("name")), context.getFunctionName(), context.getRemainingTimeInMillis() > 0);
    }

    public Order order(Order order) {
        order.setName(order.getName() + "!");
        return order;
    }
}
`;

describe.skipIf(maven === undefined || java === undefined)(
  `a Java function by Maven${reasonMissing(maven ?? java, 'there is no mvn or no JDK here')}`,
  () => {
    const local = localLambda();
    afterAll(() => local.stop());
    const settings = { Runtime: 'java17' as const, Architectures: ['x86_64' as const] };
    const files = {
      'project.yml':
        'name: s\nfunctions:\n  f: {runtime: java17, architecture: x86_64}\n  bean: {runtime: java17, architecture: x86_64, source: functions/f, handler: "lambda.Main::order"}\n',
      'functions/f/pom.xml': pom(''),
      'functions/f/src/main/java/lambda/Main.java': main,
      'functions/f/src/main/resources/settings.txt': 'x',
    };

    test('packs its classes and dependency jars, and runs on the local AWS', { timeout: 180_000 }, async () => {
      const folder = await folderOf(files);
      const { artifacts } = await buildIn(folder);
      const artifact = artifacts.get('f');
      const bean = artifacts.get('bean');
      if (artifact === undefined || bean === undefined) throw new Error('nothing was built');
      expect(artifact.code.handler).toBe('lambda.Main::handler');
      expect(pathsOf(artifact)).toEqual([
        'META-INF/MANIFEST.MF',
        'lambda/Main$Order.class',
        'lambda/Main.class',
        'lib/aws-lambda-java-core-1.2.3.jar',
        'lib/commons-lang3-3.14.0.jar',
        'settings.txt',
      ]);
      const answered = await local.invoke(
        { ...artifact, code: { ...artifact.code, handler: 'lambda.Main' } },
        settings,
        { name: 'you' },
      );
      expect(answered.result).toEqual(['You', 'f', true]);
      expect(answered.log).toContain('logged\ntwice');
      const made = await local.invoke(bean, settings, { name: 'a', counts: [1, 2] });
      expect(made.result).toEqual({ counts: [1, 2], name: 'a!', total: 3 });
      const failed = await local.invoke({ ...artifact, code: { ...artifact.code, handler: 'lambda.Main' } }, settings, {
        fail: true,
      });
      expect([failed.error, failed.result]).toEqual([
        'Unhandled',
        {
          errorMessage: 'no luck',
          errorType: 'java.lang.IllegalStateException',
          stackTrace: ['lambda.Main.handleRequest(Main.java:21)'],
          cause: {
            errorMessage: 'deeper',
            errorType: 'java.lang.RuntimeException',
            stackTrace: ['lambda.Main.handleRequest(Main.java:21)'],
          },
        },
      ]);
    });

    test('is not built again without a change, and has the same key if it is', { timeout: 180_000 }, async () => {
      const folder = await folderOf(files);
      const before = (await buildIn(folder)).artifacts.get('f')?.code.key;
      expect((await buildIn(folder)).fresh).toEqual([]);
      execFileSync('rm', ['-r', join(folder, 'functions/f/target'), join(folder, '.fx')]);
      // as another user, on another day
      const options = process.env['MAVEN_OPTS'];
      process.env['MAVEN_OPTS'] = `${options ?? ''} -Duser.name=another`;
      const again = await buildIn(folder);
      if (options === undefined) delete process.env['MAVEN_OPTS'];
      else process.env['MAVEN_OPTS'] = options;
      expect([again.fresh, again.artifacts.get('f')?.code.key]).toEqual([['bean', 'f'], before]);
    });

    test('is built again for a package named build, and for a key store that it packs', {
      timeout: 180_000,
    }, async () => {
      const folder = await folderOf({
        ...files,
        'functions/f/src/main/java/lambda/build/Tool.java': 'package lambda.build; public class Tool {}\n',
        'functions/f/src/main/resources/trust.jks': 'one',
      });
      expect(pathsOf(await artifactIn(folder, 'f'))).toEqual(
        expect.arrayContaining(['lambda/build/Tool.class', 'trust.jks']),
      );
      expect((await buildIn(folder)).fresh).toEqual([]);
      await writeFiles(folder, {
        'functions/f/src/main/java/lambda/build/Tool.java': 'package lambda.build; public class Tool { int x; }\n',
      });
      expect((await buildIn(folder)).fresh).toEqual(['bean', 'f']);
      await writeFiles(folder, { 'functions/f/src/main/resources/trust.jks': 'two' });
      expect((await buildIn(folder)).fresh).toEqual(['bean', 'f']);
    });

    test('shaded into one jar is unpacked from it', { timeout: 180_000 }, async () => {
      const folder = await folderOf({ ...files, 'functions/f/pom.xml': pom(shade) });
      const artifact = await artifactIn(folder, 'f');
      expect(pathsOf(artifact)).toContain('org/apache/commons/lang3/StringUtils.class');
      expect(pathsOf(artifact).filter((path) => path.endsWith('.jar'))).toEqual([]);
      expect(
        (
          await local.invoke({ ...artifact, code: { ...artifact.code, handler: 'lambda.Main' } }, settings, {
            name: 'me',
          })
        ).result,
      ).toEqual(['Me', 'f', true]);
    });

    test('that does not compile is reported at its line', { timeout: 180_000 }, async () => {
      const folder = await folderOf({
        ...files,
        'functions/f/src/main/java/lambda/Main.java': main.replace('order.getName()', 'order.getNme()'),
      });
      expect(await problemsIn(folder)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^functions\/f\/src\/main\/java\/lambda\/Main.java:27 cannot find symbol/),
        ]),
      );
    });
  },
);

const kotlin = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>k</artifactId><version>1</version>
  <properties><kotlin.version>2.0.21</kotlin.version><kotlin.compiler.jvmTarget>11</kotlin.compiler.jvmTarget></properties>
  <dependencies><dependency><groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-stdlib</artifactId><version>\${kotlin.version}</version></dependency></dependencies>
  <build><sourceDirectory>src/main/kotlin</sourceDirectory>
    <plugins><plugin><groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-maven-plugin</artifactId><version>\${kotlin.version}</version>
      <executions><execution><goals><goal>compile</goal></goals></execution></executions></plugin></plugins>
  </build>
</project>
`;

describe.skipIf(maven === undefined)(
  `a Kotlin function by Maven${reasonMissing(maven, 'there is no mvn here')}`,
  () => {
    const local = localLambda();
    afterAll(() => local.stop());
    test('runs on the local AWS with its standard library', { timeout: 300_000 }, async () => {
      const folder = await folderOf({
        'project.yml':
          'name: s\nfunctions:\n  k: {runtime: java17, architecture: x86_64, handler: "shop.Main::handle"}\n',
        'pom.xml': kotlin,
        'src/main/kotlin/Main.kt':
          'package shop\n\nclass Main {\n    fun handle(event: Map<String, Any>): Map<String, Any> = mapOf("hello" to event["name"].toString().replaceFirstChar { it.uppercase() })\n}\n',
      });
      const artifact = await artifactIn(folder, 'k');
      expect(pathsOf(artifact)).toEqual(expect.arrayContaining(['lib/kotlin-stdlib-2.0.21.jar', 'shop/Main.class']));
      const { result } = await local.invoke(
        artifact,
        { Runtime: 'java17', Architectures: ['x86_64'] },
        { name: 'kotlin' },
      );
      expect(result).toEqual({ hello: 'Kotlin' });
    });
  },
);

const clojure = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>c</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.clojure</groupId><artifactId>clojure</artifactId><version>1.11.1</version></dependency></dependencies>
  <build><plugins><plugin><groupId>com.theoryinpractise</groupId><artifactId>clojure-maven-plugin</artifactId><version>1.8.4</version>
    <configuration><namespaces><namespace>shop.core</namespace></namespaces></configuration>
    <executions><execution><id>compile</id><phase>compile</phase><goals><goal>compile</goal></goals></execution></executions></plugin></plugins>
  </build>
</project>
`;

describe.skipIf(maven === undefined)(
  `a Clojure function by Maven${reasonMissing(maven, 'there is no mvn here')}`,
  () => {
    const local = localLambda();
    afterAll(() => local.stop());
    test('runs on the local AWS', { timeout: 300_000 }, async () => {
      const folder = await folderOf({
        'project.yml':
          'name: s\nfunctions:\n  c: {runtime: java17, architecture: x86_64, handler: "shop.Core::handle"}\n',
        'pom.xml': clojure,
        'src/main/clojure/shop/core.clj':
          '(ns shop.core\n  (:gen-class :name shop.Core :methods [^:static [handle [java.util.Map] Object]]))\n(defn -handle [event] {"hello" (.toUpperCase (str (get event "name")))})\n',
      });
      const artifact = await artifactIn(folder, 'c');
      expect(pathsOf(artifact)).toEqual(expect.arrayContaining(['lib/clojure-1.11.1.jar', 'shop/Core.class']));
      const { result } = await local.invoke(
        artifact,
        { Runtime: 'java17', Architectures: ['x86_64'] },
        { name: 'clojure' },
      );
      expect(result).toEqual({ hello: 'CLOJURE' });
    });
  },
);

describe.skipIf(java === undefined)(`a jar that is there${reasonMissing(java, 'there is no JDK here')}`, () => {
  const jarred = async (runtime: string, handler: string, source: string) => {
    const folder = await folderOf({
      'project.yml': `name: s\nfunctions:\n  a: {runtime: ${runtime}, handler: "${handler}", source: .}\n`,
      'src/lambda/Main.java': source,
    });
    mkdirSync(join(folder, 'target'));
    execFileSync('javac', ['-d', join(folder, 'out'), join(folder, 'src/lambda/Main.java')]);
    execFileSync('jar', ['cf', join(folder, 'target/apex.jar'), '-C', join(folder, 'out'), '.']);
    return folder;
  };
  const source = 'package lambda; public class Main { public static Object handler(Object x) { return x; } }';

  test("is found by Apex's name", async () => {
    const folder = await jarred('java25', 'lambda.Main::handler', source);
    expect(pathsOf(await artifactIn(folder))).toEqual(['META-INF/MANIFEST.MF', 'lambda/Main.class']);
    expect((await buildIn(folder)).fresh).toEqual([]);
  });

  test('without the class, or for a newer Java than the runtime, is reported', async () => {
    expect(await problemsIn(await jarred('java25', 'lambda.Other::handler', source))).toEqual([
      'project.yml:3 the function "a" has no class lambda.Other | the jar has lambda.Main',
    ]);
    expect(await problemsIn(await jarred('java8.al2', 'lambda.Main::handler', source))).toEqual([
      expect.stringMatching(
        /^project.yml:3 the function "a" was compiled for Java \d+, but java8.al2 runs Java 8 \| set maven.compiler.release/,
      ),
    ]);
  });
});

test('Gradle builds the jar with its dependencies, or its own fat jar', () => {
  const places = { script: '/s/fx.gradle', libraries: '/s/lib' };
  expect(gradleBuild('/f', "plugins { id 'java' }", places).args.slice(-3)).toEqual([
    '-PfxLibraries=/s/lib',
    'jar',
    'fxLibraries',
  ]);
  expect(gradleBuild('/f', "plugins { id 'com.gradleup.shadow' }", places).args.at(-1)).toBe('shadowJar');
});
