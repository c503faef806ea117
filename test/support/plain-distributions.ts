// Distributions of actions in double precision, written from their definitions: what those of src/agents are held against.
import type { DistributionConfig } from '../../src/agents/distribution.ts'
import type { ActionSpace } from '../../src/spaces.ts'

type Row = ArrayLike<number>

export interface PlainDistribution {
  logProbability(outputs: Row, actions: Row, drawn: Row): number
  /** The density of what the entropy is the entropy of: of a squashed number that of the normal number behind it. */
  logDensityOfDrawn(outputs: Row, actions: Row, drawn: Row): number
  entropy(outputs: Row): number
  divergence(a: Row, b: Row): number
}

/** One part; its rows are its own columns. */
type PlainPart = PlainDistribution & { readonly outputs: number; readonly size: number }

export function plainDistribution(
  space: ActionSpace,
  { boxes = 'squashedGaussian', temperature = 1 }: DistributionConfig,
): PlainDistribution {
  const t = typeof temperature === 'number' ? temperature : temperature()
  const parts = space.map((part): PlainPart => {
    if (part.kind === 'choice') return part.soft ? concrete(part.size, t) : categorical(part.size)
    if (boxes === 'beta') return betas(part.size, part.low, part.high)
    return boxes === 'clippedGaussian'
      ? clipped(part.size, part.low, part.high)
      : squashed(part.size, part.low, part.high)
  })
  const sum = (f: (part: PlainPart, outputs: (row: Row) => number[], actions: (row: Row) => number[]) => number) => {
    let [output, action, total] = [0, 0, 0]
    for (const part of parts) {
      const [o, a] = [output, action]
      total += f(
        part,
        row => slice(row, o, part.outputs),
        row => slice(row, a, part.size),
      )
      output += part.outputs
      action += part.size
    }
    return total
  }
  return {
    logProbability: (outputs, actions, drawn) =>
      sum((part, o, a) => part.logProbability(o(outputs), a(actions), a(drawn))),
    logDensityOfDrawn: (outputs, actions, drawn) =>
      sum((part, o, a) => part.logDensityOfDrawn(o(outputs), a(actions), a(drawn))),
    entropy: outputs => sum((part, o) => part.entropy(o(outputs))),
    divergence: (p, q) => sum((part, o) => part.divergence(o(p), o(q))),
  }
}

function categorical(size: number): PlainPart {
  const logProbability = (outputs: Row, actions: Row) => dot(logSoftmax(outputs), actions)
  return {
    outputs: size,
    size,
    logProbability,
    logDensityOfDrawn: logProbability,
    entropy: outputs => -logSoftmax(outputs).reduce((sum, l) => sum + Math.exp(l) * l, 0),
    divergence(a, b) {
      const q = logSoftmax(b)
      return logSoftmax(a).reduce((sum, l, j) => sum + Math.exp(l) * (l - q[j]!), 0)
    },
  }
}

/** Maddison, Mnih and Teh 2017, definition 1. */
function concrete(size: number, t: number): PlainPart {
  return {
    ...categorical(size),
    logProbability(outputs, actions) {
      const weights = Array.from(outputs, (l, k) => Math.exp(l) * actions[k]! ** -t)
      const total = weights.reduce((a, b) => a + b)
      const each = weights.map((w, k) => Math.log(w / actions[k]! / total))
      return Math.log(factorial(size - 1)) + (size - 1) * Math.log(t) + each.reduce((a, b) => a + b)
    },
  }
}

