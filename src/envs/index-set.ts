// A set of small whole numbers that is emptied in ascending order, whatever the order in which they came.

/** Two levels of bits: a word of `#summary` tells which words of `#words` hold something. */
export class IndexSet {
  readonly #words: Int32Array
  readonly #summary: Int32Array

  /** For numbers 0 ... length - 1. */
  constructor(length: number) {
    this.#words = new Int32Array((length + 31) >> 5)
    this.#summary = new Int32Array((length + 1023) >> 10)
  }

  add(index: number): void {
    this.#words[index >> 5]! |= 1 << (index & 31)
    this.#summary[index >> 10]! |= 1 << ((index >> 5) & 31)
  }

  /** Writes all numbers into `target`, smallest first, and gives how many; the set is empty then. */
  drain(target: Int32Array): number {
    let count = 0
    for (let s = 0; s < this.#summary.length; s++) {
      for (let summary = this.#summary[s]!; summary !== 0; summary &= summary - 1) {
        const w = (s << 5) + lowestBit(summary)
        for (let word = this.#words[w]!; word !== 0; word &= word - 1) target[count++] = (w << 5) + lowestBit(word)
        this.#words[w] = 0
      }
      this.#summary[s] = 0
    }
    return count
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}
