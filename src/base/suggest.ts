// Finds the word of a list that was probably meant.

/** The nearest of the known words, the first of those as near, if it is near enough for a typo. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= limit) return best.candidate;
  // a truncated word
  const longer =
    word.length >= 3 ? known.filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase())) : [];
  return longer.length === 1 ? longer[0] : undefined;
}

/** Edits between two words: insertions, deletions, substitutions, and swaps of neighbours. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const cell = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        cell(row - 1, column) + 1,
        (current[column - 1] ?? 0) + 1,
        cell(row - 1, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, cell(row - 2, column - 2) + 1);
      current[column] = best;
    }
  }
  return cell(a.length, b.length);
}