function normals(size: number): Omit<PlainPart, 'logProbability'> & { log(outputs: Row, drawn: Row): number } {
  const log = (outputs: Row, drawn: Row) =>
    total(size, i => {
      const deviation = Math.exp(outputs[size + i]!)
      return Math.log(
        Math.exp(-(((drawn[i]! - outputs[i]!) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI)),
      )
    })
  return {
    outputs: 2 * size,
    size,
    log,
    logDensityOfDrawn: (outputs, _, drawn) => log(outputs, drawn),
    entropy: outputs => total(size, i => Math.log(2 * Math.PI * Math.E * Math.exp(2 * outputs[size + i]!)) / 2),
    divergence: (a, b) =>
      total(size, i => {
        const [va, vb] = [Math.exp(2 * a[size + i]!), Math.exp(2 * b[size + i]!)]
        return Math.log(vb / va) / 2 + (va + (a[i]! - b[i]!) ** 2) / (2 * vb) - 0.5
      }),
  }
}

function squashed(size: number, low: number, high: number): PlainPart {
  const { log, ...rest } = normals(size)
  return {
    ...rest,
    // 1 - tanh(u)^2 = 1 / cosh(u)^2, which is no 0 where tanh(u) is 1 to the last digit.
    logProbability: (outputs, _, drawn) =>
      log(outputs, drawn) - total(size, i => Math.log((high - low) / 2 / Math.cosh(drawn[i]!) ** 2)),
  }
}

function clipped(size: number, low: number, high: number): PlainPart {
  const { log, ...rest } = normals(size)
  return { ...rest, logProbability: (outputs, _, drawn) => log(outputs, drawn) - size * Math.log((high - low) / 2) }
}

/** Entropy and divergence by the midpoint rule over the density. */
function betas(size: number, low: number, high: number): PlainPart {
  const shapes = (outputs: Row, i: number) =>
    [1 + Math.log1p(Math.exp(outputs[i]!)), 1 + Math.log1p(Math.exp(outputs[size + i]!))] as const
  const steps = 400
  const unnormalised = (x: number, [a, b]: readonly [number, number]) =>
    (a - 1) * Math.log(x) + (b - 1) * Math.log(1 - x)
  const integrate = (f: (x: number) => number) => {
    let sum = 0
    // x = sin^2, so that the ends, where the slope is infinite, are met gently.
    for (let k = 0; k < steps; k++) {
      const angle = ((k + 0.5) / steps) * (Math.PI / 2)
      sum += f(Math.sin(angle) ** 2) * Math.sin(2 * angle) * (Math.PI / 2 / steps)
    }
    return sum
  }
  const normaliser = (shape: readonly [number, number]) => Math.log(integrate(x => Math.exp(unnormalised(x, shape))))
  const logDensity = (x: number, shape: readonly [number, number], logB = normaliser(shape)) =>
    unnormalised(x, shape) - logB - Math.log(high - low)
  const logProbability = (outputs: Row, actions: Row) =>
    total(size, i => logDensity((actions[i]! - low) / (high - low), shapes(outputs, i)))
  const expectation = (p: readonly [number, number], f: (x: number) => number) => {
    const logB = normaliser(p)
    return integrate(x => Math.exp(unnormalised(x, p) - logB) * f(x))
  }
  return {
    outputs: 2 * size,
    size,
    logProbability,
    logDensityOfDrawn: logProbability,
    entropy: outputs =>
      total(size, i => {
        const shape = shapes(outputs, i)
        const logB = normaliser(shape)
        return -expectation(shape, x => logDensity(x, shape, logB))
      }),
    divergence: (a, b) =>
      total(size, i => {
        const [p, q] = [shapes(a, i), shapes(b, i)]
        const [logP, logQ] = [normaliser(p), normaliser(q)]
        return expectation(p, x => logDensity(x, p, logP) - logDensity(x, q, logQ))
      }),
  }
}

function total(size: number, f: (i: number) => number): number {
  let sum = 0
  for (let i = 0; i < size; i++) sum += f(i)
  return sum
}

function slice(row: Row, from: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => row[from + i]!)
}

function dot(a: Row, b: Row): number {
  return total(a.length, i => (b[i] === 0 ? 0 : a[i]! * b[i]!))
}

function logSoftmax(logits: Row): number[] {
  const sum = Math.log(total(logits.length, j => Math.exp(logits[j]!)))
  return Array.from(logits, l => l - sum)
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1)
}
