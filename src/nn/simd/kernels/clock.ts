// The processor's clock, as a program sees it: for benchmarks.

/** `times` times 16 whole-number operations that each wait for the one before, one cycle each. */
export function chain(times: i32, word: i32): i32 {
  let x = word
  for (let i = 0; i < times; i++) {
    x = rotl(x, 3) ^ word
    x = rotl(x, 5) ^ word
    x = rotl(x, 7) ^ word
    x = rotl(x, 11) ^ word
    x = rotl(x, 13) ^ word
    x = rotl(x, 17) ^ word
    x = rotl(x, 19) ^ word
    x = rotl(x, 23) ^ word
  }
  return x
}
