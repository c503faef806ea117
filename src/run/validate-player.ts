// What a file with a player may get wrong before anything is played: each slip as a sentence with the remedy.
import { slip } from '../errors.ts'
import type { Algorithm } from '../learning/algorithm.ts'
import { expected, isLegal, type Option } from '../settings/option.ts'
import type { PolicyDefinition } from './written-policy.ts'

const remedy = 'write: export default defineAlgorithm({ ... }), or definePolicy({ ... })'

/**
 * Whether the default export of a file is an algorithm or a policy.
 * @param others What else it exports, for the message.
 * @throws TypeError when it is none, or something of it is missing or of the wrong type
 */
export function validatePlayer(
  exported: unknown,
  others: readonly string[],
): asserts exported is Algorithm | PolicyDefinition {
  if (exported === undefined) {
    const names = others.length === 0 ? 'nothing' : others.join(', ')
    throw new TypeError(`must export an algorithm or a policy as its default, exports ${names}; ${remedy}`)
  }
  if (!isRecord(exported)) throw new TypeError(`its default export must be an algorithm or a policy; ${remedy}`)
  const { id, description } = exported
  const isPolicy = exported.kind === 'policy' && typeof exported.create === 'function'
  const isAlgorithm =
    typeof exported.createLearner === 'function' &&
    typeof exported.unsupported === 'function' &&
    ['soft', 'oneHot', 'greedy'].includes(exported.acts as string)
  if (!isPolicy && !isAlgorithm) {
    throw new TypeError(`its default export must be what defineAlgorithm or definePolicy gives; ${remedy}`)
  }
  if (typeof id !== 'string' || !/^[A-Za-z][\w-]*$/.test(id)) {
    throw slip(`id must be a word of letters, digits, - and _, got ${show(id)}; write id: 'my_method'`, 'id')
  }
  if (typeof description !== 'string') {
    throw slip(`${id}: description must be a sentence, got ${show(description)}`, 'id')
  }
  if (!isRecord(exported.options)) throw slip(`${id}: options must be an object, got ${show(exported.options)}`, 'id')
  for (const [name, option] of Object.entries(exported.options)) validateOption(id, name, option)
}

function validateOption(id: string, name: string, option: unknown): void {
  if (!/^[A-Za-z]\w*$/.test(name) || name === 'algorithm' || name in Object.prototype) {
    throw slip(`${id}: an option must have another name than '${name}', a word of letters, digits and _`, name)
  }
  if (!isRecord(option) || typeof option.kind !== 'string' || typeof option.description !== 'string') {
    throw slip(
      `${id}: option '${name}' must be made by count, real, ratio, flag, choice, scheduled or their like, got ${show(option)}`,
      name,
    )
  }
  const described = option as unknown as Option<unknown>
  if (isLegal(described, described.default)) return
  throw slip(
    `${id}: the default of option '${name}' must be ${expected(described)}, got ${show(described.default)}`,
    name,
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? typeof value
}
