// Names in a sentence, without the many that would fill a screen.

/** `a, b, c and 4 more`. */
export function shortList(names: readonly string[], most: number): string {
  return names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');
}
