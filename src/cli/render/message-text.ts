// What functions wrote, for the eyes: without what moves the cursor, and errors with their stack traces.

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours may pass, what moves the cursor may not
export const printable = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g, '');

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const colours = /\u001b\[[\d;]*m/g;

/** Without the colours that functions write themselves. */
export const uncoloured = (text: string): string => printable(text.replace(colours, '')).replaceAll('\u001b', '');

/** One line without colours. */
export const plainText = (text: string): string => uncoloured(text).replaceAll('\n', '\\n');

/** On the local AWS, code runs in a copy; what is left of its path is relative to the project. */
export const codePlace = /(?:file:\/\/)?[^\s()]*[\\/]lambda[\\/](?:code[\\/][0-9a-f]{64}|inspect[\\/][^\\/]+)[\\/]/g;

/** Without the frames of Node.js and of Lambda's runtime. */
export function ownFrames(stack: readonly string[]): readonly string[] {
  return stack.filter(
    (line) => !/lambda-boot|node:internal|at new Promise \(<anonymous>\)|\/var\/runtime\//.test(line),
  );
}

/** The stack trace of an error that nobody caught, as Lambda's runtime for Node.js writes it; undefined for any other text. */
export function thrownStack(text: string): string | undefined {
  const thrown =
    /^(?:Invoke|Init|Uncaught Exception|Unhandled Promise Rejection|Unhandled) ?(?:Error)? ?\t(\{[\s\S]*)$/.exec(
      text,
    )?.[1];
  if (thrown === undefined) return undefined;
  try {
    const { stack } = JSON.parse(thrown) as { readonly stack?: readonly string[] };
    return stack && ownFrames(stack).join('\n');
  } catch {
    return undefined;
  }
}
