// The Beta distribution of a box: all of its probability lies within the bounds (Chou, Maturana and Scherer 2017).

import { exp, log, log1p, pow } from '../../elementary.ts'
import { derivedKey, type NoiseKey, noiseNormal, noiseUniform } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { PartDistribution, Place, Taken } from './part.ts'
import { digamma, logGamma, trigamma } from './special-functions.ts'
import type { Bounds } from './squashed-gaussian.ts'

/** Numbers are kept this far inside of 0 ... 1, where the density may be 0 or infinite. */
const inside = 2 ** -24

/**
 * action = low + (high - low) x, x ~ Beta(alpha, beta), alpha = 1 + softplus(z1) and beta = 1 + softplus(z2), so that there is one peak; the
 * `size` outputs z1 stand first, then the `size` outputs z2. The mode is (alpha - 1) / (alpha + beta - 2).
 */
export function beta(place: Place, { low, high }: Bounds): PartDistribution {
  const { size } = place
  const width = high - low
  const logWidth = log(width)
  const shapes = (outputs: Matrix, first: number) =>
    [shape(outputs.data[first]!), shape(outputs.data[first + size]!)] as const
  const slopes = (outputs: Matrix, first: number) =>
    [sigmoid(outputs.data[first]!), sigmoid(outputs.data[first + size]!)] as const
  /** Visits every number: its row, the index of its z1, and of its place in an action row. */
  const each = (
    outputs: Matrix,
    actions: Pick<Matrix, 'columns'>,
    visit: (row: number, z1: number, action: number) => void,
  ) => {
    for (let row = 0; row < outputs.rows; row++) {
      for (let i = 0; i < size; i++) {
        visit(row, row * outputs.columns + place.output + i, row * actions.columns + place.action + i)
      }
    }
  }
  const placeWithin = ({ actions }: Taken, action: number) => within((actions.data[action]! - low) / width)
  const write = (to: Matrix, action: number, x: number) => {
    to.data[action] = Math.min(high, Math.max(low, low + width * x))
  }
  return {
    kind: 'box',
    place,
    outputs: 2 * size,
    needsDrawn: false,
    sample(outputs, noise, { actions }) {
      each(outputs, actions, (_, z1, action) => {
        const [a, b] = shapes(outputs, z1)
        const x = gammaNumber(a, noise, z1)
        write(actions, action, within(x / (x + gammaNumber(b, noise, z1 + size))))
      })
    },
    mode(outputs, to) {
      each(outputs, to, (_, z1, action) => {
        const [a, b] = shapes(outputs, z1)
        write(to, action, a + b === 2 ? 0.5 : (a - 1) / (a + b - 2))
      })
    },
    mean(outputs, to) {
      each(outputs, to, (_, z1, action) => {
        const [a, b] = shapes(outputs, z1)
        write(to, action, a / (a + b))
      })
    },
    // (alpha - 1) log x + (beta - 1) log(1 - x) - log B(alpha, beta) - log(high - low)
    logProbability(outputs, taken, to) {
      each(outputs, taken.actions, (row, z1, action) => {
        const [a, b] = shapes(outputs, z1)
        const x = placeWithin(taken, action)
        to[row]! += (a - 1) * log(x) + (b - 1) * log1p(-x) - logBeta(a, b) - logWidth
      })
    },
    // d / d alpha = log x - psi(alpha) + psi(alpha + beta), d / d beta = log(1 - x) - psi(beta) + psi(alpha + beta), times the slopes.
    logProbabilityGradient(outputs, taken, scale, to) {
      each(outputs, taken.actions, (row, z1, action) => {
        const [a, b] = shapes(outputs, z1)
        const [slopeA, slopeB] = slopes(outputs, z1)
        const x = placeWithin(taken, action)
        const sum = digamma(a + b)
        to.data[z1] = scale[row]! * slopeA * (log(x) - digamma(a) + sum)
        to.data[z1 + size] = scale[row]! * slopeB * (log1p(-x) - digamma(b) + sum)
      })
    },
    // log B - (alpha - 1) psi(alpha) - (beta - 1) psi(beta) + (alpha + beta - 2) psi(alpha + beta) + log(high - low)
    entropy(outputs, to) {
      each(outputs, outputs, (row, z1) => {
        const [a, b] = shapes(outputs, z1)
        const ofShapes = (a - 1) * digamma(a) + (b - 1) * digamma(b) - (a + b - 2) * digamma(a + b)
        to[row]! += logBeta(a, b) - ofShapes + logWidth
      })
    },
    entropyGradient(outputs, scale, to) {
      each(outputs, to, (row, z1) => {
        const [a, b] = shapes(outputs, z1)
        const [slopeA, slopeB] = slopes(outputs, z1)
        const ofSum = (a + b - 2) * trigamma(a + b)
        to.data[z1] = scale[row]! * slopeA * (ofSum - (a - 1) * trigamma(a))
        to.data[z1 + size] = scale[row]! * slopeB * (ofSum - (b - 1) * trigamma(b))
      })
    },
    // log B_q - log B_p + (a_p - a_q) psi(a_p) + (b_p - b_q) psi(b_p) + (a_q - a_p + b_q - b_p) psi(a_p + b_p)
    divergence(p, q, to) {
      each(p, p, (row, z1) => {
        const [aP, bP] = shapes(p, z1)
        const [aQ, bQ] = shapes(q, z1 + row * (q.columns - p.columns))
        const ofShapes = (aP - aQ) * digamma(aP) + (bP - bQ) * digamma(bP)
        to[row]! += logBeta(aQ, bQ) - logBeta(aP, bP) + ofShapes + (aQ - aP + bQ - bP) * digamma(aP + bP)
      })
    },
    // d / d a_q = psi(a_q) - psi(a_q + b_q) - psi(a_p) + psi(a_p + b_p), and alike for b_q.
    divergenceGradient(p, q, scale, to) {
      each(p, p, (row, z1) => {
        const other = z1 + row * (q.columns - p.columns)
        const [aP, bP] = shapes(p, z1)
        const [aQ, bQ] = shapes(q, other)
        const [slopeA, slopeB] = slopes(q, other)
        const sums = digamma(aP + bP) - digamma(aQ + bQ)
        to.data[other] = scale[row]! * slopeA * (digamma(aQ) - digamma(aP) + sums)
        to.data[other + size] = scale[row]! * slopeB * (digamma(bQ) - digamma(bP) + sums)
      })
    },
    // The Fisher matrix times (alpha_p - alpha_q, beta_p - beta_q), as these are natural parameters.
    divergenceGradientOfFirst(p, q, scale, to) {
      each(p, p, (row, z1) => {
        const other = z1 + row * (q.columns - p.columns)
        const [aP, bP] = shapes(p, z1)
        const [aQ, bQ] = shapes(q, other)
        const [slopeA, slopeB] = slopes(p, z1)
        const both = trigamma(aP + bP) * (aP - aQ + bP - bQ)
        to.data[z1] = scale[row]! * slopeA * (trigamma(aP) * (aP - aQ) - both)
        to.data[z1 + size] = scale[row]! * slopeB * (trigamma(bP) * (bP - bQ) - both)
      })
    },
    // In (alpha, beta): [[psi'(a) - psi'(a + b), -psi'(a + b)], [-psi'(a + b), psi'(b) - psi'(a + b)]], between the slopes.
    fisher(outputs, tangent, to) {
      each(outputs, to, (_, z1) => {
        const [a, b] = shapes(outputs, z1)
        const [slopeA, slopeB] = slopes(outputs, z1)
        const both = trigamma(a + b)
        const [tangentA, tangentB] = [slopeA * tangent.data[z1]!, slopeB * tangent.data[z1 + size]!]
        to.data[z1] = slopeA * (trigamma(a) * tangentA - both * (tangentA + tangentB))
        to.data[z1 + size] = slopeB * (trigamma(b) * tangentB - both * (tangentA + tangentB))
      })
    },
  }
}

function within(x: number): number {
  return Math.min(1 - inside, Math.max(inside, x))
}

/** 1 + softplus(z) */
function shape(z: number): number {
  return 1 + Math.max(z, 0) + log1p(exp(-Math.abs(z)))
}

/** The derivative of the softplus. */
function sigmoid(z: number): number {
  return 1 / (1 + exp(-z))
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/**
 * A Gamma(shape, 1) number for a shape of at least 1, by rejection (Marsaglia and Tsang 2000). Attempt k takes its numbers from
 * `derivedKey(noise, k)`, so that the number is a function of key and element; about 5 % of attempts are rejected.
 */
function gammaNumber(shape: number, noise: NoiseKey, element: number): number {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (let attempt = 0; ; attempt += 2) {
    const key = derivedKey(noise, attempt)
    const n = noiseNormal(key, 2 * element, 2 * element + 1)
    const v = pow(1 + c * n, 3)
    if (v <= 0) continue
    const u = noiseUniform(derivedKey(noise, attempt + 1), element)
    if (log(u) < (n * n) / 2 + d - d * v + d * log(v)) return d * v
  }
}
