// What processor this is, as the flags of /proc/cpuinfo tell where its model name says little.
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** For example `Intel Xeon, AVX-512 with AMX (Sapphire Rapids or later)`. */
export function processorName(): string {
  try {
    return describeProcessor(readFileSync('/proc/cpuinfo', 'utf8')) ?? modelName()
  } catch {
    return modelName()
  }
}

/** Of the first processor of a /proc/cpuinfo; null where it lists no flags. A model name with a number in it names the generation itself. */
export function describeProcessor(cpuinfo: string): string | null {
  const field = (name: RegExp) => new RegExp(`^(?:${name.source})\\s*: (.*)$`, 'm').exec(cpuinfo)?.[1]?.trim()
  const flags = new Set(field(/flags|Features/)?.split(' '))
  if (flags.size === 0) return null
  const name = plainName(field(/model name/) ?? (flags.has('asimd') ? 'ARM' : 'unknown'))
  const vectors = widths.find(([flag]) => flags.has(flag))?.[1] ?? 'no vectors wider than 128 bits'
  const generations = name.startsWith('AMD') ? amd : name.startsWith('Intel') ? intel : []
  const generation = /\d/.test(name) ? undefined : generations.find(([flag]) => flags.has(flag))?.[1]
  return `${name}, ${vectors}${generation === undefined ? '' : ` (${generation} or later)`}`
}

const widths = [
  ['amx_tile', 'AVX-512 with AMX'],
  ['avx512f', 'AVX-512'],
  ['avx2', 'AVX2'],
  ['sve', 'SVE'],
  ['asimd', 'NEON'],
] as const

/** By the first flag that a generation brought, newest first. */
const intel = [
  ['amx_fp16', 'Granite Rapids'],
  ['amx_tile', 'Sapphire Rapids'],
  ['avx512_vbmi2', 'Ice Lake'],
  ['avx512_vnni', 'Cascade Lake'],
  ['avx512f', 'Skylake'],
  ['avx2', 'Haswell'],
] as const

const amd = [
  ['avx512_vp2intersect', 'Zen 5'],
  ['avx512f', 'Zen 4'],
  ['vaes', 'Zen 3'],
  ['clwb', 'Zen 2'],
  ['avx2', 'Zen'],
] as const

function plainName(model: string): string {
  return model
    .replaceAll(/\((R|TM)\)/gi, '')
    .replaceAll(/\b(CPU|Processor)\b/g, '')
    .replace(/@.*$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function modelName(): string {
  return plainName(cpus()[0]?.model ?? '') || 'unknown'
}
