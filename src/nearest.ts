/**
 * Finds the name that is nearest to a misspelt one.
 *
 * @module
 */

/** The name with the fewest edits from `given`, if these are few in relation to its length. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const [first] = names.map((name) => ({ name, edits: editsBetween(given, name) }))
    .filter(({ name, edits }) =>
      edits <= Math.max(1, Math.floor(name.length / 3)) || (given !== "" && name.startsWith(given))
    )
    .sort((one, other) => one.edits - other.edits);
  return first?.name;
}

/** The Levenshtein distance, where a swap of neighbours counts as one edit. */
function editsBetween(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      // Each index is at most the length of its row.
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[one.length]![other.length]!; // the last cell
}
