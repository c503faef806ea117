// An author's code whose `Math` and `**` give the same bits on every engine: those of src/elementary.ts.
import { pathToFileURL } from 'node:url'
import { portableMath } from '../elementary.ts'
import { compiledFile } from '../installation/package-folder.ts'

/** Replaced one by one, so that they are called directly; what else is asked of `Math` is asked of `portableMath`: `hypot` of any number. */
const functions = Object.keys(portableMath).filter(name => name !== 'hypot')
const local = (name: string) => `marlstrom_${name}`

/** An ES module, with its source map as a comment if it has one; the same text where it uses neither `Math` nor `**`. */
export async function portableCode(code: string): Promise<string> {
  if (!/\bMath\b|\*\*/.test(code.replace(/^\/\/.*$/gm, ''))) return code
  const { transform } = await import('esbuild')
  const from = JSON.stringify(pathToFileURL(compiledFile('elementary.js')).href)
  const imported = functions.map(name => `${name} as ${local(name)}`)
  const { code: text } = await transform(code, {
    loader: 'js',
    target: 'node20',
    sourcemap: 'inline',
    supported: { 'exponent-operator': false },
    define: {
      Math: local('Math'),
      ...Object.fromEntries(functions.map(name => [`Math.${name}`, local(name)])),
    },
    banner: `import { ${imported.join(', ')}, portableMath as ${local('Math')} } from ${from};`,
  })
  // What esbuild calls for `**`.
  return text.replace(/^var (__pow\d*) = Math\.pow;$/m, `var $1 = ${local('pow')};`)
}
