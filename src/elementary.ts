// exp, log, sin and their like with the same bits on every engine: what V8, SpiderMonkey and their versions compute differs in last digits.
import * as exponentials from './elementary/exponentials.ts'
import * as hyperbolic from './elementary/hyperbolic.ts'
import * as inverse from './elementary/inverse-trigonometry.ts'
import { cbrt, hypotOf, pow } from './elementary/powers.ts'
import { cos, sin, tan } from './elementary/trigonometry.ts'

export { exp, expm1, log, log1p, log2, log10 } from './elementary/exponentials.ts'
export { acosh, asinh, atanh, cosh, sinh, tanh } from './elementary/hyperbolic.ts'
export { acos, asin, atan, atan2 } from './elementary/inverse-trigonometry.ts'
export { cbrt, hypot, pow, square } from './elementary/powers.ts'
export { cos, sin, tan } from './elementary/trigonometry.ts'

/**
 * `Math` with these functions in place of the engine's; the others (`sqrt`, `abs`, `floor` ...) are the engine's own, which ECMAScript
 * specifies to the bit. Files of scenarios, algorithms and policies have it as their `Math`, and their `**` is its `pow`.
 */
export const portableMath: Math = Object.assign(Object.create(Math), {
  ...exponentials,
  ...hyperbolic,
  ...inverse,
  cbrt,
  cos,
  hypot: (...values: number[]) => hypotOf(values.map(Number)),
  pow,
  sin,
  tan,
})
