// JSON documents one after the other in a text that arrives in pieces: a line each, or any other way.
import { FxError } from './error.ts';

/** The text of each document, as soon as it has ended. Between documents there may be white space. Throws USAGE, with the number of the
 * document and its line, for one that is not JSON. */
export async function* jsonDocuments(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  const scanner = new Scanner();
  for await (const piece of pieces) yield* scanner.read(piece);
  yield* scanner.end();
}

/** The same of a whole text. */
export function documentsIn(text: string): readonly string[] {
  const scanner = new Scanner();
  return [...scanner.read(text), ...scanner.end()];
}

class Scanner {
  #text = '';
  /** How many brackets are open. */
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #line = 1;
  #startLine = 1;
  #count = 0;

  *read(piece: string): Generator<string> {
    for (const character of piece) {
      if (character === '\n') this.#line++;
      if (this.#isInString) {
        this.#text += character;
        if (this.#isEscaped) this.#isEscaped = false;
        else if (character === '\\') this.#isEscaped = true;
        else if (character === '"') {
          this.#isInString = false;
          if (this.#depth === 0) yield this.#document();
        }
        continue;
      }
      if (/\s/.test(character)) {
        if (this.#depth > 0) this.#text += character;
        else if (this.#text !== '') yield this.#document();
        continue;
      }
      const opens = character === '{' || character === '[';
      // a number or a word ends where something else begins
      if (this.#depth === 0 && this.#text !== '' && (opens || character === '"')) yield this.#document();
      if (this.#text === '') this.#startLine = this.#line;
      this.#text += character;
      if (character === '"') this.#isInString = true;
      else if (opens) this.#depth++;
      else if (character === '}' || character === ']') {
        this.#depth = Math.max(0, this.#depth - 1);
        if (this.#depth === 0) yield this.#document();
      }
    }
  }

  *end(): Generator<string> {
    if (this.#text !== '') yield this.#document();
  }

  #document(): string {
    const text = this.#text;
    this.#text = '';
    this.#depth = 0;
    this.#isInString = false;
    this.#count++;
    try {
      JSON.parse(text);
    } catch (cause) {
      const which =
        this.#count === 1 && this.#startLine === 1 ? 'the event' : `event ${this.#count}, at line ${this.#startLine},`;
      throw new FxError('USAGE', `${which} is not valid JSON: ${(cause as Error).message}`, {
        hint: `such as --data '{"id": 1}'`,
        cause,
      });
    }
    return text;
  }
}
