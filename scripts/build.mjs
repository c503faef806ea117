// Runs every script `build:...` of package.json in its order, and says so in one line; where one fails, with all that it printed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ownRoot = fileURLToPath(new URL('..', import.meta.url))

/** Whether all steps of the package in a folder succeeded. `output`: where the line goes. */
export async function build(root = ownRoot, output = process.stdout) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const steps = Object.entries(scripts).filter(([name]) => name.startsWith('build:'))
  const began = performance.now()
  output.write('building ... ')
  for (const [name, command] of steps) {
    const { code, text } = await run(command, root)
    if (code === 0) continue
    output.write(`failed\n${text}${text.endsWith('\n') ? '' : '\n'}npm run ${name}: exit code ${code}: ${command}\n`)
    return false
  }
  output.write(`done in ${Math.max(1, Math.round((performance.now() - began) / 1000))} s\n`)
  return true
}

/** Runs a command as npm does, with the programs of the packages at hand. */
function run(command, root) {
  const bin = join(root, 'node_modules', '.bin')
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(command, { cwd: root, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const pieces = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => pieces.push(piece))
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('close', (code, signal) => done({ code: code ?? signal, text: Buffer.concat(pieces).toString() }))
  })
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = (await build()) ? 0 : 1
}
