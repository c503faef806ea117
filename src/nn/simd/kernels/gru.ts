// The gates of a gated recurrent unit, fused: one pass forward, one back, one for tangents. Products are done before and after.
// Every element is computed by the same vector operations wherever it stands, so its bits depend neither on the batch nor on
// how rows are shared out among threads. Matrices are rows without gaps: gates and their kin [rows, 3 size] in the order
// r, z, n, the others [rows, size].
import { tanh4 } from './activation'
import { storeFew } from './lanes'
import { exp4 } from './transcendental'

/** 1 / (1 + exp -x); an exp that leaves float32 is clamped by exp4, so the ends are 0 and 1 to rounding. */
// @ts-ignore: decorator
@inline
function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))))
}

/**
 * `gates`: x W + b before, r z n after; `recurrent`: h U + c; `before`: h.
 * after = (1 - z) n + z h = n + z (h - n).
 */
export function gruForward(gates: usize, recurrent: usize, before: usize, after: usize, rows: i32, size: i32): void {
  const width = (<usize>size) << 2
  for (let row = 0; row < rows; row++) {
    // In two loops, since one would wait at every n for its r.
    for (let j = 0; j < 2 * size; j += 4) {
      const at = (<usize>j) << 2
      storeFew(gates + at, sigmoid4(f32x4.add(v128.load(gates + at), v128.load(recurrent + at))), 2 * size - j)
    }
    for (let j = 0; j < size; j += 4) {
      const r = gates + ((<usize>j) << 2)
      const z = r + width
      const n = z + width
      const at = (<usize>j) << 2
      const left = size - j
      const t = tanh4(f32x4.add(v128.load(n), f32x4.mul(v128.load(r), v128.load(recurrent + 2 * width + at))))
      storeFew(n, t, left)
      storeFew(after + at, f32x4.add(t, f32x4.mul(v128.load(z), f32x4.sub(v128.load(before + at), t))), left)
    }
    gates += 3 * width
    recurrent += 3 * width
    before += width
    after += width
  }
}

/**
 * From the gradient at `after` (the sum of `above` and, if there is one, of `later`: what the following step hands back) the gradients at
 * x W + b and at h U + c, and `direct`, the gradient at h that does not pass through h U + c.
 */
export function gruBackward(
  gates: usize, recurrent: usize, before: usize, above: usize, later: usize,
  gatesGradient: usize, recurrentGradient: usize, direct: usize, rows: i32, size: i32,
): void {
  const width = (<usize>size) << 2
  const one = f32x4.splat(1)
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < size; j += 4) {
      const at = (<usize>j) << 2
      const left = size - j
      const r = v128.load(gates + at)
      const z = v128.load(gates + at + width)
      const n = v128.load(gates + at + 2 * width)
      const q = v128.load(recurrent + at + 2 * width)
      let g = v128.load(above + at)
      if (later != 0) g = f32x4.add(g, v128.load(later + at))
      const gn = f32x4.mul(f32x4.mul(g, f32x4.sub(one, z)), f32x4.sub(one, f32x4.mul(n, n)))
      const gz = f32x4.mul(f32x4.mul(g, f32x4.sub(v128.load(before + at), n)), f32x4.mul(z, f32x4.sub(one, z)))
      const gr = f32x4.mul(f32x4.mul(gn, q), f32x4.mul(r, f32x4.sub(one, r)))
      const to = gatesGradient + at
      storeFew(to, gr, left)
      storeFew(to + width, gz, left)
      storeFew(to + 2 * width, gn, left)
      const also = recurrentGradient + at
      storeFew(also, gr, left)
      storeFew(also + width, gz, left)
      storeFew(also + 2 * width, f32x4.mul(gn, r), left)
      storeFew(direct + at, f32x4.mul(g, z), left)
    }
    gates += 3 * width
    recurrent += 3 * width
    before += width
    above += width
    if (later != 0) later += width
    gatesGradient += 3 * width
    recurrentGradient += 3 * width
    direct += width
  }
}

/** The tangent of `after` from those of x W + b, of h U + c and of h. */
export function gruTangent(
  gates: usize, recurrent: usize, before: usize,
  gatesTangent: usize, recurrentTangent: usize, beforeTangent: usize, afterTangent: usize, rows: i32, size: i32,
): void {
  const width = (<usize>size) << 2
  const one = f32x4.splat(1)
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < size; j += 4) {
      const at = (<usize>j) << 2
      const r = v128.load(gates + at)
      const z = v128.load(gates + at + width)
      const n = v128.load(gates + at + 2 * width)
      const q = v128.load(recurrent + at + 2 * width)
      const p = gatesTangent + at
      const s = recurrentTangent + at
      const tr = f32x4.mul(f32x4.mul(r, f32x4.sub(one, r)), f32x4.add(v128.load(p), v128.load(s)))
      const tz = f32x4.mul(f32x4.mul(z, f32x4.sub(one, z)), f32x4.add(v128.load(p + width), v128.load(s + width)))
      const inner = f32x4.add(f32x4.mul(tr, q), f32x4.mul(r, v128.load(s + 2 * width)))
      const tn = f32x4.mul(f32x4.sub(one, f32x4.mul(n, n)), f32x4.add(v128.load(p + 2 * width), inner))
      const kept = f32x4.add(f32x4.mul(f32x4.sub(one, z), tn), f32x4.mul(z, v128.load(beforeTangent + at)))
      const turned = f32x4.mul(tz, f32x4.sub(v128.load(before + at), n))
      storeFew(afterTangent + at, f32x4.add(kept, turned), size - j)
    }
    gates += 3 * width
    recurrent += 3 * width
    before += width
    gatesTangent += 3 * width
    recurrentTangent += 3 * width
    beforeTangent += width
    afterTangent += width
  }
}

/** Row r of `to` = a + b where keep[r] is not 0, else zeros. `b` 0: nothing is added; `keep` 0: every row is kept. */
export function keepRows(a: usize, aStride: usize, b: usize, keep: usize, to: usize, rows: i32, size: i32): void {
  const width = (<usize>size) << 2
  for (let row = 0; row < rows; row++) {
    const kept = keep == 0 || load<f32>(keep + ((<usize>row) << 2)) != 0
    for (let j = 0; j < size; j += 4) {
      const at = (<usize>j) << 2
      let v = f32x4.splat(0)
      if (kept) {
        v = v128.load(a + at)
        if (b != 0) v = f32x4.add(v, v128.load(b + at))
      }
      storeFew(to + at, v, size - j)
    }
    a += aStride
    if (b != 0) b += width
    to += width
  }
}
