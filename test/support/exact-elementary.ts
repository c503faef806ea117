// Elementary functions in fixed-point arithmetic with 320 bits after the point, and distances to them in units in the last place.

const bits = 320n
const one = 1n << bits

/** A double, exactly; for sizes from 2^-250 on. */
function fixed(x: number): bigint {
  let exponent = 0
  let value = x
  while (!Number.isInteger(value)) {
    value *= 2
    exponent++
  }
  return (BigInt(value) << bits) >> BigInt(exponent)
}

const times = (a: bigint, b: bigint) => (a * b) >> bits
const over = (a: bigint, b: bigint) => (a << bits) / b

/** The sum of term(0) + term(1) + ... until they vanish. */
function series(first: bigint, next: (term: bigint, n: bigint) => bigint): bigint {
  let sum = 0n
  for (let [term, n] = [first, 1n]; term !== 0n && term !== -1n; term = next(term, n++)) sum += term
  return sum
}

/** artanh(a) or, with `sign` -1, arctan(a), for small |a|. */
function arc(a: bigint, sign: bigint): bigint {
  const square = sign * times(a, a)
  let sum = 0n
  for (let [power, n] = [a, 1n]; power !== 0n && power !== -1n; power = times(power, square), n += 2n) sum += power / n
  return sum
}

const ln2 = 2n * arc(one / 3n, 1n)
const pi = 4n * (4n * arc(one / 5n, -1n) - arc(one / 239n, -1n))

function root(a: bigint): bigint {
  if (a === 0n) return 0n
  let x = fixed(Math.sqrt(Number(a) / Number(one)))
  for (let i = 0; i < 4; i++) x = (x + over(a, x)) / 2n
  return x
}

function exp(a: bigint): bigint {
  const k = a / ln2
  const sum = series(one, (term, n) => times(term, a - k * ln2) / n)
  return k >= 0n ? sum << k : sum >> -k
}

/** @throws where there is none. */
function log(a: bigint): bigint {
  if (a <= 0n) throw new RangeError('log of what is not positive')
  let [k, x] = [0n, a]
  for (; x > (3n * one) / 2n; k++) x /= 2n
  for (; x < (3n * one) / 4n; k--) x *= 2n
  // Halved numbers are cut off below 2^-320.
  return k * ln2 + 2n * arc(over(x - one, x + one), 1n)
}

function sin(a: bigint): bigint {
  const rest = a - (a / (2n * pi)) * 2n * pi
  const square = times(rest, rest)
  return series(rest, (term, n) => -times(term, square) / (2n * n * (2n * n + 1n)))
}

function atan(a: bigint): bigint {
  if (a < 0n) return -atan(-a)
  if (a > one) return pi / 2n - atan(over(one, a))
  // Twice halved: atan(a) = 2 atan(a / (1 + sqrt(1 + a^2))).
  const half = (t: bigint) => over(t, one + root(one + times(t, t)))
  return 4n * arc(half(half(a)), -1n)
}

const cos = (a: bigint) => sin(a + pi / 2n)
const asin = (a: bigint) => atan(over(a, root(one - times(a, a))))
const sinh = (a: bigint) => (exp(a) - exp(-a)) / 2n
const cosh = (a: bigint) => (exp(a) + exp(-a)) / 2n

export const exact: Readonly<Record<string, (...values: bigint[]) => bigint>> = {
  exp: a => exp(a!),
  expm1: a => exp(a!) - one,
  log: a => log(a!),
  log1p: a => log(one + a!),
  log2: a => over(log(a!), ln2),
  log10: a => over(log(a!), log(10n * one)),
  sin: a => sin(a!),
  cos: a => cos(a!),
  tan: a => over(sin(a!), cos(a!)),
  asin: a => asin(a!),
  acos: a => pi / 2n - asin(a!),
  atan: a => atan(a!),
  sinh: a => sinh(a!),
  cosh: a => cosh(a!),
  tanh: a => over(sinh(a!), cosh(a!)),
  asinh: a => log(a! + root(times(a!, a!) + one)),
  acosh: a => log(a! + root(times(a!, a!) - one)),
  atanh: a => log(over(one + a!, one - a!)) / 2n,
  cbrt: a => (a! < 0n ? -exp(log(-a!) / 3n) : exp(log(a!) / 3n)),
  pow: (a, b) => exp(times(b!, log(a!))),
  atan2: (b, a) => (a! > 0n ? atan(over(b!, a!)) : atan(over(b!, a!)) + (b! < 0n ? -pi : pi)),
  hypot: (a, b) => root(times(a!, a!) + times(b!, b!)),
}

/** How many units in the last place y is away from what the function gives for the values. */
export function unitsOff(name: string, values: readonly number[], y: number): number {
  const wanted = exact[name]!(...values.map(fixed))
  const size = Math.max(Math.abs(Number(wanted) / Number(one)), 2 ** -200)
  const unit = 2 ** (Math.floor(Math.log2(size)) - 52)
  return Math.abs(Number(fixed(y) - wanted) / Number(one)) / unit
}
