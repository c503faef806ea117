// How processors are named, from the /proc/cpuinfo of real machines, shortened to the flags that tell them apart.
import { describe, expect, it } from 'vitest'
import { describeProcessor, processorName } from '../../src/experiment/processor.ts'

const cpuinfo = (model: string, flags: string) =>
  `processor\t: 0\nmodel\t\t: 207\nmodel name\t: ${model}\nflags\t\t: fpu sse2 ${flags}\nbugs\t\t: none\n\nprocessor\t: 1\nmodel name\t: other\n`

describe('a processor is named', () => {
  it.each([
    [
      'Intel(R) Xeon(R) Processor',
      'avx2 avx512f avx512_vnni avx512_vbmi2 amx_bf16 amx_tile',
      'Intel Xeon, AVX-512 with AMX (Sapphire Rapids or later)',
    ],
    ['Intel(R) Xeon(R) Processor @ 2.10GHz', 'avx2 avx512f avx512_vnni', 'Intel Xeon, AVX-512 (Cascade Lake or later)'],
    ['Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz', 'avx2', 'Intel Core i7-8550U, AVX2'],
    ['AMD EPYC', 'avx2 vaes avx512f avx512_vp2intersect', 'AMD EPYC, AVX-512 (Zen 5 or later)'],
    ['AMD EPYC', 'avx2 clwb vaes avx512f', 'AMD EPYC, AVX-512 (Zen 4 or later)'],
    ['AMD EPYC Processor', 'avx2 clwb', 'AMD EPYC, AVX2 (Zen 2 or later)'],
    ['AMD EPYC 7742 64-Core Processor', 'avx2 clwb', 'AMD EPYC 7742 64-Core, AVX2'],
    ['QEMU Virtual CPU version 2.5+', '', 'QEMU Virtual version 2.5+, no vectors wider than 128 bits'],
  ])('%s with %s', (model, flags, name) => {
    expect(describeProcessor(cpuinfo(model, flags))).toBe(name)
  })

  it('without a model name by its features', () => {
    expect(describeProcessor('processor\t: 0\nFeatures\t: fp asimd sve\n')).toBe('ARM, SVE')
  })

  it('by the system where there are no flags', () => {
    expect(describeProcessor('processor\t: 0\nmodel name\t: something\n')).toBeNull()
    expect(processorName()).not.toBe('')
  })
})
