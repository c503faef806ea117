// Weights rearranged into panels of eight columns, [panel][inner][8], zeros where the columns end: the product kernel then
// reads them in one run.

/** Panels of W [inner, columns]. */
export function packColumns(w: usize, stride: usize, inner: i32, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j += 8) {
    const left = columns - j
    let from = w + ((<usize>j) << 2)
    if (left >= 8) {
      for (let k = 0; k < inner; k++) {
        v128.store(to, v128.load(from))
        v128.store(to, v128.load(from, 16), 16)
        from += stride
        to += 32
      }
    } else {
      for (let k = 0; k < inner; k++) {
        v128.store(to, f32x4.splat(0))
        v128.store(to, f32x4.splat(0), 16)
        for (let c = 0; c < left; c++) store<f32>(to + ((<usize>c) << 2), load<f32>(from + ((<usize>c) << 2)))
        from += stride
        to += 32
      }
    }
  }
}

/** Panels of the transpose of W [columns, inner]: panel column j is row j of W. */
export function packRows(w: usize, stride: usize, inner: i32, columns: i32, to: usize): void {
  const panel = (<usize>inner) << 5
  for (let j = 0; j < columns; j += 4) {
    const left = columns - j
    const a = w + (<usize>j) * stride
    const b = left > 1 ? a + stride : a
    const c = left > 2 ? b + stride : b
    const d = left > 3 ? c + stride : c
    let into = to + (<usize>(j >> 3)) * panel + ((<usize>(j & 4)) << 2)
    let k = 0
    for (; k + 4 <= inner; k += 4) {
      const at = (<usize>k) << 2
      const ra = v128.load(a + at)
      const rb = v128.load(b + at)
      const rc = v128.load(c + at)
      const rd = v128.load(d + at)
      const ab01 = v128.shuffle<i32>(ra, rb, 0, 4, 1, 5)
      const ab23 = v128.shuffle<i32>(ra, rb, 2, 6, 3, 7)
      const cd01 = v128.shuffle<i32>(rc, rd, 0, 4, 1, 5)
      const cd23 = v128.shuffle<i32>(rc, rd, 2, 6, 3, 7)
      v128.store(into, v128.shuffle<i64>(ab01, cd01, 0, 2))
      v128.store(into, v128.shuffle<i64>(ab01, cd01, 1, 3), 32)
      v128.store(into, v128.shuffle<i64>(ab23, cd23, 0, 2), 64)
      v128.store(into, v128.shuffle<i64>(ab23, cd23, 1, 3), 96)
      into += 128
    }
    for (; k < inner; k++) {
      const at = (<usize>k) << 2
      store<f32>(into, load<f32>(a + at))
      store<f32>(into, load<f32>(b + at), 4)
      store<f32>(into, load<f32>(c + at), 8)
      store<f32>(into, load<f32>(d + at), 12)
      into += 32
    }
  }
}
