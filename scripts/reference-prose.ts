// The prose of docs/reference/project.md besides the keys: the layers of a project, how they merge, and lookups.

const head = `# project.yml: reference

<!-- Made by \`npm run reference\` from the schema that fx reads with: change that, not this file. -->

Every key of project.yml: what it is, what it takes, what it is where nothing is written. [project.yml.example](../../project.yml.example)
has each of them in one file that works; [the guide for editors](../guide/editor.md) says how an editor completes and explains them;
[packaging](../packaging.md) how a function is found, built and packed.

A key that is not in here is an error, and fx says which one was probably meant. A key with nothing after it counts as not written.
\`fx validate\` checks the file, \`fx config\` prints what fx makes of it for one environment, and \`fx config --origin\` says which line
each value comes from.`;

const order = `A project is one file, \`project.yml\` (or \`.yaml\`, \`.json\`), with what it includes. What is deployed to an environment is made of layers,
each merged over the one before:

1. \`project.yml\` without \`environments\`, with the files that it includes and with \`functions/<name>/function.yml\`
2. \`environments.<env>\` of project.yml; where there is none of that name, the first whose pattern fits, such as \`pr-*\`
3. \`functions/<name>/function.<env>.yml\`
4. \`project.<env>.yml\` beside project.yml
5. \`--param name=value\` and \`--region\` on the command line

Then each function is merged over \`defaults\`, lookups are resolved, and \`--set NAME=value\` and \`--set-file\` put variables into
every function. What comes of it is checked as a whole, and every problem is told at once.

\`include\` takes files that have functions, resources, conditions, mappings, extend or outputs. Each thing is defined in one of them:
what two files define is an error. A function's file \`functions/<name>/function.yml\` has what would stand under \`functions.<name>\`, and
its handler is relative to its folder. Where project.yml has no \`functions\`, a folder \`functions/<name>\` that says itself what it is (by
an index.ts, main.py, go.mod and so on, see [packaging](../packaging.md)) is a function, too.`;

const merging = `One rule for all layers, JSON Merge Patch (RFC 7396): maps are merged key by key, anything else (text, numbers, lists) takes the
place of what was there, and \`null\` takes a key away.

\`\`\`yaml
defaults:
  variables: {LEVEL: info, REGION: eu}
  layers: [Fonts, Tools]
  timeout: 10s
functions:
  report:
    handler: src/report.handler
    variables: {LEVEL: debug}  # LEVEL is debug, REGION is eu
    layers: [Fonts]            # Fonts alone
    timeout: null              # as if nothing were written
\`\`\`

Two things differ. \`permissions\` of \`defaults\` and of a function add up. And \`extend\` is itself merged over the resources that fx
makes, so a \`null\` in it stays until then, whichever layer it stands in.`;

const lookups = `In any value, \`\${…}\` stands for something else. A value that is one lookup and nothing else may be a number, a flag, a list or a map;
within other text it is text. After a comma stands what to take where nothing is found: \`\${var.LEVEL, info}\`; without it, that is an
error. Lookups may stand inside lookups: \`\${params.size.\${env}}\`, but not in keys. \`$\${\` is a plain \`\${\`. In \`!Sub\`, \`\${…}\` is CloudFormation's
and left alone.`;

const events = `\`events\` is a list. Each element has one key, the source of the events:`;

const elsewhere = `What the Serverless Framework, SAM, Apex or AWS call a key, in any spelling of capitals, \`-\` and \`_\`. fx says the same where it finds
one of them in a project file.`;

export const prose = { head, order, merging, lookups, events, elsewhere } as const;
