/**
 * Selection without sorting. One pass counts numbers by the first bits of their doubles, whose order is that of the numbers;
 * only those of the class that holds the n-th, a twentieth or so, are looked at again.
 */

/** Sign, exponent and the first four bits of the fraction. */
const CLASSES = 2 ** 16;

/** The n-th largest number of a list, n from 1. */
export function nthLargest(list: Float64Array, n: number): number {
  const words = new Int32Array(list.buffer, list.byteOffset, 2 * list.length);
  const counts = new Uint32Array(CLASSES);
  for (let i = 1; i < words.length; i += 2) counts[classOf(words[i]!)]!++;
  let [at, above] = [CLASSES - 1, 0];
  while (above + counts[at]! < n) above += counts[at--]!;
  const inside = new Float64Array(counts[at]!);
  let found = 0;
  for (let i = 1; i < words.length; i += 2) if (classOf(words[i]!) === at) inside[found++] = list[i >> 1]!;
  return quickselect(inside, n - above);
}

/** Of the upper half of a double: ascending with it. Below zero larger bits are smaller numbers. */
const classOf = (word: number): number => (word < 0 ? ~word >> 16 : (word >> 16) + CLASSES / 2);

/** Hoare's: the list is reordered. */
function quickselect(list: Float64Array, n: number): number {
  const at = list.length - n;
  let [low, high] = [0, list.length - 1];
  while (low < high) {
    const pivot = median(list[low]!, list[(low + high) >> 1]!, list[high]!);
    let [i, j] = [low, high];
    while (i <= j) {
      while (list[i]! < pivot) i++;
      while (list[j]! > pivot) j--;
      if (i > j) break;
      const swapped = list[i]!;
      list[i++] = list[j]!;
      list[j--] = swapped;
    }
    if (at <= j) high = j;
    else if (at >= i) low = i;
    else break;
  }
  return list[at]!;
}

const median = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
