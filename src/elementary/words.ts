// The two 32-bit words of a double, and exact powers of two: what fdlibm's forms are written in.

/** Little-endian, as all of WebAssembly is. */
const float = new Float64Array(1)
const halves = new Int32Array(float.buffer)

/** Sign, exponent and the upper 20 bits of the fraction, as a signed number. */
export function highWord(x: number): number {
  float[0] = x
  return halves[1]!
}

/** The lower 32 bits of the fraction. */
export function lowWord(x: number): number {
  float[0] = x
  return halves[0]! >>> 0
}

/** The double of two words; only their lowest 32 bits count. */
export function fromWords(high: number, low: number): number {
  halves[0] = low
  halves[1] = high
  return float[0]!
}

/** From the smallest double on, 2 ** -1074. */
const powers = new Float64Array(2098).fill(Number.MIN_VALUE)
for (let i = 1; i < powers.length; i++) powers[i] = 2 * powers[i - 1]!

/** 2 ** k exactly, for a whole k from -1074 to 1023. */
export function twoTo(k: number): number {
  return powers[k + 1074]!
}

/** By sign and exponent of a double, 2 to that exponent over 2^20; 0 for subnormal ones. */
const units = Float64Array.from({ length: 4096 }, (_, i) => {
  const unit = (i & 0x7ff) === 0 ? 0 : twoTo((i & 0x7ff) - 1043)
  return i < 2048 ? unit : -unit
})

/** The double with this high word whose low word is 0. By arithmetic: what is put together in memory is slow to read back. */
export function fromHighWord(high: number): number {
  return ((high & 0xfffff) | 0x100000) * units[high >>> 20]!
}

/** A finite x with its low word zero; 0 for subnormal ones. */
export function withoutLowWord(x: number): number {
  return fromHighWord(highWord(x))
}
