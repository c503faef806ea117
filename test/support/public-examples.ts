// What is said of public names in the source: their comments, the examples in them, and the calls that want one.
import { resolve } from 'node:path'
import { type PublicName, publicNames } from '../../scripts/public-names.mjs'

const root = resolve(import.meta.dirname, '../..')

/** The entries of the package: where each is written, and where its declarations lie in dist/. */
export const entries = [
  ['src/index.ts', 'src/index.d.ts'],
  ['src/nn/tfjs/backend.ts', 'src/nn/tfjs/backend.d.ts'],
  ['src/client/connect.ts', 'src/client/connect.d.ts'],
  ['viewer/public/stage.d.ts', 'viewer/stage.d.ts'],
] as const

/** Their names. */
export const named: readonly PublicName[] = entries.flatMap(([entry]) => publicNames(resolve(root, entry)))

export interface Example {
  /** Whose comment it is in. */
  readonly name: string
  readonly code: string
}

/** Each once, wherever its name is given on. */
export const examples: readonly Example[] = [
  ...new Map(
    named.flatMap(({ name, comment }) =>
      [...(comment ?? '').matchAll(/@example\n```ts\n([\s\S]*?)```/g)].map(([, code]) => [
        code!,
        { name, code: code! },
      ]),
    ),
  ).values(),
]

/** Parameters of a function's declaration; 0 for everything else. */
export function parametersOf({ source }: PublicName): number {
  if (!/^export (declare )?(async )?function/.test(source)) return 0
  const plain = source.replace(/\/\/.*|\/\*[\s\S]*?\*\/|'[^'\n]*'|=>/g, '')
  let depth = 0
  let commas = 0
  let last = ''
  // Type parameters come before the list, in angles of their own.
  for (const sign of plain.slice(openingOf(plain))) {
    if ('([{<'.includes(sign)) depth++
    else if (')]}>'.includes(sign) && --depth === 0) return commas + (last === ',' || last === '(' ? 0 : 1)
    else if (sign === ',' && depth === 1) commas++
    if (/\S/.test(sign)) last = sign
  }
  return 0
}

/** Where the list of parameters opens. */
function openingOf(declaration: string): number {
  let angles = 0
  for (let at = 0; at < declaration.length; at++) {
    if (declaration[at] === '<') angles++
    else if (declaration[at] === '>') angles--
    else if (declaration[at] === '(' && angles === 0) return at
  }
  return declaration.length
}
